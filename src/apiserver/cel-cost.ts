import type { Expr } from "./cel.ts"
import {
  type CallCost,
  callCost,
  most,
  read,
  type Size,
  scalar,
  share,
  text,
  times,
  unknownSize,
} from "./cel-cost-functions.ts"
import { type Declaration, declaredAt } from "./cel-declaration.ts"
import { variablesOf } from "./cel-macros.ts"

/** What is known of a value before a rule runs. */
interface Known {
  /** The most that it takes to get it. */
  readonly cost: number
  readonly path?: readonly string[]
  /** What it is made of, where that can be told. */
  readonly type?: Declaration | undefined
  /** Its size where it was computed, or that of the variable it stands in. */
  readonly size?: Size | undefined
  readonly isVariable?: boolean
  /** The size of its items, where those were computed. */
  readonly items?: Size | undefined
}

type Names = ReadonlyMap<string, Known>

const listCost = 10
const mapCost = 30
const objectCost = 40
const one: Size = { min: 1, max: 1 }

const union = (a: Size, b: Size): Size => ({ min: Math.min(a.min, b.min), max: Math.max(a.max, b.max) })

/** The most that a rule may cost, reckoned as Kubernetes does: steps, when everything is as large as the schema lets it be. */
export function estimatedCost(expr: Expr, root: Declaration): number {
  const names = new Map(
    ["self", "oldSelf"].map((name): [string, Known] => [name, { cost: 0, path: [name], type: root }]),
  )
  return new Estimator(root).of(expr, names).cost
}

class Estimator {
  constructor(private readonly root: Declaration) {}

  of(expr: Expr, names: Names): Known {
    switch (expr.op) {
      case "value":
        return literal(expr.value)
      case "name": {
        const known = names.get(expr.name)
        return known === undefined ? { cost: 1, path: [expr.name] } : { ...known, cost: 1 }
      }
      case "field": {
        const of = this.of(expr.of, names)
        return expr.isOptional ? { cost: of.cost + 1 } : this.#member(of, expr.name)
      }
      case "index":
        return this.#index(this.of(expr.of, names), this.of(expr.index, names))
      case "list":
        return this.#list(expr.items.map((item) => this.of(item, names)))
      case "map": {
        const all = expr.entries.flat().map((part) => this.of(part, names))
        return { cost: sum(all) + mapCost, size: fixed(expr.entries.length) }
      }
      case "struct":
        return { cost: sum(expr.fields.map(([, value]) => this.of(value, names))) + objectCost }
      case "if": {
        const [condition, yes, no] = expr.args.map((arg) => this.of(arg, names)) as [Known, Known, Known] // as many as there are
        const size = union(this.#size(yes), this.#size(no))
        const items = yes.items && no.items && union(yes.items, no.items)
        return { cost: condition.cost + Math.max(yes.cost, no.cost), size, items, type: yes.type ?? no.type }
      }
      case "and":
      case "or":
        return { cost: sum(expr.args.map((arg) => this.of(arg, names))), type: scalar }
      case "unary":
        return { cost: this.of(expr.args[0], names).cost + 1, type: scalar }
      case "binary":
        return this.#binary(expr.operator, this.of(expr.args[0], names), this.of(expr.args[1], names))
      case "call":
        return this.#macro(expr, names) ?? this.#call(expr, names)
    }
  }

  /** As the estimate looks it up: what was computed, then what is declared at the path, then what the type says. */
  #size({ size, path = [], type, isVariable = false }: Known): Size {
    if (size !== undefined && !isVariable) return size
    const declared = path.length === 0 ? undefined : declaredAt(this.root, path)
    if (declared !== undefined) return { min: 0, max: declared.sizeMax }
    if (type?.kind === "scalar") return one
    return size ?? unknownSize
  }

