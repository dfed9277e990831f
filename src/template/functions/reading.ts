import { type Condition, conditionOf } from "../../kube/mod.ts"
import type { Run } from "../run.ts"
import { field, kindOf, text } from "../values.ts"
import { lenient } from "./convert.ts"

/** The value below a path; nothing when the way ends early. */
export function at(object: unknown, ...path: readonly string[]): unknown {
  return path.reduce(field, object)
}

/** The map below a path, never nothing. */
export function mapAt(object: unknown, ...path: readonly string[]): Readonly<Record<string, unknown>> {
  const value = at(object, ...path)
  return kindOf(value) === "map" ? (value as Readonly<Record<string, unknown>>) : {} // its kind was asked for
}

/** The list below a path, never nothing. */
export function listAt(object: unknown, ...path: readonly string[]): readonly unknown[] {
  const value = at(object, ...path)
  return Array.isArray(value) ? value : []
}

/** The scalar below a path as text, else the empty text. */
export function textAt(run: Run, object: unknown, path: readonly string[]): string {
  const value = at(object, ...path)
  return kindOf(value) === "map" || kindOf(value) === "list" ? "" : text(value, run)
}

/** The whole number below a path, else 0. */
export function numberAt(object: unknown, ...path: readonly string[]): number {
  const number = Math.trunc(lenient(at(object, ...path)))
  return Number.isFinite(number) && number !== 0 ? number : 0
}

/** A condition of an object's status. */
export function conditionAt(object: unknown, type: string): Condition | undefined {
  return conditionOf(field(object, "status"), type)
}

/** Texts with commas between them, as the format writes lists; empty ones are left out. */
export function commas(run: Run, texts: readonly string[]): string {
  const joined = texts.filter((item) => item !== "").join(",")
  run.fits(joined.length)
  run.charge(texts.length)
  return joined
}

/** The name of an object, or of an entry that `enrich` made of one. */
export function nameOf(run: Run, value: unknown): string {
  if (typeof value === "string") return value
  return textAt(run, value, ["name"]) || textAt(run, value, ["metadata", "name"])
}
