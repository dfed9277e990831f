import type { Ms, Span } from "../base/mod.ts"
import type { KubeObject } from "../kube/mod.ts"
import type { ConditionSpec } from "./spec-conditions.ts"
import type { CallsSpec } from "./spec-external.ts"
import type { CrossSpec, ObservedEventSpec, WatchSpec } from "./spec-observe.ts"

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
  /** What the author calls by a name, by class and name: values as written. */
  readonly profiles: readonly ProfileSpec[]
  /** The functions that every template of the Katalog may call. */
  readonly notes: readonly NoteSpec[]
  /** Who is told when an operator is degraded. */
  readonly notification: NotificationSpec | undefined
}

/** The teams that are told, each by its webhook. */
export interface NotificationSpec {
  readonly teams: readonly TeamSpec[]
}

/** One team. */
export interface TeamSpec {
  readonly name: string
  /** An address, or `$NAME` of the environment. */
  readonly webhook: string
  readonly interval: Ms
  /** A text with templates; undefined: the usual one. */
  readonly message: unknown
  readonly at: string
}

/** A template function of the author's own: a name for an expression, which is evaluated where it is called. */
export interface NoteSpec {
  readonly name: string
  readonly expression: string
  readonly description: string
  /** The author knows that a built-in function has this name. */
  readonly shadow: boolean
  readonly at: string
}

/** One Motif at one place where it is imported: reusable content, with what it was given. */
export interface MotifSpec {
  /** The names of the Motifs on the way: `platform/cache`; a second import of one is `cache#2`. */
  readonly id: string
  /** Where it is imported, `katalog.yaml:9:9`; then where that Motif is, and so on. */
  readonly chain: readonly string[]
  /** The Motif that imports this one; undefined for one that a Katalog imports. */
  readonly parent: MotifSpec | undefined
  readonly inputs: readonly InputSpec[]
  /** The functions that its templates may call. */
  readonly notes: readonly NoteSpec[]
  readonly onCreate: readonly EntrySpec[]
  readonly onReconcile: readonly EntrySpec[]
  readonly status: readonly StatusFieldSpec[]
  readonly prepare: PrepareSpec
  readonly profiles: readonly ProfileSpec[]
  /** The path of its content. */
  readonly at: string
}

/** One input of a Motif and what it was given. */
export interface InputSpec {
  readonly name: string
  readonly type: "any" | "string" | "int" | "float" | "bool" | "list" | "map"
  readonly required: boolean
  /** What `with` binds; a template is evaluated for each custom resource, where the importer stands. */
  readonly value: InputValue | undefined
  readonly fallback: InputValue | undefined
  readonly at: string
}

/** A value and where it stands. */
export interface InputValue {
  readonly value: unknown
  readonly at: string
}

/** One user-defined profile. */
export interface ProfileSpec {
  /** `resources`, `probes`, `hpa` ... */
  readonly class: string
  readonly name: string
  readonly fields: Readonly<Record<string, unknown>>
  readonly at: string
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
  /** False: nothing is written to the status of the custom resources. */
  readonly writesStatus: boolean
  /** What is added to the children that templates read: each target once. */
  readonly enrich: readonly EnrichSpec[]
  /** What is written on every custom resource. */
  readonly marks: MarksSpec
  /** Which pages of the HTTP API the operator has. */
  readonly endpoints: EndpointsSpec
  /** False: `cross` of other entries finds nothing here. */
  readonly crossAccess: boolean
  /** What happens to a custom resource before anything is made of it. */
  readonly prepare: PrepareSpec
  /** The HTTP calls of a pass. */
  readonly calls: CallsSpec
  /** Which custom resources this operator works on. */
  readonly selection: SelectionSpec
  /** In the order in which they merge: a Motif after those that it imports. Their content is not in the operatorBox. */
  readonly motifs: readonly MotifSpec[]
  /** The functions that the operatorBox may call: the Katalog's, then those of its Motifs. */
  readonly notes: readonly NoteSpec[]
  /** What the API server is asked to refuse. */
  readonly guards: GuardsSpec
  readonly autoscale: OperatorAutoscaleSpec | undefined
  readonly operatorBox: OperatorBoxSpec
}

/** What stands on every custom resource of an operator. */
export interface MarksSpec {
  /** By key; values may be templates. */
  readonly labels: Readonly<Record<string, unknown>>
  /** Beside our own: set with the first pass, taken off when the deletion is done. */
  readonly finalizers: readonly string[]
  /** True: those of others are taken off too when the deletion is done. */
  readonly removesFinalizers: boolean
  /** Where the labels are written. */
  readonly at: string
}

