/** The template dialect: Go's template syntax, parsed, checked, and compiled; a template's text never becomes code. */
export type { FunctionDoc, Purity } from "./functions/define.ts"
export type { Example } from "./functions/examples.ts"
export type { FunctionLookup } from "./functions/lookup.ts"
export { type CatalogueEntry, functionCatalogue } from "./functions/registry.ts"
export { samples } from "./functions/samples.ts"
export type { TemplateError } from "./problem.ts"
export type { TemplateRef } from "./refs.ts"
export {
  type CompileOptions,
  compile,
  type Spent,
  type Template,
  type TemplateFailure,
  type TemplateScope,
} from "./template.ts"
export { literalMisfit, misfitOf, type TemplateTypes, type TypeProblem, typesOf } from "./typecheck.ts"
export { type Defined, defineFunctions, type UserFunction } from "./user-functions.ts"
export {
  elementOf,
  listOf,
  nouns,
  rootType,
  type StepProblem,
  stepInto,
  type Target,
  type Typed,
  type TypeWorld,
} from "./value-types.ts"
