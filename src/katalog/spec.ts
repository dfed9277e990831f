import type { Ms, Span } from "../base/mod.ts"
import type { KubeObject } from "../kube/mod.ts"

/** What a Katalog's author meant: plain data, deeply read-only, nothing optional that has a default. */
export interface KatalogSpec {
  /** `metadata.name`, or `default`. */
  readonly name: string
  readonly metadata: {
    readonly namespace: string
    readonly version?: string
    readonly description?: string
    readonly labels: Readonly<Record<string, string>>
  }
  /** In file order. Disabled entries are kept, with `enabled: false`. */
  readonly crds: readonly CrdSpec[]
}

/** One operator: a CRD and what it does for each of its objects. */
export interface CrdSpec {
  /** The key under `spec.crds`: the operator's name. */
  readonly name: string
  readonly enabled: boolean
  readonly description: string
  readonly apiTypes: ApiTypes
  /** The manifest behind `crdFile`, where one is given. */
  readonly crd: { readonly file: FileRef; readonly object: KubeObject } | undefined
  readonly crFiles: readonly FileRef[]
  readonly setup: readonly FileRef[]
  readonly workers: number
  readonly resync: Ms
  readonly queue: { readonly failureThreshold: number }
  readonly dependsOn: readonly { readonly name: string; readonly condition: "started" | "healthy" }[]
  /** Default for the entries: take declared fields back from other managers. */
  readonly forceConflict: boolean
  readonly finalizer: "auto" | "always"
  readonly operatorBox: OperatorBoxSpec
}

/** The kind that an operator watches. */
export interface ApiTypes {
  readonly group: string
  readonly version: string
  readonly kind: string
  /** Undefined: from discovery. */
  readonly plural: string | undefined
  readonly namespaced: boolean | undefined
}

/** A file that an entry names, already resolved against the Katalog's folder. */
export interface FileRef {
  /** As it can be opened. */
  readonly path: string
  /** As the author wrote it. */
  readonly written: string
  /** Where it is written, as a path into the Katalog document. */
  readonly at: string
}

/** What should exist for each custom resource, and what its status says. */
export interface OperatorBoxSpec {
  readonly onCreate: BlockSpec | undefined
  readonly onReconcile: BlockSpec | undefined
  readonly onDelete: BlockSpec | undefined
  readonly status: StatusSpec
}

/** `onCreate`, `onReconcile` or `onDelete`: entries in file order, with conditions for the whole block. */
export interface BlockSpec {
  readonly when: readonly ConditionSpec[]
  readonly or: readonly ConditionSpec[]
  readonly entries: readonly EntrySpec[]
}

/** The lists an entry can stand in, in this version. */
export type EntryKind =
  | "configMaps"
  | "secrets"
  | "services"
  | "serviceAccounts"
  | "deployments"
  | "manifests"
  | "custom"

/** One entry of a block: the objects that it makes, and how they are kept. */
export interface EntrySpec {
  readonly kind: EntryKind
  /** Where it stands: `spec.crds.web.operatorBox.onReconcile.deployments[0]`. */
  readonly at: string
  /** Stable inside the operator: `onReconcile.deployments[0]`, or the explicit `id`. */
  readonly id: string
  /**
   * The keys of its own kind, values as written (templates unevaluated); common keys are taken out.
   * Of `manifests` it is `object` alone, also when the author wrote the object bare: spans know `<at>.object` either way.
   */
  readonly fields: Readonly<Record<string, unknown>>
  readonly when: readonly ConditionSpec[]
  readonly or: readonly ConditionSpec[]
  readonly forEach: { readonly field: string; readonly as: string | undefined } | undefined
  readonly labels: Readonly<Record<string, string>>
  /** onCreate only: true makes it managed. */
  readonly reconcile: boolean
  readonly forceConflict: boolean
  readonly prune: boolean
  readonly deletionPolicy: "delete" | "retain"
  readonly adoption: "never" | "ifUnowned" | "force"
  readonly overrides: Readonly<Record<string, unknown>>
}

/** How a condition compares. */
export type Operator =
  | "equals"
  | "notEquals"
  | "contains"
  | "notContains"
  | "prefix"
  | "notPrefix"
  | "suffix"
  | "notSuffix"
  | "regex"
  | "exists"
  | "notExists"
  | "present"
  | "gt"
  | "lt"
  | "gte"
  | "lte"
  | "between"
  | "notBetween"
  | "in"
  | "notIn"
  | "typeOf"

/** One condition in its long form: shorthands are already rewritten. */
export interface ConditionSpec {
  /** A dot path into the context, or a text with templates. */
  readonly field: string
  readonly operator: Operator
  /** A scalar or a list, as written; undefined for operators without a value. May hold templates. */
  readonly value: unknown
  readonly valueType: "auto" | "string" | "int" | "float" | "bool"
  readonly negate: boolean
  readonly at: string
}

/** What is written to a custom resource's status. */
export interface StatusSpec {
  /** Write `Ready`, `Reconciling`, `Stalled` and `observedGeneration`. */
  readonly conditions: boolean
  readonly fields: readonly StatusFieldSpec[]
}

/** One declared field of the status. */
export interface StatusFieldSpec {
  /** Dot path under `status`. */
  readonly path: string
  readonly value: unknown
  readonly type: "native" | "string" | "int" | "float" | "bool" | "auto"
  readonly when: readonly ConditionSpec[]
  readonly or: readonly ConditionSpec[]
  readonly clearOnFalse: boolean
  readonly at: string
}

/** Where each value of a document stands. Kept beside the spec, so that the spec stays plain data. */
export interface Spans {
  /** The key or the value at a document path such as `spec.crds.web.workers`. */
  locate(path: string, part: "key" | "value"): Span | undefined
  /** A stretch inside a text value, by offsets into the text; the whole value where they cannot be mapped. */
  locateIn(path: string, start: number, end: number): Span | undefined
}
