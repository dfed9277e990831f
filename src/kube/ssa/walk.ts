import { goText } from "../go-text.ts"
import { isRecord } from "../object.ts"
import { depthMax } from "../schema/schema.ts"
import { type FieldPath, type FieldSet, FieldSetBuilder, formatStep } from "./field-set.ts"
import { type Form, formOf, itemShape, memberShape, type Shape, stepOf, stepTo } from "./shape.ts"

const errorsMax = 50

/**
 * The paths that a value declares: its leaves, the items of its lists, and the members of its maps that are no named
 * fields. What is atomic is one path.
 */
export function fieldsOf(value: unknown, shape: Shape): FieldSet {
  const builder = new FieldSetBuilder()
  collect(value, shape, { path: [], builder })
  return builder.set
}

interface Collecting {
  readonly path: FieldPath
  readonly builder: FieldSetBuilder
}

function collect(value: unknown, shape: Shape, at: Collecting): void {
  const form = formOf(shape, value)
  if (at.path.length > depthMax || form.kind === "scalar" || form.isAtomic) at.builder.add(at.path)
  else if (form.kind === "list") {
    if (Array.isArray(value)) collectItems(value, { form, shape }, at)
  } else if (isRecord(value)) {
    for (const [key, child] of Object.entries(value)) {
      const member = memberShape(shape, key)
      if (member === undefined || child === undefined) continue
      const path = [...at.path, `f:${key}`]
      collect(child, member.shape, { ...at, path })
      const isEmpty = child === null || (isRecord(child) && Object.keys(child).length === 0)
      if (isEmpty || !member.isNamed) at.builder.add(path)
    }
  }
}

interface ListPlace {
  readonly form: Form & { readonly kind: "list" }
  readonly shape: Shape
}

function collectItems(list: readonly unknown[], { form, shape }: ListPlace, at: Collecting): void {
  const item = itemShape(shape)
  const counts = new Map<string, number>()
  const steps = list.map((element) => stepOf(element, form.keys, item))
  for (const step of steps) if (step !== undefined) counts.set(step, (counts.get(step) ?? 0) + 1)
  for (const [index, element] of list.entries()) {
    const step = steps[index]
    if (step === undefined) continue
    const path = [...at.path, step]
    at.builder.add(path)
    // What is there twice is owned as a whole.
    if (counts.get(step) === 1) collect(element, item, { ...at, path })
  }
}

/** Why `value` does not fit its shape, in the words of an API server: `.spec.replica: field not declared in schema`. */
export function typeErrors(
  value: unknown,
  shape: Shape,
  options: { readonly allowDuplicates: boolean },
): readonly string[] {
  const errors: string[] = []
  check(value, shape, { path: "", depth: 0, errors, ...options })
  return errors
}

interface Checking {
  readonly path: string
  readonly depth: number
  readonly errors: string[]
  readonly allowDuplicates: boolean
}

function check(value: unknown, shape: Shape, at: Checking): void {
  if (value === null || value === undefined) return
  if (at.depth > depthMax) {
    fail(at, `nested deeper than ${depthMax} levels`)
    return
  }
  const form = formOf(shape, value)
  if (form.kind === "scalar") checkScalar(value, form.type, at)
  else if (form.kind === "list") {
    if (Array.isArray(value)) checkItems(value, { form, shape }, at)
    else fail(at, `expected list, got &{${goText(value)}}`)
  } else if (isRecord(value)) {
    for (const [key, child] of Object.entries(value)) {
      const inside = { ...at, path: `${at.path}.${key}`, depth: at.depth + 1 }
      const member = memberShape(shape, key)
      if (member === undefined) fail(inside, "field not declared in schema")
      else check(child, member.shape, inside)
    }
  } else fail(at, `expected map, got &{${goText(value)}}`)
}

function checkItems(list: readonly unknown[], { form, shape }: ListPlace, at: Checking): void {
  const item = itemShape(shape)
  const seen = new Set<string>()
  for (const [index, element] of list.entries()) {
    let printedStep = `[${index}]`
    if (!form.isAtomic) {
      const step = stepTo(element, form.keys, item)
      if (!step.ok) {
        fail(at, `element ${index}: ${step.error}`)
        return
      }
      printedStep = formatStep(step.value)
      if (seen.has(step.value) && !at.allowDuplicates) fail(at, `duplicate entries for key ${printedStep}`)
      seen.add(step.value)
    }
    check(element, item, { ...at, path: at.path + printedStep, depth: at.depth + 1 })
  }
}

function checkScalar(value: unknown, type: (Form & { kind: "scalar" })["type"], at: Checking): void {
  const found = typeof value
  if (type === "numeric" && found !== "number") fail(at, `expected numeric (int or float), got ${goType(value)}`)
  if (type === "string" && found !== "string") fail(at, `expected string, got ${goValue(value)}`)
  if (type === "boolean" && found !== "boolean") fail(at, `expected boolean, got ${printed(value)}`)
  if (type === "any" && found === "object") fail(at, `expected any scalar, got ${printed(value)}`)
}

function fail(at: Checking, message: string): void {
  if (at.errors.length < errorsMax) at.errors.push(at.path === "" ? message : `${at.path}: ${message}`)
}

// As Go prints a value that it knows nothing about.
function printed(value: unknown): string {
  return `&{${plain(value)}}`
}

function plain(value: unknown): string {
  if (value === null || value === undefined) return "<nil>"
  if (Array.isArray(value)) return `[${value.map(plain).join(" ")}]`
  if (!isRecord(value)) return String(value)
  const keys = Object.keys(value).sort()
  return `map[${keys.map((key) => `${key}:${plain(value[key])}`).join(" ")}]`
}

function goType(value: unknown): string {
  if (Array.isArray(value)) return "[]interface {}"
  return isRecord(value) ? "map[string]interface {}" : typeof value === "boolean" ? "bool" : typeof value
}

function goValue(value: unknown): string {
  return `&value.valueUnstructured{Value:${goLiteral(value)}}`
}

function goLiteral(value: unknown): string {
  if (value === null || value === undefined) return "interface {}(nil)"
  if (Array.isArray(value)) return `[]interface {}{${value.map(goLiteral).join(", ")}}`
  if (!isRecord(value)) return JSON.stringify(value)
  const keys = Object.keys(value).sort()
  return `map[string]interface {}{${keys.map((key) => `${JSON.stringify(key)}:${goLiteral(value[key])}`).join(", ")}}`
}
