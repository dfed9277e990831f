import { expect, test } from "bun:test"
import recorded from "../../contract/crd-recorded/definitions.json" with { type: "json" }
import { definitions } from "../../contract/crd-recorded/definitions.ts"
import { type DefinitionAnswer, replayDefinition } from "../../contract/crd-recorded/replay-definition.ts"

// Written by tests/contract/crd-definitions.cluster.test.ts, whose records have this type.
const answers = recorded as unknown as readonly DefinitionAnswer[]

test.each(definitions.map((definition, index) => [definition.name, definition, index] as const))(
  "a CRD is judged as a real server judges it: %s",
  (_, definition, index) => {
    expect(JSON.parse(JSON.stringify(replayDefinition(definition)))).toEqual(answers[index])
  },
)
