/** Bounds on what one template may be and do. Each has a test at its value and one above. */
export const limits = {
  /** Characters of a template that has actions. */
  lengthMax: 262_144,
  /** Nesting of parentheses and blocks, stages of a pipeline, fields in a chain. */
  depthMax: 100,
  /** Calls within calls in one action, however they are written. */
  callDepthMax: 300,
  /** Function calls, loop turns and values visited in one render. */
  stepsMax: 100_000,
  /** The same, of all renders that share a count. */
  sharedStepsMax: 1_000_000,
  /** Turns of all `range` loops in one render; also the longest list a function makes. */
  iterationsMax: 50_000,
  /** Characters of one result, and of any text on the way. */
  outputMax: 1_048_576,
  /** Nesting of a value that is printed or compared. */
  valueDepthMax: 200,
  /** Compiled templates that are kept. */
  cachedMax: 4_096,
} as const
