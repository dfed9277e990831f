import { coerce, isRecord, type Schema, type SchemaType, schemaType } from "../kube/mod.ts"
import { arrange } from "./arrange.ts"
import type { CallExpr, Expr, Node, Pipeline, Place } from "./ast.ts"
import type { FunctionLookup } from "./functions/lookup.ts"
import { Scopes } from "./scopes.ts"
import { sourceOf, type Template } from "./template.ts"
import {
  elementOf,
  isUnknown,
  madeBy,
  neverFits,
  nouns,
  rootType,
  type StepProblem,
  stepInto,
  type Target,
  type Typed,
  type TypeWorld,
  unknownType,
} from "./value-types.ts"

/** A mistake in what a template reads or yields, with offsets into its text. */
export interface TypeProblem extends StepProblem, Place {}

type Found = Typed & Place

/** What is known of a template before it is rendered. */
export interface TemplateTypes {
  readonly problems: readonly TypeProblem[]
  /** Of one action: the values that it can yield. */
  readonly values: readonly Found[]
  /** Of everything else: the pieces that the text is made of. */
  readonly pieces: readonly Node[] | undefined
}

interface Walk {
  readonly text: string
  readonly world: TypeWorld
  readonly functions: FunctionLookup
  readonly problems: TypeProblem[]
  readonly scopes: Scopes<Typed>
  /** Variables that are set a second time may hold either value. */
  readonly reassigned: ReadonlySet<string>
  dot: Typed
}

const known = new WeakMap<TypeWorld, Map<Template, TemplateTypes>>()

/** Finds what is wrong with the paths that a template reads, and the types of what it yields. */
export function typesOf(template: Template, world: TypeWorld): TemplateTypes {
  const inWorld = known.get(world) ?? new Map<Template, TemplateTypes>()
  known.set(world, inWorld)
  const types = inWorld.get(template) ?? findTypes(template, world)
  inWorld.set(template, types)
  return types
}

function findTypes(template: Template, world: TypeWorld): TemplateTypes {
  const { nodes, functions } = sourceOf(template)
  const walk: Walk = {
    text: template.text,
    world,
    functions,
    problems: [],
    scopes: new Scopes(),
    reassigned: new Set(reassignedIn(nodes)),
    dot: rootType(world),
  }
  const [only] = nodes
  if (nodes.length === 1 && only?.kind === "action" && only.pipeline.variables.length === 0) {
    const values = infer(walk, only.pipeline.expr)
    return { problems: walk.problems, values, pieces: undefined }
  }
  walkNodes(walk, nodes, walk.dot)
  return { problems: walk.problems, values: [], pieces: nodes }
}

/** Why nothing that the template can yield fits its place; undefined when something may. */
export function misfitOf(types: TemplateTypes, target: Target, world: TypeWorld): TypeProblem | undefined {
  if (types.pieces !== undefined) return textMisfit(types.pieces, target, world)
  const [first] = types.values
  if (first === undefined || !types.values.every((value) => neverFits(value, target, world.set))) return undefined
  const end = types.values.reduce((at, value) => Math.max(at, value.end), first.end)
  return { ...misfit(first, target, world), start: first.start, end }
}

/** What to say of a value that does not fit. */
export function misfit(typed: Typed, target: Target, world: TypeWorld): StepProblem {
  const to = schemaType(world.set.resolve(target.schema))
  const from = schemaType(world.set.resolve(typed.schema))
  const found = typed.literal === undefined ? named(typed, nouns[from]) : `found ${JSON.stringify(typed.literal)}`
  const advice = typed.literal === undefined ? adviceFor(typed, from, to) : undefined
  const help = advice ?? (typed.literal === undefined ? `use a field or function that gives ${nouns[to]}` : spelled[to])
  const message = `${target.name} takes ${nouns[to]}, ${found}`
  return { severity: "error", code: "ORK0502", message, help }
}

/** How a literal of a type is written. */
const spelled: Readonly<Record<SchemaType, string>> = {
  any: "write another value",
  array: "begin each item with '- '",
  boolean: "write true or false",
  "int-or-string": "write a whole number or a text",
  integer: "write a whole number, for example 2",
  number: "write a number, for example 0.5",
  object: 'write "key: value" on lines of their own, indented below the key',
  quantity: "write a number with a unit of Kubernetes: 1Gi, 500Mi, 10G, 250m",
  string: "write one text",
}

function named(typed: Typed, noun: string): string {
  return typed.name.startsWith(".") ? `${typed.name} is ${noun}` : `${typed.name || "the template"} gives ${noun}`
}