/** Which pages of the HTTP API an operator has. */
export interface EndpointsSpec {
  /** False: none at all. */
  readonly enabled: boolean
  readonly info: boolean
  readonly health: boolean
}

/** What the API server is asked to refuse: deletions, and custom resources outside of the namespaces of the selection. */
export interface GuardsSpec {
  readonly deletion: (GuardSpec & { readonly strict: boolean }) | undefined
  readonly namespaces: GuardSpec | undefined
}

/** How a refusal holds. */
export interface GuardSpec {
  readonly failurePolicy: "Fail" | "Ignore"
  readonly cleanupOnShutdown: boolean
}

/** What happens to a custom resource, in memory, before anything is made of it. */
export interface PrepareSpec {
  /** All see the custom resource as it is written. */
  readonly normalize: readonly NormalizeSpec[]
  /** In order: a later one sees what an earlier one has set. */
  readonly mutations: readonly MutationSpec[]
  /** True: what mutations set is written to the custom resource. */
  readonly persist: boolean
  readonly validations: readonly ValidationSpec[]
}

/** One path below the spec that is read with another value. */
export interface NormalizeSpec {
  readonly path: readonly string[]
  readonly value: unknown
  readonly at: string
  /** The Motif that it comes from; without one it is the Katalog's own. */
  readonly motif?: MotifSpec
}

/** One field that is set. */
export interface MutationSpec {
  /** A dot path, or a text with templates that gives one. */
  readonly field: string
  /** `default`: only where the field is absent or empty. */
  readonly mode: "default" | "override"
  readonly value: unknown
  readonly valueType: "native" | "string" | "int" | "float" | "bool"
  /** False: only where a custom resource is admitted, not in each pass. */
  readonly atReconcile: boolean
  readonly when: readonly ConditionSpec[]
  readonly or: readonly ConditionSpec[]
  readonly at: string
  readonly motif?: MotifSpec
}

/** One thing that must hold. */
export interface ValidationSpec {
  readonly must: ConditionSpec
  readonly message: string
  /** `deny`: nothing is made while it does not hold. */
  readonly action: "deny" | "warn"
  /** The rule applies only while these hold. */
  readonly when: readonly ConditionSpec[]
  readonly or: readonly ConditionSpec[]
  readonly at: string
  readonly motif?: MotifSpec
}

/** Which custom resources of the kind are worked on: those that fit everything. */
export interface SelectionSpec {
  readonly labels: Readonly<Record<string, string>>
  /** Values by dot path. */
  readonly fields: Readonly<Record<string, string>>
  readonly namespace: string | undefined
  /** Empty: all. */
  readonly allowedNamespaces: readonly string[]
  readonly restrictedNamespaces: readonly string[]
}

/** What `enrich` can add to a child. */
export type EnrichTarget =
  | "pods"
  | "events"
  | "owner"
  | "replicasets"
  | "pvcs"
  | "pvc"
  | "pv"
  | "storageclass"
  | "backingpods"
  | "endpoints"
  | "node"
  | "hpa"
  | "cronjob"
  | "ingress"

/** One thing that is added to the children, while its conditions hold. */
export interface EnrichSpec {
  readonly target: EnrichTarget
  readonly when: readonly ConditionSpec[]
  readonly or: readonly ConditionSpec[]
  readonly at: string
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
  readonly onDelete: DeletionSpec | undefined
  readonly status: StatusSpec
  readonly gates: GatesSpec
  readonly events: readonly EmittedEventSpec[]
  readonly requeue: RequeueSpec | undefined
  /** Children are all as declared, or all as they were. */
  readonly rollBackOnError: boolean
  /** Other objects whose changes wake custom resources. */
  readonly watches: readonly WatchSpec[]
  /** Custom resources of other entries that templates read. */
  readonly cross: readonly CrossSpec[]
  /** Kubernetes Events that wake custom resources. */
  readonly observedEvents: readonly ObservedEventSpec[]
}

/** More or fewer workers, while conditions on the operator itself hold; `resync` undefined: as declared. */
export interface OperatorAutoscaleSpec {
  readonly interval: Ms
  readonly cooldown: Ms
  readonly when: readonly ConditionSpec[]
  readonly or: readonly ConditionSpec[]
  readonly workers: number
  readonly resync: Ms | undefined
  readonly at: string
}

