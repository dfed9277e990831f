import { afterAll, beforeAll, expect, test } from "bun:test"
import { join } from "node:path"
import { isKubeObject, isRecord } from "../../src/kube/mod.ts"
import { sendTo } from "../support/ask.ts"
import { TestCluster } from "../support/cluster.ts"
import type { Send } from "./apiserver/interaction.ts"
import { type Definition, definitions } from "./crd-recorded/definitions.ts"
import { sorted } from "./crd-recorded/replay.ts"
import { comparable, type DefinitionAnswer, replayDefinition, storedOf } from "./crd-recorded/replay-definition.ts"

const recordedPath = join(import.meta.dir, "crd-recorded/definitions.json")
const crds = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"

if (TestCluster.available()) {
  let cluster: TestCluster
  const answers: DefinitionAnswer[] = []

  beforeAll(async () => {
    cluster = await TestCluster.start()
    const send = await sendTo(cluster)
    for (const definition of definitions) answers.push(await record(definition, send))
    const lines = answers.map((answer) => JSON.stringify(answer)).join(",\n")
    if (process.env["UPDATE_RECORDED"] === "1") await Bun.write(recordedPath, `[\n${lines}\n]\n`)
  }, 300_000)

  afterAll(async () => {
    await cluster[Symbol.asyncDispose]()
  })

  test.each(definitions.map((one, index) => [one.name, one, index] as const))("%s", (_, definition, index) => {
    expect(comparable(replayDefinition(definition))).toEqual(comparable(answers[index]))
  })
} else test.skip("CRDs on a real API server", () => undefined)

async function record({ name, crd, next }: Definition, send: Send): Promise<DefinitionAnswer> {
  if (next === undefined) return answered(name, await ask(send, "POST", `${crds}?dryRun=All`, crd))
  const metadata = isRecord(crd["metadata"]) ? crd["metadata"] : {}
  const path = `${crds}/${metadata["name"]}`
  await ask(send, "POST", crds, crd)
  let live = await settled(send, path)
  const { resourceVersion } = isRecord(live["metadata"]) ? live["metadata"] : {}
  const wanted = isRecord(next["metadata"]) ? next["metadata"] : {}
  live = { ...next, metadata: { ...wanted, name: metadata["name"], resourceVersion }, status: live["status"] }
  const answer = answered(name, await ask(send, "PUT", `${path}?dryRun=All`, live))
  await ask(send, "DELETE", path)
  while ((await ask(send, "GET", path)).code !== 404) await Bun.sleep(50)
  return answer
}

/** A CRD that nobody writes any more: both conditions are there, and a moment has passed. */
async function settled(send: Send, path: string): Promise<Readonly<Record<string, unknown>>> {
  for (let tries = 0; tries < 200; tries++) {
    const { body } = await ask(send, "GET", path)
    const conditions = isRecord(body["status"]) ? body["status"]["conditions"] : undefined
    if (Array.isArray(conditions) && conditions.length > 1) {
      await Bun.sleep(300)
      return (await ask(send, "GET", path)).body
    }
    await Bun.sleep(50)
  }
  throw new Error(`${path} was not established`)
}

interface Reply {
  readonly code: number
  readonly body: Readonly<Record<string, unknown>>
  readonly warnings: readonly string[]
}

async function ask(send: Send, method: string, path: string, body?: unknown): Promise<Reply> {
  const text = body === undefined ? undefined : JSON.stringify(body)
  const response = await send({ method, path, headers: { "Content-Type": "application/json" }, body: text })
  const value: unknown = await response.json()
  const header = response.headers.get("Warning") ?? ""
  const warnings = [...header.matchAll(/299 - "((?:[^"\\]|\\.)*)"/g)].map(([, warning = ""]) =>
    warning.replace(/\\(.)/g, "$1"),
  )
  return { code: response.status, body: isRecord(value) ? value : {}, warnings }
}

function answered(name: string, { body, warnings: texts }: Reply): DefinitionAnswer {
  const warnings = texts.length > 0 ? { warnings: texts } : {}
  if (isKubeObject(body) && body.kind !== "Status") return { name, causes: [], stored: storedOf(body), ...warnings }
  const causes = isRecord(body["details"]) ? body["details"]["causes"] : undefined
  return { name, causes: Array.isArray(causes) ? sorted(causes) : [{ message: String(body["message"]) }] }
}