function adviceFor(typed: Typed, from: SchemaType, to: SchemaType): string | undefined {
  if (!typed.name.startsWith(".") || typed.name.endsWith("[]")) return undefined
  if (from === "string" && (to === "integer" || to === "number")) {
    return `use a number; where the text always holds one, say so: {{ ${typed.name} | toInt }}`
  }
  if (to !== "string") return undefined
  if (from === "array") return `join it: {{ join ${typed.name} "," }}`
  return from === "object" ? `name one of its fields, or print it: {{ ${typed.name} | toJson }}` : undefined
}

// Characters that no value of the type has, in any spelling that is read.
const foreign: Readonly<Partial<Record<SchemaType, RegExp>>> = {
  integer: /[^\d+\-.eE\s]/,
  number: /[^\d+\-.eE\s]/,
  boolean: /[^truefals\s]/i,
  quantity: /[^\da-z+\-.\s]/i,
}

function textMisfit(pieces: readonly Node[], target: Target, world: TypeWorld): TypeProblem | undefined {
  const to = schemaType(world.set.resolve(target.schema))
  const isWrong = to === "array" || to === "object" ? prints(pieces) : foreign[to] && surely(pieces, foreign[to])
  if (!isWrong) return undefined
  const message = `${target.name} takes ${nouns[to]}, the template gives text`
  const help = "a template keeps its type when it is one {{ }} and nothing else, also no line break"
  return { severity: "error", code: "ORK0502", message, help, start: 0, end: Number.POSITIVE_INFINITY }
}

/** True when a result can have text in it. */
function prints(nodes: readonly Node[]): boolean {
  return nodes.some((node) => {
    switch (node.kind) {
      case "text":
        return /\S/.test(node.text)
      case "action":
        return (
          node.pipeline.mode === "none" && !(node.pipeline.expr.kind === "call" && node.pipeline.expr.name === "fail")
        )
      case "range":
        return prints(node.body) || prints(node.otherwise ?? [])
      case "if":
      case "with":
        return node.branches.some((branch) => prints(branch.body)) || prints(node.otherwise ?? [])
      default:
        return false
    }
  })
}

/** True when every result has a character that `pattern` finds. */
function surely(nodes: readonly Node[], pattern: RegExp): boolean {
  return nodes.some((node) => {
    if (node.kind === "text") return pattern.test(node.text)
    if (node.kind !== "if" && node.kind !== "with") return false
    const bodies = [...node.branches.map((branch) => branch.body), node.otherwise ?? []]
    return bodies.every((body) => surely(body, pattern))
  })
}

function reassignedIn(nodes: readonly Node[]): readonly string[] {
  const of = ({ mode, variables }: Pipeline) => (mode === "assign" ? variables.map((variable) => variable.name) : [])
  return nodes.flatMap((node) => {
    if (node.kind === "action") return of(node.pipeline)
    if (node.kind === "range") {
      return [...of(node.pipeline), ...reassignedIn(node.body), ...reassignedIn(node.otherwise ?? [])]
    }
    if (node.kind !== "if" && node.kind !== "with") return []
    const branches = node.branches.flatMap((branch) => [...of(branch.pipeline), ...reassignedIn(branch.body)])
    return [...branches, ...reassignedIn(node.otherwise ?? [])]
  })
}

function walkNodes(walk: Walk, nodes: readonly Node[], dot: Typed): void {
  const outer = walk.dot
  walk.dot = dot
  walk.scopes.block(() => {
    for (const node of nodes) walkNode(walk, node)
  })
  walk.dot = outer
}

function walkNode(walk: Walk, node: Node): void {
  if (node.kind === "action") {
    declare(walk, node.pipeline, [sole(infer(walk, node.pipeline.expr))])
  } else if (node.kind === "if" || node.kind === "with") {
    walk.scopes.block(() => {
      for (const { pipeline, body } of node.branches) {
        const value = sole(infer(walk, pipeline.expr))
        declare(walk, pipeline, [value])
        walkNodes(walk, body, node.kind === "with" ? value : walk.dot)
      }
      walkNodes(walk, node.otherwise ?? [], walk.dot)
    })
  } else if (node.kind === "range") {
    walk.scopes.block(() => {
      const element = elementOf(sole(infer(walk, node.pipeline.expr)), walk.world)
      declare(walk, node.pipeline, node.pipeline.variables.length === 2 ? [unknownType, element] : [element])
      walkNodes(walk, node.body, element)
      walkNodes(walk, node.otherwise ?? [], walk.dot)
    })
  }
}

function declare(walk: Walk, pipeline: Pipeline, values: readonly Typed[]): void {
  if (pipeline.mode !== "declare") return
  for (const [index, { name }] of pipeline.variables.entries()) {
    const value = walk.reassigned.has(name) ? unknownType : (values[index] ?? unknownType)
    walk.scopes.declare(name, value)
  }
}

