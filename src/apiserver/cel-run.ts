import { CelFault } from "./cel-values.ts"

/** Steps that are left; a rule that needs more is ended. Shared by all rules of one object. */
export class CelBudget {
  readonly #steps: number
  #left: number

  constructor(steps: number) {
    this.#steps = steps
    this.#left = steps
  }

  /** What was used up. */
  get spent(): number {
    return this.#steps - this.#left
  }

  /** True when a rule asked for more than there was. */
  get isSpent(): boolean {
    return this.#left < 0
  }

  spend(steps: number): void {
    this.#left -= steps
    if (this.#left < 0) throw new CelFault(budgetText)
  }
}

/** What is said about a rule that takes too long. */
const budgetText = "operation cancelled: actual cost limit exceeded"

/** Names and what they stand for; the innermost first. */
export interface Scope {
  readonly name: string
  readonly value: unknown
  readonly outer: Scope | undefined
}

/** A run of one expression. */
export interface Run {
  readonly scope: Scope | undefined
  readonly budget: CelBudget
}

/** A condition's value. */
export function mustBeBool(value: unknown): boolean {
  if (typeof value !== "boolean") throw new CelFault("no such overload")
  return value
}

/** A whole number within 64 bits. */
export function int(value: bigint): bigint {
  if (value !== BigInt.asIntN(64, value)) throw new CelFault("integer overflow")
  return value
}
