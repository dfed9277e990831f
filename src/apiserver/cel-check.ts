import type { Expr } from "./cel.ts"
import { celFunction, isCelNamespace } from "./cel-functions.ts"
import { isMacroName, macroOf, variablesOf } from "./cel-macros.ts"
import { any, type CelShape, fits, plain, resultOf, shapeName, shapeOf } from "./cel-types.ts"
import { typeNameOf } from "./cel-values.ts"

/** A mistake in an expression, and where. */
export interface CelMistake {
  readonly message: string
  readonly at: number
}

/** What an expression gives, and what is wrong with it. */
export interface CelVerdict {
  readonly shape: CelShape
  readonly mistakes: readonly CelMistake[]
}

type Names = ReadonlyMap<string, CelShape>

/** Checks an expression without running it. What it lets pass may still fail when it runs. */
export function checkCel(expr: Expr, names: Names): CelVerdict {
  const checker = new Checker()
  const shape = checker.shape(expr, names)
  return { shape, mistakes: checker.mistakes }
}

const typeNames = new Set(["bool", "bytes", "double", "int", "list", "map", "null_type", "string", "type", "uint"])
const numbers = new Set(["int", "uint", "double"])
const bool = plain("bool")

class Checker {
  readonly mistakes: CelMistake[] = []

  shape(expr: Expr, names: Names): CelShape {
    switch (expr.op) {
      case "value":
        return expr.value === null ? any : plain(typeNameOf(expr.value))
      case "name":
        return names.get(expr.name) ?? (typeNames.has(expr.name) ? any : this.#say(expr.at, undeclared(expr.name)))
      case "field":
        return this.#field(expr, names)
      case "index": {
        const of = this.shape(expr.of, names)
        this.shape(expr.index, names)
        const inner = of.kind === "optional" ? of.of : of
        const found = inner.kind === "list" || inner.kind === "map" ? inner.of : any
        return expr.isOptional || of.kind === "optional" ? { kind: "optional", of: found } : found
      }
      case "list": {
        const shapes = expr.items.map((item) => this.shape(item, names))
        const [first = any] = shapes
        return { kind: "list", of: shapes.every((shape) => fits(first, shape)) ? first : any }
      }
      case "map":
        for (const [key, value] of expr.entries) for (const part of [key, value]) this.shape(part, names)
        return any
      case "struct":
        for (const [, value] of expr.fields) this.shape(value, names)
        return plain(expr.type)
      case "if": {
        this.#condition(expr.args[0], names)
        const [left, right] = [this.shape(expr.args[1], names), this.shape(expr.args[2], names)]
        return fits(left, right) ? left : any
      }
      case "and":
      case "or":
        for (const side of expr.args) this.#condition(side, names)
        return bool
      case "unary":
        if (expr.operator === "-") return this.shape(expr.args[0], names)
        this.#condition(expr.args[0], names)
        return bool
      case "binary":
        return this.#binary(expr, names)
      case "call":
        return this.#call(expr, names)
    }
  }

  #say(at: number, message: string): CelShape {
    this.mistakes.push({ at, message })
    return any
  }

