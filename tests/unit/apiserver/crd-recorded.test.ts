import { describe, expect, test } from "bun:test"
import { cases } from "../../contract/crd-recorded/cases.ts"
import type { Recording } from "../../contract/crd-recorded/record.ts"
import recorded from "../../contract/crd-recorded/recorded.json" with { type: "json" }
import { replay } from "../../contract/crd-recorded/replay.ts"

// Written by tests/contract/crd.cluster.test.ts, whose records have this type.
const recordings = recorded as unknown as readonly Recording[]

test("every case was recorded", () => {
  expect(recordings.map(({ name, answers }) => [name, answers.length])).toEqual(
    cases.map(({ name, rows }) => [name, rows.length]),
  )
})

describe.each(cases.map((one) => [one.name, one] as const))("%s", (name, one) => {
  const answers = recordings.find((recording) => recording.name === name)?.answers ?? []
  test.each(one.rows.map((row, index) => [JSON.stringify(row), row, index] as const))("%s", (_, row, index) => {
    // A recording is JSON: members that are undefined are not in it.
    expect(JSON.parse(JSON.stringify(replay(one, row)))).toEqual(answers[index])
  })
})
