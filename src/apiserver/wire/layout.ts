import { goYaml } from "../go-yaml.ts"

/** A JSON answer in the layout that its request asks for: as YAML, or with lines for people. Watches stay as they are. */
export function inForm(request: Request, answer: Response): Response | Promise<Response> {
  const isYaml = wantsYaml(request.headers.get("Accept") ?? "")
  const isIndented = !isYaml && wantsLines(request)
  if (!isYaml && !isIndented) return answer
  const type = answer.headers.get("Content-Type") ?? ""
  if (type !== "application/json" || isWatch(request)) return answer
  return laidOut(answer, isYaml)
}

async function laidOut(answer: Response, isYaml: boolean): Promise<Response> {
  const text = await answer.text()
  const headers = new Headers(answer.headers)
  headers.delete("Content-Length")
  if (isYaml) headers.set("Content-Type", "application/yaml")
  const value: unknown = text === "" ? undefined : JSON.parse(text)
  const body = value === undefined ? "" : isYaml ? goYaml(value) : JSON.stringify(value, undefined, 2)
  return new Response(body, { status: answer.status, headers })
}

/** YAML is asked for before anything else that is served. */
function wantsYaml(accept: string): boolean {
  const first = accept.split(",").find((part) => /^\s*(?:application\/(?:json|yaml|\*)|\*\/\*)/.test(part))
  return first !== undefined && /^\s*application\/yaml/.test(first)
}

/** Programs of people get lines. */
function wantsLines({ url, headers }: Request): boolean {
  const asked = /[?&]pretty(?:=([^&]*))?(?:&|$)/.exec(url)
  if (asked !== null) return asked[1] !== "false" && asked[1] !== "0"
  return /^(?:curl|Wget|Mozilla\/5\.0)/.test(headers.get("User-Agent") ?? "")
}

function isWatch({ url }: Request): boolean {
  return /[?&]watch=(?!0|false)/.test(url) || /\/apis?\/(?:[^/]+\/)?v[^/]+\/watch\//.test(url)
}
