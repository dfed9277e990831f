import { describe, expect, test } from "bun:test"
import type { Recording } from "../../contract/ssa-recorded/record.ts"
import recordings from "../../contract/ssa-recorded/recorded.json" with { type: "json" }
import { replay } from "../../contract/ssa-recorded/replay.ts"

// Written by tests/contract/ssa.cluster.test.ts, whose records have this type.
const all = recordings as unknown as readonly Recording[]

test("enough was recorded", () => expect(all.length).toBeGreaterThanOrEqual(60))

describe.each(all.map((recording) => [recording.name, recording] as const))("%s", (_, { steps, refilled }) => {
  test.each(steps.map((step, index) => [index, step] as const))("step %d is answered as the server did", (_, step) => {
    expect(replay(step, refilled)).toEqual([])
  })
})
