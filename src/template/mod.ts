/** The template dialect: Go's template syntax, parsed, checked, and compiled; a template's text never becomes code. */
export type { FunctionDoc, Purity } from "./functions/define.ts"
export { functionCatalogue } from "./functions/registry.ts"
export type { TemplateError } from "./problem.ts"
export type { TemplateRef } from "./refs.ts"
export { type CompileOptions, compile, type Template, type TemplateFailure, type TemplateScope } from "./template.ts"
