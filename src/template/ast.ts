/** Where a node stands in the template text, in UTF-16 offsets; `end` is exclusive. */
export interface Place {
  readonly start: number
  readonly end: number
}

/** A value to compute. Pipelines are already calls: `a | f x` is `f x a` with `piped`. */
export type Expr = Place &
  (
    | { readonly kind: "literal"; readonly value: string | number | boolean | null }
    | { readonly kind: "dot" }
    /** `$name`; the name `$` is the root. */
    | { readonly kind: "variable"; readonly name: string }
    | { readonly kind: "field"; readonly target: Expr; readonly names: readonly string[] }
    | CallExpr
  )

/** A function call. When `piped`, the last argument came through `|`. */
export interface CallExpr extends Place {
  readonly kind: "call"
  readonly name: string
  /** Where the name alone stands, for errors about it. */
  readonly nameStart: number
  readonly nameEnd: number
  readonly args: readonly Expr[]
  readonly piped: boolean
}

/** What stands between `{{` and `}}`: an expression, perhaps kept in variables. */
export interface Pipeline extends Place {
  readonly expr: Expr
  /** `$x :=` or, for range, `$i, $v :=`. */
  readonly variables: readonly (Place & { readonly name: string })[]
  readonly mode: "declare" | "assign" | "none"
}

/** One arm of `if` or `with`. */
export interface Branch {
  readonly pipeline: Pipeline
  readonly body: readonly Node[]
}

/** A piece of a template. */
export type Node =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "action"; readonly pipeline: Pipeline }
  | {
      readonly kind: "if" | "with"
      readonly branches: readonly Branch[]
      readonly otherwise: readonly Node[] | undefined
    }
  | {
      readonly kind: "range"
      readonly pipeline: Pipeline
      readonly body: readonly Node[]
      readonly otherwise: readonly Node[] | undefined
    }
  | { readonly kind: "break" | "continue" }
