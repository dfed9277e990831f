import { expect, test } from "bun:test"
import { cases, crdOf } from "../../contract/crd-recorded/cases.ts"
import recorded from "../../contract/crd-recorded/definitions.json" with { type: "json" }
import { definitions } from "../../contract/crd-recorded/definitions.ts"
import { comparable, type DefinitionAnswer, replayDefinition } from "../../contract/crd-recorded/replay-definition.ts"

// Written by tests/contract/crd-definitions.cluster.test.ts, whose records have this type.
const answers = recorded as unknown as readonly DefinitionAnswer[]

test.each(definitions.map((definition, index) => [definition.name, definition, index] as const))(
  "a CRD is judged as a real server judges it: %s",
  (_, definition, index) => {
    expect(comparable(replayDefinition(definition))).toEqual(comparable(answers[index]))
  },
)

test.each(cases.map((one) => [one.name, one] as const))("what a real server takes is taken: %s", (name, one) => {
  expect(replayDefinition({ name, crd: crdOf(one, 0) }).causes).toEqual([])
})
