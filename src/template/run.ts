import type { Code, Random } from "../base/mod.ts"
import { limits } from "./limits.ts"

/** Ends a render; caught in `template.ts`, which adds the place. */
export class Failure extends Error {
  readonly code: Code

  constructor(code: Code, message: string) {
    super(message)
    this.code = code
  }
}

/** Gives up because a value is of the wrong kind. */
export function typeFailure(message: string): never {
  throw new Failure("template/type", message)
}

/** Gives up because a function cannot do its work with these arguments. */
export function functionFailure(message: string): never {
  throw new Failure("template/function", message)
}

/** Gives up because a bound is reached. */
export function budgetFailure(message: string): never {
  throw new Failure("template/budget", message)
}

/** What one render has and may still use. Generated code writes `at`, the number of the call in progress. */
export class Run {
  at = -1
  readonly nowMs: number
  readonly random: Random
  /** The data: what functions of the author's own begin at, wherever they are called. */
  readonly root: unknown
  #steps: number
  #iterations = 0
  #looks = 0
  #seen: Map<object, boolean> | undefined

  constructor(options: {
    readonly nowMs: number
    readonly random: Random
    readonly steps: number
    readonly root?: unknown
  }) {
    this.root = options.root
    this.nowMs = options.nowMs
    this.random = options.random
    this.#steps = options.steps
  }

  /** What it has used. */
  get steps(): number {
    return this.#steps
  }

  /** Counts work; fails when it is too much. */
  charge(steps: number): void {
    this.#steps += steps
    if (this.#steps > limits.stepsMax) budgetFailure(`more than ${limits.stepsMax} steps`)
  }

  /** Counts the work of reading a text once. */
  chargeText(text: string): void {
    if (text.length > 255) this.charge(text.length >> 7)
  }

  /**
   * Whether a map has keys. Looking costs as much as the map is large, so a render that looks often remembers: else a
   * loop over one large field that tests another would take minutes.
   */
  hasKeys(map: object): boolean {
    if (++this.#looks <= 64) return hasOwnKeys(map)
    this.#seen ??= new Map()
    const known = this.#seen.get(map)
    if (known !== undefined) return known
    const found = hasOwnKeys(map)
    this.#seen.set(map, found)
    return found
  }

  /** Counts one turn of a loop whose body costs `steps`. */
  turn(steps: number): void {
    if (++this.#iterations > limits.iterationsMax) budgetFailure(`more than ${limits.iterationsMax} turns of range`)
    this.charge(steps)
  }

  /** Fails when the result so far is too long. */
  fits(length: number): void {
    if (length > limits.outputMax) budgetFailure(`a text of more than ${limits.outputMax} characters`)
  }
}

function hasOwnKeys(map: object): boolean {
  for (const key in map) if (Object.hasOwn(map, key)) return true
  return false
}
