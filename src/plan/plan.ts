import type { Ms } from "../base/mod.ts"
import type { EndpointsSpec, GuardsSpec, SelectionSpec } from "../katalog/mod.ts"
import type { Gvk, KubeObject } from "../kube/mod.ts"
import type { AutoscalePlan } from "./autoscale.ts"
import type { ChildStatusPlan } from "./child-status.ts"
import type { Gate } from "./conditions.ts"
import type { SourcePlan } from "./copies.ts"
import type { CrossPlan } from "./cross.ts"
import type { EmittedEventPlan, RequeuePlan } from "./emitted-events.ts"
import type { EnrichPlan } from "./enrich.ts"
import type { CallsPlan } from "./external.ts"
import type { GatesPlan } from "./gates.ts"
import type { GeneratedPlan } from "./generated.ts"
import type { InputsPlan } from "./inputs.ts"
import type { MarksPlan } from "./marks.ts"
import type { NotificationPlan } from "./notifications.ts"
import type { ObservedEventPlan, WatchPlan } from "./observe.ts"
import type { PreparePlan } from "./prepare.ts"
import type { ValueTemplate } from "./value.ts"

/** What will run: one operator plan per enabled CRD, dependencies before their dependents. Immutable. */
export interface Plan {
  readonly katalog: string
  readonly operators: readonly OperatorPlan[]
  /** Who is told when an operator is degraded, by Katalog. */
  readonly notifications: readonly NotificationPlan[]
}

/** Everything one operator does, compiled. Two plans with the same fingerprint behave the same. */
export interface OperatorPlan {
  /** The key under `spec.crds`. */
  readonly name: string
  readonly katalog: string
  readonly gvk: Gvk
  readonly plural: string | undefined
  /** The CRD that the Katalog ships, for schemas before the cluster's own copy is seen. */
  readonly crd: KubeObject | undefined
  /** Field manager of every child: `ork/<katalog>/<crd>`, shortened with a hash to 128 bytes. */
  readonly fieldManager: string
  readonly workers: number
  readonly workersSource: "default" | "configured"
  readonly resync: Ms
  readonly failureThreshold: number
  readonly dependsOn: readonly DependencyPlan[]
  readonly finalizer: "auto" | "always"
  /** Entries of `onCreate` and `onReconcile`, in declaration order. */
  readonly resources: readonly ResourcePlan[]
  /** All entries of `onDelete`. */
  readonly onDelete: readonly ResourcePlan[]
  /** The order in which they come; undefined without any. */
  readonly deletion: DeletionPlan | undefined
  readonly status: StatusPlan
  /** Children are all as declared, or all as they were. */
  readonly rollBackOnError: boolean
  /** More or fewer workers, while conditions on the operator itself hold. */
  readonly autoscale: OperatorAutoscalePlan | undefined
  /** What the API server is asked to refuse. */
  readonly guards: GuardsSpec
  /** What holds custom resources back. */
  readonly gates: GatesPlan
  /** What happens to a custom resource, in memory, before anything is made of it. */
  readonly prepare: PreparePlan
  /** What stands on every custom resource. */
  readonly marks: MarksPlan
  /** Which pages of the HTTP API there are. */
  readonly endpoints: EndpointsSpec
  /** Events that are sent when they have something new to say. */
  readonly events: readonly EmittedEventPlan[]
  readonly requeue: RequeuePlan | undefined
  /** Other objects whose changes wake custom resources. */
  readonly watches: readonly WatchPlan[]
  /** Custom resources of other entries that templates read. */
  readonly cross: readonly CrossPlan[]
  /** Kubernetes Events that wake custom resources. */
  readonly observedEvents: readonly ObservedEventPlan[]
  /** The HTTP calls of a pass. */
  readonly calls: CallsPlan
  /** Which custom resources are worked on. */
  readonly selection: SelectionSpec
  /** True when a template or condition looks at `.children`. */
  readonly readsChildren: boolean
  /** What is added to the children that templates read: only what some child takes, nothing where none is read. */
  readonly enrich: readonly EnrichPlan[]
  /** True when the workload label finds every Pod that `enrich` can ask for, but those of Jobs. */
  readonly labelsPods: boolean
  /** Paths whose values conditions ask to be unique among the custom resources of the kind. */
  readonly uniques: readonly string[]
  readonly fingerprint: string
}

