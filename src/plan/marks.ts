import type { CrdSpec } from "../katalog/mod.ts"
import { type CompileContext, compileValue, type ValueTemplate, whereOf } from "./value.ts"

/** What stands on every custom resource of an operator. */
export interface MarksPlan {
  /** Renders to labels; undefined: none are written. */
  readonly labels: ValueTemplate | undefined
  /** Beside our own: set with the first pass, taken off when the deletion is done. */
  readonly finalizers: readonly string[]
  /** True: those of others are taken off too when the deletion is done. */
  readonly removesFinalizers: boolean
  /** Where the labels are written. */
  readonly where: string
}

/** Compiles it. */
export function compileMarks({ marks }: CrdSpec, compile: CompileContext): MarksPlan {
  const { labels, finalizers, removesFinalizers, at } = marks
  const hasLabels = Object.keys(labels).length > 0
  const where = whereOf(compile.spans, at)
  return { labels: hasLabels ? compileValue(labels, at, compile) : undefined, finalizers, removesFinalizers, where }
}

/** What the labels read. */
export function marksRefs({ labels }: MarksPlan): readonly (readonly string[])[] {
  return labels?.refs ?? []
}

/** The meaning of the marks: part of a fingerprint. */
export function marksSource({ labels, finalizers, removesFinalizers }: MarksPlan): unknown {
  return [labels?.source, finalizers, removesFinalizers]
}
