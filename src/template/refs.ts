import type { Expr, Node, Pipeline } from "./ast.ts"
import { Scopes } from "./scopes.ts"

/** A path that a template reads from the root: `["spec", "image"]`. */
export interface TemplateRef {
  readonly path: readonly string[]
  readonly start: number
  readonly end: number
  /** The author's own function that reads it; it stands where that is called. */
  readonly by?: string
}

type Known = readonly string[] | undefined

interface Walk {
  readonly found: TemplateRef[]
  readonly scopes: Scopes<{ readonly path: Known }>
  /** Where the dot points, when that is a path from the root. */
  dot: Known
}

/** Every path a template reads, in the order of the text. Below a `range` only the list itself is known. */
export function refsOf(nodes: readonly Node[]): readonly TemplateRef[] {
  const walk: Walk = { found: [], scopes: new Scopes(), dot: [] }
  walkNodes(walk, nodes, walk.dot)
  return walk.found.toSorted((a, b) => a.start - b.start)
}

function walkNodes(walk: Walk, nodes: readonly Node[], dot: Known): void {
  const outer = walk.dot
  walk.dot = dot
  walk.scopes.block(() => {
    for (const node of nodes) walkNode(walk, node)
  })
  walk.dot = outer
}

function walkNode(walk: Walk, node: Node): void {
  if (node.kind === "action") {
    walkPipeline(walk, node.pipeline, pathOf(walk, node.pipeline.expr))
  } else if (node.kind === "if" || node.kind === "with") {
    walk.scopes.block(() => {
      for (const { pipeline, body } of node.branches) {
        const path = pathOf(walk, pipeline.expr)
        walkPipeline(walk, pipeline, path)
        walkNodes(walk, body, node.kind === "with" ? path : walk.dot)
      }
      walkNodes(walk, node.otherwise ?? [], walk.dot)
    })
  } else if (node.kind === "range") {
    walk.scopes.block(() => {
      walkPipeline(walk, node.pipeline, undefined)
      walkNodes(walk, node.body, undefined)
      walkNodes(walk, node.otherwise ?? [], walk.dot)
    })
  }
}

function walkPipeline(walk: Walk, pipeline: Pipeline, path: Known): void {
  walkExpr(walk, pipeline.expr)
  for (const { name } of pipeline.variables) {
    if (pipeline.mode === "declare") walk.scopes.declare(name, { path })
    // After a second assignment, perhaps in a branch, the variable may hold either value.
    else walk.scopes.assign(name, { path: undefined })
  }
}

/** Notes the longest path of an expression, then what is inside of it. */
function walkExpr(walk: Walk, expr: Expr): void {
  const path = pathOf(walk, expr)
  if (path !== undefined && path.length > 0) walk.found.push({ path, start: expr.start, end: expr.end })
  else if (expr.kind === "field") walkExpr(walk, expr.target)
  else if (expr.kind === "call") for (const arg of expr.args) walkExpr(walk, arg)
}

function pathOf(walk: Walk, expr: Expr): Known {
  switch (expr.kind) {
    case "dot":
      return walk.dot
    case "variable":
      return expr.name === "$" ? [] : walk.scopes.get(expr.name)?.path
    case "field": {
      const target = pathOf(walk, expr.target)
      return target && [...target, ...expr.names]
    }
    default:
      return undefined
  }
}