/** What happens before a CR goes. */
export interface DeletionPlan {
  readonly ordered: boolean
  readonly timeout: Ms
  /** A Job that fails, or what is not gone in time: holds the deletion, or is left behind. */
  readonly onFailure: "block" | "continue"
  /** One after the other. */
  readonly groups: readonly DeletionGroupPlan[]
}

/** One step: all of it at once. */
export interface DeletionGroupPlan {
  /** "" where there is no order. */
  readonly name: string
  /** Entries that name children that go. */
  readonly remove: readonly ResourcePlan[]
  /** Jobs that are made and run to their end. */
  readonly run: readonly ResourcePlan[]
}

/** What an operator does differently for a time. */
export interface OperatorAutoscalePlan {
  readonly interval: Ms
  readonly cooldown: Ms
  readonly gate: Gate
  readonly workers: number
  /** Undefined: the operator's own. */
  readonly resync: Ms | undefined
}

/** One `dependsOn`. */
export interface DependencyPlan {
  readonly name: string
  readonly condition: "started" | "healthy"
}

/** `once`: created one time per CR and never compared. `managed`: created, kept, and removed when no longer wanted. */
export type Lifecycle = "once" | "managed"

/** How a managed object that differs is brought back. */
export type UpdatePolicy = "apply" | "create" | "replace"

/** One entry of a block. With `forEach` it renders to several objects. */
export interface ResourcePlan {
  readonly id: string
  /** `katalog.yaml:14:9`, for messages about this entry. */
  readonly where: string
  /** The inputs of the Motif that it comes from; without them it is the Katalog's own. */
  readonly inputs?: InputsPlan
  readonly gvk: Gvk
  readonly lifecycle: Lifecycle
  /** The block's conditions and the entry's own. */
  readonly gate: Gate
  /** The object is made this long after its custom resource. */
  readonly sleep: Ms
  readonly forEach: { readonly path: readonly (string | number)[]; readonly as: string | undefined } | undefined
  /** Renders to a complete object. */
  readonly object: ValueTemplate
  readonly forceConflict: boolean
  readonly prune: boolean
  readonly retain: boolean
  readonly adoption: "never" | "ifUnowned" | "force"
  /** `create`: never touched again. `replace`: deleted and made anew when its spec changes. `apply`: changed in place. */
  readonly updatePolicy: UpdatePolicy
  /** When the server says that a field cannot change: say so, or delete the object and make it anew. */
  readonly onImmutable: "report" | "recreate"
  /** The object is made once in each of these namespaces; renders to a list of names. */
  readonly toNamespaces: ValueTemplate | undefined
  /** The object that this one is a copy of. */
  readonly source: SourcePlan | undefined
  /** What is generated when the object is written, and for how long that serves. */
  readonly generated: GeneratedPlan | undefined
  /** What is written on the status of the object. */
  readonly childStatus: ChildStatusPlan | undefined
  /** The conditions that set the replicas of a workload. */
  readonly autoscale: AutoscalePlan | undefined
  /** Applied in this order: 0 namespaces, 1 what workloads read, 2 the rest. */
  readonly wave: 0 | 1 | 2
}

/** What is written to the CR's status. */
export interface StatusPlan {
  readonly conditions: boolean
  readonly fields: readonly StatusFieldPlan[]
}

/** One declared field of the status, compiled. */
export interface StatusFieldPlan {
  readonly path: readonly string[]
  readonly value: ValueTemplate
  readonly type: "native" | "string" | "int" | "float" | "bool" | "auto"
  readonly gate: Gate
  readonly conditional: boolean
  readonly clearOnFalse: boolean
  readonly where: string
  /** The inputs of the Motif that it comes from. */
  readonly inputs?: InputsPlan
}
