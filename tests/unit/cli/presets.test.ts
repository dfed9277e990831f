import { expect, test } from "bun:test"
import { OrkError, silent } from "../../../src/base/mod.ts"
import { untilReachable } from "../../../src/cli/presets.ts"
import { statusError } from "../../../src/kube/mod.ts"
import type { Connection } from "../../../src/runtime/mod.ts"
import { memoryFiles } from "../../support/files.ts"
import { memoryTerminal } from "../../support/terminal.ts"

const answering = (error: OrkError) =>
  // Only what `untilReachable` uses.
  ({ server: "https://a.example", user: "ann", client: { raw: () => Promise.reject(error) } }) as unknown as Connection

const reached = (error: OrkError) =>
  untilReachable(memoryTerminal(memoryFiles({})), answering(error), {
    log: silent,
    signal: new AbortController().signal,
  }).catch((thrown: unknown) => thrown)

test("credentials that the server refuses are named with the server and the user", async () => {
  const thrown = await reached(statusError("/version", 401, undefined, undefined))
  expect(thrown).toMatchObject({ code: "api/unauthorized" })
  expect(String(thrown)).toContain("https://a.example")
  expect(String(thrown)).toContain('"ann"')
})

test("a plugin that gives no credentials keeps its own words", async () => {
  const plugin = new OrkError("api/unauthorized", 'exec plugin "login": ended with 1')
  expect(await reached(plugin)).toBe(plugin)
})
