import { afterAll, beforeAll, describe, expect, test } from "bun:test"
import { join } from "node:path"
import { isRecord } from "../../src/kube/mod.ts"
import { askCluster } from "../support/ask.ts"
import { TestCluster } from "../support/cluster.ts"
import { cases } from "./crd-recorded/cases.ts"
import { type Recording, record } from "./crd-recorded/record.ts"
import { replay } from "./crd-recorded/replay.ts"

const recordedPath = join(import.meta.dir, "crd-recorded/recorded.json")

if (TestCluster.available()) {
  let cluster: TestCluster
  const recordings: Recording[] = []

  beforeAll(async () => {
    cluster = await TestCluster.start()
    const ask = await askCluster(cluster)
    const bodyOf = async (method: string, path: string, body?: unknown) => {
      const answer = await ask({ method, path, body }).catch(() => undefined) // plain text while a CRD is not served
      return isRecord(answer?.body) ? answer.body : {}
    }
    for (const [index, one] of cases.entries()) recordings.push(await record(one, index, bodyOf))
    if (process.env["UPDATE_RECORDED"] === "1") await Bun.write(recordedPath, render(recordings))
  }, 300_000)

  afterAll(async () => {
    await cluster[Symbol.asyncDispose]()
  })

  describe.each(cases.map((one) => [one.name, one] as const))("%s", (name, one) => {
    test.each(one.rows.map((row, index) => [JSON.stringify(row), row, index] as const))("%s", (_, row, index) => {
      const answers = recordings.find((recording) => recording.name === name)?.answers ?? []
      expect(JSON.parse(JSON.stringify(replay(one, row)))).toEqual(answers[index])
    })
  })
} else test.skip("custom resources on a real API server", () => undefined)

// One line for each answer, so that a change of one is one line.
function render(all: readonly Recording[]): string {
  const one = ({ name, answers }: Recording) =>
    `{"name":${JSON.stringify(name)},"answers":[\n${answers.map((answer) => JSON.stringify(answer)).join(",\n")}\n]}`
  return `[\n${all.map(one).join(",\n")}\n]\n`
}