/** The one thing that a value can be; unknown when it can be several. */
function sole(values: readonly Typed[]): Typed {
  const [first] = values
  return first !== undefined && values.length === 1 ? first : unknownType
}

/** More alternatives than this are as good as unknown. */
const alternativesMax = 8

function infer(walk: Walk, expr: Expr): readonly Found[] {
  const at = { start: expr.start, end: expr.end }
  const found = (typed: Typed): readonly Found[] => [{ ...typed, ...at }]
  switch (expr.kind) {
    case "literal":
      return found(expr.value === null ? unknownType : literalType(expr.value))
    case "dot":
      return found(walk.dot)
    case "variable":
      return found(expr.name === "$" ? rootType(walk.world) : (walk.scopes.get(expr.name) ?? unknownType))
    case "field":
      return found(fieldType(walk, expr))
    case "call": {
      const values = callTypes(walk, expr)
      return values.length > alternativesMax ? found(unknownType) : values.map((value) => ({ ...value, ...at }))
    }
  }
}

function literalType(value: string | number | boolean): Typed {
  return { schema: { type: typeof value }, name: "", literal: value }
}

function fieldType(walk: Walk, expr: Expr & { kind: "field" }): Typed {
  let typed = sole(infer(walk, expr.target))
  let at = expr.target.kind === "dot" ? expr.start : expr.target.end
  for (const name of expr.names) {
    const dot = walk.text.indexOf(`.${name}`, at)
    const step = stepInto(typed, name, walk.world)
    at = dot + 1 + name.length
    if (step.problem) walk.problems.push({ ...step.problem, start: dot + 1, end: at })
    typed = step.typed
  }
  return typed
}

/** Functions that yield one of their arguments: which ones, after they are put in order. */
const passing: Readonly<Record<string, readonly number[]>> = {
  default: [0, 1],
  getOr: [0, 1],
  coalesce: [0, 1, 2, 3, 4, 5, 6, 7, 8],
  or: [0, 1, 2, 3, 4, 5, 6, 7, 8],
  and: [0, 1, 2, 3, 4, 5, 6, 7, 8],
  ternary: [1, 2],
  boolTernary: [1, 2],
  eqTernary: [2, 3],
  required: [1],
}

const schemaOfResult: Readonly<Record<string, Schema>> = {
  string: { type: "string" },
  number: { type: "number" },
  bool: { type: "boolean" },
  list: { type: "array" },
  map: { type: "object", additionalProperties: true },
}

function callTypes(walk: Walk, call: CallExpr): readonly Typed[] {
  const def = walk.functions.get(call.name)
  const args = (def ? arrange(call, def).args : call.args).map((arg) => infer(walk, arg))
  if (def === undefined || walk.functions.readBy(call.name) !== undefined) return [unknownType]
  const name = def.aliasOf ?? def.name
  if (Object.hasOwn(passing, name)) return (passing[name] ?? []).flatMap((index) => args[index] ?? [])
  if (name === "first" || name === "last" || name === "listGet") return [elementOf(sole(args[0] ?? []), walk.world)]
  if (name === "index") return [indexed(walk, args)]
  const result = /\)\s*(\w+)$/.exec(def.signature)?.[1] ?? ""
  const schema = Object.hasOwn(schemaOfResult, result) ? schemaOfResult[result] : undefined
  return [schema ? madeBy(call.name, schema) : unknownType]
}

// A key that does not exist is no mistake here: index is how one looks for what may be missing.
function indexed(walk: Walk, [value = [], ...keys]: readonly (readonly Found[])[]): Typed {
  let typed = sole(value)
  for (const key of keys) {
    const literal = sole(key).literal
    if (isUnknown(typed)) return unknownType
    if (typeof literal === "string") typed = stepInto(typed, literal, walk.world).typed
    else
      typed = schemaType(walk.world.set.resolve(typed.schema)) === "array" ? elementOf(typed, walk.world) : unknownType
  }
  return typed
}

/** Why a value as written can never fit; undefined when it does. */
export function literalMisfit(value: unknown, target: Target, world: TypeWorld): StepProblem | undefined {
  const schema = world.set.resolve(target.schema)
  if (coerce(value, schema, world.set).ok) return undefined
  if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") {
    return misfit(literalType(value), target, world)
  }
  const found = Array.isArray(value) ? "a list" : isRecord(value) ? "a map" : "nothing"
  const message = `${target.name} takes ${nouns[schemaType(schema)]}, found ${found}`
  return { severity: "error", code: "ORK0502", message, help: spelled[schemaType(schema)] }
}
