import { isRecord } from "../../../src/kube/mod.ts"
import { type Case, crdOf, type Row } from "./cases.ts"
import { type Answer, bodyOf, sorted } from "./replay.ts"

/** What a server said to the rows of one case. */
export interface Recording {
  readonly name: string
  readonly answers: readonly Answer[]
}

/** Sends one request; answers with the body. */
export type Ask = (method: string, path: string, body?: unknown) => Promise<Readonly<Record<string, unknown>>>

/** Tries every row of a case on a real server. */
export async function record(one: Case, index: number, ask: Ask): Promise<Recording> {
  const crd = crdOf(one, index)
  const made = await ask("POST", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", crd)
  if (made["kind"] === "Status") throw new Error(`${one.name}: ${made["message"]}`)
  const path = `/apis/recorded.example.com/v1/namespaces/default/${crd.spec.names.plural}`
  for (let tries = 0; (await ask("GET", path))["kind"] !== `${crd.spec.names.kind}List`; tries++) {
    if (tries > 200) throw new Error(`${one.name} is not served`)
    await Bun.sleep(50)
  }
  const answers: Answer[] = []
  for (const [number, row] of one.rows.entries()) answers.push(await tryRow(row, { ask, path, crd, number }))
  return { name: one.name, answers }
}

interface Trial {
  readonly ask: Ask
  readonly path: string
  readonly crd: ReturnType<typeof crdOf>
  readonly number: number
}

async function tryRow(row: Row, { ask, path, crd, number }: Trial): Promise<Answer> {
  const name = `row-${number}`
  const header = { apiVersion: "recorded.example.com/v1", kind: crd.spec.names.kind, metadata: { name } }
  if (row.old === undefined) return answerOf(await ask("POST", `${path}?dryRun=All`, { ...row.value, ...header }))
  const old = await ask("POST", path, { ...row.old, ...header })
  const metadata = isRecord(old["metadata"]) ? old["metadata"] : {}
  const next = { ...row.value, ...header, metadata: { name, resourceVersion: metadata["resourceVersion"] } }
  return answerOf(await ask("PUT", `${path}/${name}?dryRun=All`, next))
}

function answerOf(body: Readonly<Record<string, unknown>>): Answer {
  if (body["kind"] !== "Status") return { causes: [], stored: bodyOf(body) }
  const { details, message } = body
  const causes = isRecord(details) && Array.isArray(details["causes"]) ? details["causes"] : []
  return { causes: causes.length > 0 ? sorted(causes) : [{ message: String(message) }] }
}