/** One Event that is sent when it has something new to say. */
export interface EmittedEventSpec {
  readonly name: string
  readonly type: "Normal" | "Warning"
  readonly reason: string
  readonly message: unknown
  readonly when: readonly ConditionSpec[]
  readonly or: readonly ConditionSpec[]
  readonly at: string
}

/** When a custom resource is looked at again after a success. */
export interface RequeueSpec {
  /** A length of time; may hold a template. */
  readonly after: unknown
  readonly when: readonly ConditionSpec[]
  readonly or: readonly ConditionSpec[]
  readonly at: string
}

/** `onCreate`, `onReconcile` or `onDelete`: entries in file order, with conditions for the whole block. */
export interface BlockSpec {
  readonly when: readonly ConditionSpec[]
  readonly or: readonly ConditionSpec[]
  readonly entries: readonly EntrySpec[]
}

/** `onDelete`: without an order there is one group; `entries` are those of all. `timeout` is for the whole. */
export interface DeletionSpec extends BlockSpec {
  readonly ordered: boolean
  readonly timeout: Ms
  readonly onFailure: "block" | "continue"
  readonly groups: readonly (BlockSpec & { readonly name: string })[]
}

/** The lists an entry can stand in. */
export type EntryKind =
  | "configMaps"
  | "secrets"
  | "services"
  | "serviceAccounts"
  | "deployments"
  | "statefulSets"
  | "replicaSets"
  | "daemonSets"
  | "pods"
  | "jobs"
  | "cronJobs"
  | "ingresses"
  | "networkPolicies"
  | "namespaces"
  | "persistentVolumeClaims"
  | "persistentVolumes"
  | "roles"
  | "roleBindings"
  | "clusterRoles"
  | "clusterRoleBindings"
  | "hpa"
  | "pdb"
  | "resourceQuotas"
  | "limitRanges"
  | PlatformKind
  | "manifests"
  | "custom"

/** Lists of kinds that serve a whole cluster, and of kinds of its add-ons. */
export type PlatformKind =
  | "podTemplates"
  | "storageClasses"
  | "storageSnapshots"
  | "storageBackups"
  | "storageLocations"
  | "storagePools"
  | "storageVolumes"
  | "serviceMonitors"
  | "priorityClasses"
  | "priorityLevelConfigurations"
  | "runtimeClasses"

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
  /** The object is made this long after its custom resource. */
  readonly sleep: Ms
  /** onCreate only: true makes it managed. */
  readonly reconcile: boolean
  readonly forceConflict: boolean
  readonly prune: boolean
  readonly deletionPolicy: "delete" | "retain"
  readonly adoption: "never" | "ifUnowned" | "force"
  /** What happens when a field differs that the server does not let change. */
  readonly onImmutable: "report" | "recreate"
  readonly overrides: Readonly<Record<string, unknown>>
  /** The Motif that it comes from; without one it is the Katalog's own. */
  readonly motif?: MotifSpec
}

/** A change of a custom resource since its last pass that succeeded, as gates may ask for it. */
export type Sentinel =
  | "generationChanged"
  | "labelsChanged"
  | "annotationsChanged"
  | "deletionStarted"
  | "finalizersChanged"
  | "nameChanged"
  | "namespaceChanged"
  | "generateNameChanged"
  | "uidChanged"
  | "resourceVersionChanged"
  | "creationTimestampChanged"
  | "deletionGracePeriodSecondsChanged"
  | "ownerReferenceChanged"
  | "managedFieldsChanged"

/** What holds a custom resource back: `enqueue` what happens to it, `reconcile` every pass. */
export interface GatesSpec {
  /** Those that the gates may call. */
  readonly sentinels: readonly Sentinel[]
  readonly enqueue: GateSpec | undefined
  readonly reconcile: GateSpec | undefined
}

/** One gate: its conditions, and what it does when they cannot be evaluated. */
export interface GateSpec {
  readonly when: readonly ConditionSpec[]
  readonly or: readonly ConditionSpec[]
  readonly failPolicy: "open" | "closed"
  /** Each new Event is asked for by itself: one that opens the gate is enough. */
  readonly eventAware: boolean
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
  /** The Motif that it comes from; without one it is the Katalog's own. */
  readonly motif?: MotifSpec
}

/** Where each value of a document stands. Kept beside the spec, so that the spec stays plain data. */
export interface Spans {
  /** The key or the value at a document path such as `spec.crds.web.workers`. */
  locate(path: string, part: "key" | "value"): Span | undefined
  /** A stretch inside a text value, by offsets into the text; the whole value where they cannot be mapped. */
  locateIn(path: string, start: number, end: number): Span | undefined
}