  #condition(expr: Expr, names: Names): void {
    const shape = this.shape(expr, names)
    if (!fits(shape, bool)) this.#say(expr.at, `expected type 'bool' but found '${shapeName(shape)}'`)
  }

  #field(expr: Extract<Expr, { op: "field" }>, names: Names): CelShape {
    const of = this.shape(expr.of, names)
    const inner = of.kind === "optional" ? of.of : of
    const found = this.#member(inner, expr)
    return expr.isOptional || of.kind === "optional" ? { kind: "optional", of: found } : found
  }

  #member(of: CelShape, { name, at }: Extract<Expr, { op: "field" }>): CelShape {
    switch (of.kind) {
      case "any":
        return any
      case "map":
        return of.of
      case "object": {
        const schema = of.fields.get(name)
        return (schema && shapeOf(schema)) ?? this.#say(at, `undefined field '${name}'`)
      }
      default:
        return this.#say(at, `type '${shapeName(of)}' does not support field selection`)
    }
  }

  #binary(expr: Extract<Expr, { op: "binary" }>, names: Names): CelShape {
    const { operator, args, at } = expr
    const [left, right] = [this.shape(args[0], names), this.shape(args[1], names)]
    const isKnown = left.kind !== "any" && right.kind !== "any"
    const refuse = () =>
      this.#say(
        at,
        `found no matching overload for '_${operator}_' applied to '(${shapeName(left)}, ${shapeName(right)})'`,
      )
    if (operator === "in") {
      const wrong = isKnown && right.kind !== "list" && right.kind !== "map"
      if (wrong || (right.kind === "list" && !fits(left, right.of))) {
        this.#say(at, `found no matching overload for '@in' applied to '(${shapeName(left)}, ${shapeName(right)})'`)
      }
      return bool
    }
    if (operator === "==" || operator === "!=") {
      if (!fits(left, right)) refuse()
      return bool
    }
    if (/^[<>]/.test(operator)) {
      const isNumbers = [left, right].every((shape) => shape.kind === "plain" && numbers.has(shape.name))
      if (isKnown && !isNumbers && !fits(left, right)) refuse()
      return bool
    }
    if (!isKnown) return any
    const isTime = [left, right].some(
      (shape) => shape.kind === "plain" && /^(timestamp|duration)$|Timestamp|Duration/.test(shape.name),
    )
    if (isTime) return any
    return fits(left, right) ? left : refuse()
  }

  #call(expr: Extract<Expr, { op: "call" }>, names: Names): CelShape {
    if (macroOf(expr) !== undefined) return this.#macro(expr, names)
    const { name, target, args, at } = expr
    if (target?.op === "name" && !names.has(target.name) && isCelNamespace(target.name)) {
      for (const arg of args) this.shape(arg, names)
      if (celFunction(`${target.name}.${name}`) === undefined)
        return this.#say(at, undeclared(`${target.name}.${name}`))
      return any
    }
    const of = target && this.shape(target, names)
    const shapes = args.map((arg) => this.shape(arg, names))
    const key = `${target === undefined ? "" : "."}${name}`
    if (celFunction(key) === undefined && !(target !== undefined && isMacroName(name))) {
      return this.#say(at, undeclared(name))
    }
    const result = resultOf(key, of, shapes)
    if (result !== undefined) return result
    const applied = `(${shapes.map(shapeName).join(", ")})`
    const where = of === undefined ? applied : `${shapeName(of)}.${applied}`
    return this.#say(at, `found no matching overload for '${name}' applied to '${where}'`)
  }

  #macro(expr: Extract<Expr, { op: "call" }>, names: Names): CelShape {
    const { name, target, args } = expr
    if (name === "has") return this.#has(expr, names)
    const of = target === undefined ? any : this.shape(target, names)
    const variables = variablesOf(expr) ?? []
    if (name === "or" || name === "orValue") {
      const other = args[0] === undefined ? any : this.shape(args[0], names)
      if (of.kind !== "optional") return any
      return name === "or" ? of : of.of.kind === "any" ? other : of.of
    }
    const inner = new Map(names)
    const element = of.kind === "list" || of.kind === "optional" ? of.of : of.kind === "map" ? plain("string") : any
    const [first = "", second] = variables
    inner.set(first, second !== undefined && of.kind === "list" ? plain("int") : element)
    if (second !== undefined) inner.set(second, of.kind === "list" || of.kind === "map" ? of.of : any)
    const bodies = args.slice(variables.length)
    const shapes = bodies.map((body) => this.shape(body, inner))
    const last = shapes.at(-1) ?? any
    if (name === "map" || name === "transformList") return { kind: "list", of: last }
    if (name === "filter") return { kind: "list", of: element }
    if (name === "optMap") return { kind: "optional", of: last }
    if (name === "sortBy") return of
    if (name === "optFlatMap") return last
    if (name === "transformMap") return { kind: "map", of: last }
    const [condition] = bodies
    if (condition !== undefined && !fits(last, bool)) {
      this.#say(condition.at, `expected type 'bool' but found '${shapeName(last)}'`)
    }
    return bool
  }

  #has(expr: Extract<Expr, { op: "call" }>, names: Names): CelShape {
    const [arg] = expr.args
    if (arg?.op !== "field") {
      this.#say(arg?.at ?? expr.at, "invalid argument to has() macro")
      return bool
    }
    const before = this.mistakes.length
    this.#field(arg, names)
    // A mistake in the argument itself is told at the macro.
    const own = this.mistakes[before]
    if (own !== undefined && own.at === arg.at) this.mistakes[before] = { ...own, at: expr.at }
    return bool
  }
}

function undeclared(name: string): string {
  return `undeclared reference to '${name}' (in container '')`
}

/** Mistakes as the server lists them, each with its line and a mark below. */
export function renderMistakes(text: string, mistakes: readonly CelMistake[]): string {
  const one = ({ at, message }: CelMistake): string => {
    const before = text.slice(0, at).split("\n")
    const line = before.length
    const column = before.at(-1)?.length ?? 0
    const shown = text.split("\n")[line - 1] ?? ""
    return `ERROR: <input>:${line}:${column + 1}: ${message}\n | ${shown}\n | ${".".repeat(column)}^`
  }
  return mistakes.map(one).join("\n")
}
