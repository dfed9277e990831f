/** A mistake of the template's author, with offsets into the template text. */
export interface TemplateError {
  /** `ORK0301` and so on. */
  readonly code: string
  readonly message: string
  /** An edit the author can make. */
  readonly help?: string
  readonly start: number
  readonly end: number
}

/** Carries the first syntax error out of lexer and parser; it never leaves this folder. */
export class SyntaxProblem extends Error {
  readonly problem: TemplateError

  constructor(problem: TemplateError) {
    super(problem.message)
    this.problem = problem
  }
}

/** Gives up on a template that cannot be read. */
export function syntaxProblem(message: string, start: number, end: number, help?: string): never {
  throw new SyntaxProblem(problem("ORK0301", message, { start, end }, help))
}

/** An error as a value. */
export function problem(
  code: string,
  message: string,
  place: { readonly start: number; readonly end: number },
  help?: string,
): TemplateError {
  const at = { start: place.start, end: place.end }
  return help === undefined ? { code, message, ...at } : { code, message, help, ...at }
}