  #member(of: Known, name: string): Known {
    const type = of.type?.kind === "map" ? of.type.of : of.type?.fields?.get(name)
    const cost = of.cost + (of.type?.kind === "dyn" ? 0 : 1)
    return { cost, path: [...(of.path ?? []), name], type }
  }

  #index(of: Known, index: Known): Known {
    const step = of.type?.kind === "map" ? "@values" : "@items"
    const known = { cost: of.cost + index.cost + 1, path: [...(of.path ?? []), step], type: of.type?.of }
    return of.items === undefined ? known : { ...known, size: of.items }
  }

  #list(items: readonly Known[]): Known {
    const sizes = items.map((item) => this.#size(item))
    const none: Size = { min: items.length === 0 ? 0 : most, max: 0 }
    const of = items[0]?.type
    const type: Declaration | undefined = of && { kind: "list", bytesMin: 2, sizeMax: items.length, of }
    return { cost: sum(items) + listCost, size: fixed(items.length), items: sizes.reduce(union, none), type }
  }

  #binary(operator: string, left: Known, right: Known): Known {
    const both = left.cost + right.cost
    const [a, b] = [this.#size(left), this.#size(right)]
    const isText = [left, right].some(({ type }) => type?.kind === "text" || type?.kind === "bytes")
    const isList = [left, right].some(({ type }) => type?.kind === "list")
    const isOpaque = [left, right].some(({ type }) => type?.kind === "opaque")
    if (isOpaque) return { cost: both + 1, type: scalar }
    if (operator === "==" || operator === "!=" || (/^[<>]/.test(operator) && isText)) {
      return { cost: both + share(Math.min(a.max, b.max), 0.1), type: scalar }
    }
    if (operator === "in") {
      const isMap = right.type?.kind === "map"
      return { cost: both + (isMap ? 1 : b.max), type: scalar }
    }
    if (operator === "+" && (isText || isList)) {
      const size = { min: Math.min(most, a.min + b.min), max: Math.min(most, a.max + b.max) }
      const items = left.items && right.items && union(left.items, right.items)
      return { cost: both + (isList ? 1 : read(size)), size, items, type: left.type ?? right.type }
    }
    return { cost: both + 1, type: scalar }
  }

  /** Loops, as they are once written out. */
  #macro(expr: Extract<Expr, { op: "call" }>, names: Names): Known | undefined {
    const { name, target, args } = expr
    if (name === "has" && target === undefined && args[0]?.op === "field") {
      return { cost: this.of(args[0].of, names).cost, type: scalar }
    }
    const variables = variablesOf(expr)
    if (variables === undefined || target === undefined) return undefined
    const range = this.of(target, names)
    const inner = new Map(names)
    const [first = "", second] = variables
    if (name === "optMap" || name === "optFlatMap") {
      const value = this.of(args[1] ?? expr, inner.set(first, { cost: 1, type: range.type }))
      return { cost: 2 * range.cost + value.cost + 4, type: value.type }
    }
    inner.set(first, this.#variable(range, second === undefined && range.type?.kind !== "map" ? "@items" : "@keys"))
    if (second !== undefined)
      inner.set(second, this.#variable(range, range.type?.kind === "map" ? "@values" : "@items"))
    const bodies = args.slice(variables.length).map((body) => this.of(body, inner))
    const count = this.#size(range)
    const loop = (each: number, around: number) => range.cost + around + times(count.max, each)
    const [body = { cost: 0 }, second_ = body] = bodies
    const put = (value: Known) => listCost + value.cost + 2
    const collected = (each: number, value: Known): Known => {
      const type: Declaration | undefined = value.type && { kind: "list", bytesMin: 2, sizeMax: 0, of: value.type }
      return { cost: loop(each, listCost + 1), size: count, items: union({ min: 0, max: 0 }, this.#size(value)), type }
    }
    switch (name) {
      case "all":
        return { cost: loop(3 + body.cost, 1), size: one, type: scalar }
      case "exists":
        return { cost: loop(4 + body.cost, 1), size: one, type: scalar }
      case "exists_one":
      case "existsOne":
        return { cost: loop(2 + body.cost, 2), size: one, type: scalar }
      case "filter":
        return collected(body.cost + put({ cost: 1 }), { ...(inner.get(first) ?? { cost: 1 }), cost: 1 })
      case "map":
      case "transformList":
        return bodies.length > 1 ? collected(body.cost + put(second_), second_) : collected(put(body), body)
      default:
        return { cost: loop(3 + sum(bodies), mapCost + 1), size: count }
    }
  }

  #variable(range: Known, step: string): Known {
    const type = step === "@keys" ? (range.type?.kind === "map" ? text : scalar) : range.type?.of
    const size = step === "@keys" ? undefined : range.items
    return {
      cost: 1,
      path: [...(range.path ?? []), step],
      type,
      ...(size === undefined ? {} : { size, isVariable: true }),
    }
  }

  #call(expr: Extract<Expr, { op: "call" }>, names: Names): Known {
    const args = expr.args.map((arg) => this.of(arg, names))
    const isSpace = expr.target?.op === "name" && !names.has(expr.target.name)
    const target = expr.target === undefined || isSpace ? undefined : this.of(expr.target, names)
    const space = isSpace && expr.target?.op === "name" ? `${expr.target.name}.` : ""
    const base = sum(args) + (target?.cost ?? 0)
    const [own, more] = this.#own(`${space}${expr.name}`, target, args)
    return { ...more, cost: Math.min(most, base + own) }
  }

  /** What a function itself costs, and what is known of its result. */
  #own(name: string, target: Known | undefined, args: readonly Known[]): CallCost {
    const sizes = args.map((arg) => this.#size(arg))
    const [first = unknownSize] = sizes
    const on = target === undefined ? first : this.#size(target)
    return callCost(name, {
      isMember: target !== undefined,
      on,
      sizes,
      type: target?.type,
      item: this.#itemSize(target),
    })
  }

  #itemSize(list: Known | undefined): Size {
    if (list === undefined) return unknownSize
    return list.items ?? this.#size({ cost: 0, path: [...(list.path ?? []), "@items"], type: list.type?.of })
  }
}

function literal(value: unknown): Known {
  if (typeof value === "string") return { cost: 0, size: fixed([...value].length), type: text }
  if (value instanceof Uint8Array) return { cost: 0, size: fixed(value.length), type: { ...text, kind: "bytes" } }
  return { cost: 0, size: one, type: scalar }
}

function fixed(size: number): Size {
  return { min: size, max: size }
}

function sum(parts: readonly Known[]): number {
  return Math.min(
    most,
    parts.reduce((total, { cost }) => total + cost, 0),
  )
}
