import { expect, test } from "bun:test"
import { logger } from "../../../src/base/mod.ts"
import { makeRoom, requestsMaxOf, watchesOf } from "../../../src/cli/request-ceiling.ts"
import { memoryFiles } from "../../support/files.ts"
import { memoryTerminal } from "../../support/terminal.ts"
import { planOf } from "../../support/world.ts"

/** A Katalog with so many CRDs, which all make ConfigMaps. */
const planWith = (crds: number) =>
  planOf(
    [
      "apiVersion: orkestra.orkspace.io/v1",
      "kind: Katalog",
      "metadata: { name: many }",
      "spec:",
      "  crds:",
      ...Array.from({ length: crds }, (_, i) => [
        `    k${i}:`,
        `      apiTypes: { group: many.example, version: v1, kind: K${i} }`,
        "      operatorBox: { onReconcile: { configMaps: [{ name: a }] } }",
      ]).flat(),
    ].join("\n"),
  )

function madeRoom(crds: number, env: Readonly<Record<string, string>> = {}, mayRestart = true) {
  const started: Readonly<Record<string, string>>[] = []
  const warnings: string[] = []
  const terminal = {
    ...memoryTerminal(memoryFiles({})),
    env,
    startAnew: (more: (typeof started)[number]) => started.push(more),
  }
  const log = logger((level, message) => level === "warn" && warnings.push(message))
  makeRoom(terminal, planWith(crds), { mayRestart, log })
  return { started, warnings }
}

test("a kind that several follow is watched once", () => {
  // Each CRD, ConfigMaps, and CRDs themselves.
  expect(watchesOf(planWith(3))).toBe(5)
})

test("with as many watches as fit nothing happens, with one more the program starts anew with room for twice as many", () => {
  expect(madeRoom(198)).toEqual({ started: [], warnings: [] })
  expect(madeRoom(199).started).toEqual([{ BUN_CONFIG_MAX_HTTP_REQUESTS: "658" }])
})

test("what was told by hand is kept to, and said when it is too little", () => {
  const env = { BUN_CONFIG_MAX_HTTP_REQUESTS: "100" }
  expect(requestsMaxOf(env)).toBe(100)
  const { started, warnings } = madeRoom(60, env)
  expect(started).toEqual([])
  expect(warnings).toEqual([expect.stringContaining("BUN_CONFIG_MAX_HTTP_REQUESTS=380")])
})

test("a process that runs already, or has read its input, says what to do", () => {
  const { started, warnings } = madeRoom(300, {}, false)
  expect([started.length, warnings.length]).toEqual([0, 1])
})
