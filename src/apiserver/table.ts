import type { KubeObject } from "../kube/mod.ts"
import type { Resource } from "./resource.ts"

/** What of an object a table row carries. */
export type RowObject = "Metadata" | "Object" | "None"

/** `meta.k8s.io/v1, Kind=Table` of some objects. */
export function tableOf(
  resource: Resource,
  objects: readonly KubeObject[],
  options: {
    readonly nowMs: number
    readonly include: RowObject
    readonly metadata: Readonly<Record<string, unknown>>
  },
): Readonly<Record<string, unknown>> {
  return {
    kind: "Table",
    apiVersion: "meta.k8s.io/v1",
    metadata: options.metadata,
    columnDefinitions: resource.columns.map(({ cell: _, ...column }) => column),
    rows: objects.map((object) => ({
      cells: resource.columns.map((column) => column.cell(object, options.nowMs)),
      ...(options.include === "None" ? {} : { object: options.include === "Object" ? object : partialOf(object) }),
    })),
  }
}

/** `meta.k8s.io/v1, Kind=PartialObjectMetadata` of an object. */
export function partialOf(object: KubeObject): KubeObject {
  return { kind: "PartialObjectMetadata", apiVersion: "meta.k8s.io/v1", metadata: object.metadata }
}
