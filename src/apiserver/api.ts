import type { Gvr, KubeObject } from "../kube/mod.ts"
import type { Resource } from "./resource.ts"
import type { Change } from "./storage.ts"

/** An object by namespace ("" for cluster-wide kinds) and name. */
export interface ApiObjectRef {
  readonly namespace: string
  readonly name: string
}

/** How one of the server's own controllers writes. */
export interface WriteOptions {
  readonly manager: string
  readonly subresource?: string
  /** What it does was admitted as something else: webhooks and policies are not asked again. */
  readonly isAdmitted?: boolean
}

/** How one of the server's own controllers deletes. */
export interface DeleteOptions {
  readonly propagation?: "Background" | "Foreground" | "Orphan"
  readonly uid?: string
  readonly resourceVersion?: string
  /** Seconds that a Pod gets to stop; 0 is at once. Without it: what the Pod says. */
  readonly graceSeconds?: number
  /** As of writes. */
  readonly isAdmitted?: boolean
}

/**
 * The verbs without HTTP, for the server's own controllers: the same rules, admission and refusals (a thrown
 * `Refusal`) as for everybody else, asked as `system:masters`.
 */
export interface Api {
  /** Everything that is served now, CRDs included. */
  resources(): readonly Resource[]
  resource(gvr: Gvr): Resource | undefined
  get(gvr: Gvr, ref: ApiObjectRef): KubeObject | undefined
  list(gvr: Gvr, namespace?: string): readonly KubeObject[]
  create(gvr: Gvr, object: KubeObject, options: WriteOptions): Promise<KubeObject>
  /** Replaces; a resourceVersion in the object is a precondition. */
  update(gvr: Gvr, object: KubeObject, options: WriteOptions): Promise<KubeObject>
  /** Answers without a word when there is nothing to delete. */
  delete(gvr: Gvr, ref: ApiObjectRef, options?: DeleteOptions): Promise<void>
  /** Tells every change of every kind, in order; `change.prefix` names the resource. */
  onChange(listener: (change: Change) => void): Disposable
}
