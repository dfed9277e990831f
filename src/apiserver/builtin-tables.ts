import type { KubeObject } from "../kube/mod.ts"
import type { TableCell } from "./resource.ts"

/** The cells of one row, in the order of the kind's columns. */
export type RowOf = (object: KubeObject, nowMs: number) => readonly TableCell[]

/** How a built-in kind's rows are made. */
export function tableCells(_group: string, _kind: string): RowOf {
  return (object) => [object.metadata.name ?? "", object.metadata.creationTimestamp ?? null]
}
