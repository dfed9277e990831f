import { parseDocument } from "yaml"
import type { Diagnostic } from "../../src/base/mod.ts"
import { parsePath } from "../../src/kube/mod.ts"

/** The text after the edit that a diagnostic's help asks for; undefined where the help leaves a choice to the author. */
export function followHelp(text: string, { help = "", span, path = "" }: Diagnostic): string | undefined {
  if (span === undefined) return undefined
  const replaced = (by: string) => text.slice(0, span.start) + by + text.slice(span.end)
  const marked = text.slice(span.start, span.end)
  const meant = /^did you mean "([^"]+)"\?/.exec(help)?.[1]
  if (meant !== undefined) return replaced(marked.startsWith('"') ? `"${meant}"` : meant)
  if (/^(remove it|keep )/.test(help)) return without(text, path)
  const added = /^add "(\w+):(?: (.*))?"/.exec(help)
  if (added) return withKey(text, path, [added[1] ?? "", added[2]])
  const line = /^write "([\w.]+: .*)"$/.exec(help)?.[1]
  if (line !== undefined) return text.replace(new RegExp(`^${line.split(":")[0]}:.*$`, "m"), line)
  const written = writtenIn(help)
  return written === undefined ? undefined : replaced(written)
}

const forms: readonly RegExp[] = [
  /^write "([^"]+)"$/,
  /^write (true|false)\b/,
  /^write (\[[^\]]*\])/,
  /^write (\d+s) for seconds/,
  /^write ([\d.]+s) or more/,
  /^write (\d+\w), /,
  /for example,? ([^\s,]+)/,
  /^write one of (\w+)/,
  /^it is one of (\w+)/,
]

function writtenIn(help: string): string | undefined {
  return forms.map((form) => form.exec(help)?.[1]).find((found) => found !== undefined)
}

function without(text: string, path: string): string {
  const document = parseDocument(text)
  document.deleteIn(parsePath(path))
  return document.toString()
}

/** The value that a person would write for a key. */
const values: Readonly<Record<string, unknown>> = {
  image: "nginx",
  value: "a",
  rules: [],
  ordered: true,
  labelSelector: { app: "a" },
  crdFile: "crd.yaml",
  name: "a",
}

function withKey(text: string, path: string, [key, value]: readonly [string, string | undefined]): string {
  const document = parseDocument(text)
  document.setIn([...parsePath(path), key], value ?? values[key] ?? "a")
  return document.toString()
}
