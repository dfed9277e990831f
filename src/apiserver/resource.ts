import type { FieldSet, Gvr, KubeObject, Schema, SchemaSet, StatusCause } from "../kube/mod.ts"

/** What can be asked of a resource. */
export type Verb = "create" | "delete" | "deletecollection" | "get" | "list" | "patch" | "update" | "watch"

/** Who asks, when, and for which endpoint; all that a strategy may know beside the objects. */
export interface RequestContext {
  readonly user: { readonly name: string; readonly groups: readonly string[] }
  /** The time of the request, RFC 3339 in seconds. */
  readonly now: string
  /** "" for the object itself, else `status`, `scale` ... */
  readonly subresource: string
  readonly dryRun: boolean
  /** What is stored under a prefix, for what must be there only once; without it nothing is. */
  readonly list?: (prefix: string) => readonly KubeObject[]
}

/** The paths behind `/scale`, as dotted paths into the object. */
export interface Scale {
  readonly specReplicas: string
  readonly statusReplicas: string
  readonly labelSelector: string | undefined
}

/** One endpoint below an object. */
export interface Subresource {
  readonly name: string
  /** The kind it speaks, when it is not the object's own: `autoscaling/v1, Kind=Scale`. */
  readonly gvk?: { readonly group: string; readonly version: string; readonly kind: string }
  readonly verbs: readonly Verb[]
  readonly scale?: Scale
}

/** A value of a table row. */
export type TableCell = string | number | boolean | null

/** One column of kubectl's tables, and how its cell is read from an object. */
export interface PrinterColumn {
  readonly name: string
  readonly type: string
  readonly format: string
  readonly description: string
  /** 0 is always shown, above it only with `-o wide`. */
  readonly priority: number
  readonly cell: (object: KubeObject, nowMs: number) => TableCell
}

/** The rules of one kind. All functions are pure and return new values. */
export interface Strategy {
  /** Fills defaults and canonical spellings of any object of this kind that is about to be stored or was just decoded. */
  complete(object: KubeObject): KubeObject
  /** What a create sets or drops: status, generation, allocated values. */
  prepareCreate(object: KubeObject, context: RequestContext): KubeObject
  /** What an update keeps from the old object (status or spec, by subresource), and the generation. */
  prepareUpdate(object: KubeObject, old: KubeObject, context: RequestContext): KubeObject
  /** Beyond the schema: required fields, formats, immutable fields. `old` is undefined for a create. */
  validate(object: KubeObject, old: KubeObject | undefined, context: RequestContext): readonly StatusCause[]
  /** Whether another object has meanwhile what this one was given: then it is prepared again. Absent: never. */
  readonly isTaken?: (object: KubeObject, context: RequestContext) => boolean
  /** Texts for Warning headers. */
  warnings(object: KubeObject, old: KubeObject | undefined): readonly string[]
}

/** One resource as it is served in one version. */
export interface Resource {
  readonly gvr: Gvr
  readonly kind: string
  readonly listKind: string
  readonly singular: string
  readonly shortNames: readonly string[]
  readonly categories: readonly string[]
  readonly namespaced: boolean
  readonly verbs: readonly Verb[]
  readonly subresources: readonly Subresource[]
  /** `apps/deployments`: where its objects are kept, the same for all versions. */
  readonly prefix: string
  /** The version in which objects are stored; differs from `gvr.version` only for CRDs with several versions. */
  readonly storageVersion: string
  /** The schema of the whole object; undefined lets everything pass. */
  readonly schema: Schema | undefined
  readonly set: SchemaSet
  /** What every request to it is warned of: this version should be used no more. */
  readonly deprecation?: string
  /** True for resources of CRDs: stricter about the header, pruned by schema. */
  readonly isCustom: boolean
  readonly columns: readonly PrinterColumn[]
  /** What field selectors may name beside metadata.name and metadata.namespace. */
  readonly selectable: Readonly<Record<string, (object: KubeObject) => string>>
  /** Fields a write through an endpoint never changes, by subresource ("" is the object itself). */
  readonly reset: (subresource: string) => FieldSet
  readonly strategy: Strategy
  /** Converts an object to another served version; absent when all versions look alike. Rejects with a Refusal. */
  readonly convert?: (objects: readonly KubeObject[], apiVersion: string) => Promise<readonly KubeObject[]>
}
