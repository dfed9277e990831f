/** Our own mistake: an invariant is false. The worker border counts it as a panic; nothing else catches it. */
export class Bug extends Error {
  override readonly name = "Bug"
}

/** Throws `Bug` unless `condition` holds. For invariants only, never for user input. */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new Bug(message)
}

/** Marks a branch that the types prove unreachable. */
export function never(value: never): never {
  throw new Bug(`unreachable value: ${String(value)}`)
}
