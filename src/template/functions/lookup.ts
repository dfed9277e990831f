import type { TemplateRef } from "../refs.ts"
import type { FunctionDef } from "./define.ts"
import { functionByName, functionNames } from "./registry.ts"

/** The functions that a template may call. */
export interface FunctionLookup {
  get(name: string): FunctionDef | undefined
  names(): Iterable<string>
  /** What a function of the author's own reads; undefined for one of ours. */
  readBy(name: string): readonly TemplateRef[] | undefined
}

/** The functions of the language alone. */
export const builtins: FunctionLookup = {
  get: functionByName,
  names: functionNames,
  readBy: () => undefined,
}
