import { seeded } from "../../../src/base/mod.ts"
import { Run } from "../../../src/template/run.ts"
import { text } from "../../../src/template/values.ts"

/** A value as an action between other text prints it. */
export function printed(value: unknown): string {
  return text(value, new Run({ nowMs: 0, random: seeded(1), steps: 0 }))
}
