import { assert } from "../../base/mod.ts"
import type { Run } from "../run.ts"

/** `pure`: the same arguments give the same value. `clock` reads the time, `random` reads randomness. */
export type Purity = "pure" | "clock" | "random"

/** What a function promises, without its code. */
export interface FunctionDoc {
  readonly name: string
  readonly family: string
  /** `trimSuffix(text, suffix) string`. */
  readonly signature: string
  readonly description: string
  readonly purity: Purity
  /** The function that this is only another name of. */
  readonly aliasOf?: string
}

interface Common extends FunctionDoc {
  readonly min: number
  readonly max: number
  /**
   * Where a piped value goes. `last` is Go's rule. `first` is for functions that name their subject first:
   * `.spec.host | trimSuffix "/"` cuts the host, not the slash.
   */
  readonly piped: "first" | "last"
  /** The other arguments are fallbacks: a single literal is the fallback wherever it stands. */
  readonly fallback: boolean
  /** Helm's function of this name has its subject last, so a literal in front is worth a warning. */
  readonly unlikeHelm: boolean
}

/** A function of the language. `call` gets the run first; a variadic one gets its arguments as one list. */
export type FunctionDef =
  | (Common & { readonly variadic: false; readonly call: (run: Run, a: unknown, b: unknown, c: unknown) => unknown })
  | (Common & { readonly variadic: true; readonly call: (run: Run, args: readonly unknown[]) => unknown })

/** Everything about a function that its signature does not say. */
export interface Traits {
  readonly purity?: Purity
  readonly piped?: "first" | "last"
  readonly fallback?: boolean
  readonly unlikeHelm?: boolean
  readonly aliasOf?: string
  /** Least number of arguments of a variadic function; its signature names one list. Default 0. */
  readonly min?: number
  readonly max?: number
}

/** Collects the functions of one family. Arguments are counted from the signature: `name(a, b, c?)`, `name(a...)`. */
export class Family {
  readonly #family: string
  readonly #defs: FunctionDef[] = []

  constructor(family: string) {
    this.#family = family
  }

  get defs(): readonly FunctionDef[] {
    return this.#defs
  }

  /** A function with up to three arguments; those left out are undefined. */
  fixed(
    signature: string,
    description: string,
    call: (run: Run, a: unknown, b: unknown, c: unknown) => unknown,
    traits: Traits = {},
  ): void {
    const { name, params } = parseSignature(signature)
    const min = params.filter((param) => !param.endsWith("?")).length
    const common = { ...this.#common(name, signature, description), ...defaults(traits), min, max: params.length }
    // The generator passes `max` arguments and then the place: a test sees to it that no function declares more.
    this.#defs.push({ ...common, variadic: false, call })
  }

  /** A function with any number of arguments, as one list. */
  variadic(
    signature: string,
    description: string,
    call: (run: Run, args: readonly unknown[]) => unknown,
    traits: Traits = {},
  ): void {
    const { name } = parseSignature(signature)
    const bounds = { min: traits.min ?? 0, max: traits.max ?? Number.POSITIVE_INFINITY }
    this.#defs.push({
      ...this.#common(name, signature, description),
      ...defaults(traits),
      ...bounds,
      variadic: true,
      call,
    })
  }

  /** Other names of functions that are already here: `newName: oldName`. */
  aliases(names: Readonly<Record<string, string>>): void {
    for (const [name, old] of Object.entries(names)) {
      const def = this.#defs.find((other) => other.name === old)
      assert(def !== undefined, `${name} is another name of a function of this family`)
      this.#defs.push({ ...def, name, signature: def.signature.replace(/^\w+/, name), aliasOf: def.aliasOf ?? old })
    }
  }

  #common(name: string, signature: string, description: string): Omit<FunctionDoc, "purity"> {
    return { name, family: this.#family, signature, description }
  }
}

function defaults(traits: Traits): Pick<Common, "purity" | "piped" | "fallback" | "unlikeHelm" | "aliasOf"> {
  return {
    ...(traits.aliasOf === undefined ? {} : { aliasOf: traits.aliasOf }),
    purity: traits.purity ?? "pure",
    piped: traits.piped ?? "last",
    fallback: traits.fallback ?? false,
    unlikeHelm: traits.unlikeHelm ?? false,
  }
}

function parseSignature(signature: string): { name: string; params: readonly string[] } {
  const match = /^(\w+)\(([^)]*)\)/.exec(signature)
  const params = (match?.[2] ?? "").split(",").map((param) => param.trim())
  return { name: match?.[1] ?? "", params: params.filter((param) => param !== "") }
}
