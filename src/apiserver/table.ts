import type { KubeObject } from "../kube/mod.ts"
import type { Resource } from "./resource.ts"

/** What of an object a table row carries. */
export type RowObject = "Metadata" | "Object" | "None"

/** `meta.k8s.io, Kind=Table` of some objects. */
export function tableOf(
  resource: Resource,
  objects: readonly KubeObject[],
  options: {
    readonly nowMs: number
    readonly include: RowObject
    readonly metadata: Readonly<Record<string, unknown>>
    /** Of `meta.k8s.io`. */
    readonly version: string
  },
): Readonly<Record<string, unknown>> {
  // Kinds without columns of their own have no rows rather than an empty list of them.
  const isPlain = !resource.isCustom && resource.columns.some(({ name }) => name === "Created At")
  return {
    kind: "Table",
    apiVersion: `meta.k8s.io/${options.version}`,
    metadata: options.metadata,
    columnDefinitions: resource.columns.map(({ cell: _, ...column }) => column),
    rows:
      isPlain && objects.length === 0
        ? null
        : objects.map((object) => ({
            cells: resource.columns.map((column) => column.cell(object, options.nowMs)),
            object: rowObject(object, options),
          })),
  }
}

function rowObject(
  object: KubeObject,
  { include, version }: { readonly include: RowObject; readonly version: string },
): KubeObject | null {
  if (include === "None") return null
  return include === "Object" ? object : partialOf(object, version)
}

/** `meta.k8s.io, Kind=PartialObjectMetadata` of an object. */
export function partialOf(object: KubeObject, version: string): KubeObject {
  return { kind: "PartialObjectMetadata", apiVersion: `meta.k8s.io/${version}`, metadata: object.metadata }
}
