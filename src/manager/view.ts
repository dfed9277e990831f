import type { KubeObject } from "../kube/mod.ts"

/** The published states of one CRD's operator. */
export type OperatorState = "not started" | "pending" | "started" | "healthy" | "degraded" | "gated"

/** One `dependsOn` at one moment. */
export interface DependencyView {
  readonly name: string
  readonly condition: "started" | "healthy"
  readonly state: OperatorState | "missing"
  readonly satisfied: boolean
}

/** Which pages of the HTTP API an operator has. */
export interface EndpointsView {
  readonly enabled: boolean
  readonly info: boolean
  readonly health: boolean
}

/** One operator at one moment. Times are milliseconds since the epoch. */
export interface OperatorView {
  readonly name: string
  /** `group/version, Kind=K`. */
  readonly gvk: string
  readonly namespaced: boolean
  readonly enabled: boolean
  readonly endpoints: EndpointsView
  readonly state: OperatorState
  /** Why it is pending or degraded, in one line; "" otherwise. */
  readonly why: string
  readonly startedAtMs: number | undefined
  readonly workers: number
  readonly workersSource: "default" | "configured"
  readonly workerStates: readonly ("idle" | "processing" | "stopped")[]
  readonly queueDepth: number
  readonly resyncMs: number
  readonly failureThreshold: number
  readonly totalReconciles: number
  readonly failedReconciles: number
  readonly consecutiveFails: number
  readonly lastError: string
  readonly lastReconcileMs: number | undefined
  readonly reconcileDurationP95Ms: number
  /** CRs in the informer's cache. */
  readonly resourceCount: number
  /** CRs whose last pass failed, and the one that failed most. */
  readonly failing: number
  readonly worstOffender: string | undefined
  readonly dependencies: readonly DependencyView[]
  /** What the API server is asked to refuse. */
  readonly protection: { readonly deletion: boolean; readonly namespaces: boolean }
  readonly permissions: readonly {
    readonly group: string
    readonly resource: string
    readonly verbs: readonly string[]
  }[]
}

/** One event of a CR, as this process recorded it. */
export interface EventView {
  readonly type: "Normal" | "Warning"
  readonly reason: string
  readonly message: string
  readonly atMs: number
}

/** One pass of a CR, or several in a row that came to the same. */
export interface PassView {
  readonly atMs: number
  readonly durationMs: number
  /** What woke it: `user`, `child`, `resync` ... */
  readonly trigger: string
  /** What was read, with resourceVersions. */
  readonly inputs: string
  readonly outcome: string
  /** What was written; "" when nothing was. */
  readonly did: string
  /** What it waited for or what went wrong; "" when it was done. */
  readonly why: string
  readonly times: number
}

/** Something behind a child that is not ready: a Pod and why it waits, a warning. */
export interface CauseView {
  readonly object: string
  readonly why: string
  readonly sinceMs?: number | undefined
}

/** Where a CR stands in the queue of its operator. */
export type PlaceView =
  | { readonly kind: "processing" }
  | { readonly kind: "queued"; readonly reason: string; readonly sinceMs: number }
  | { readonly kind: "delayed"; readonly reason: string; readonly atMs: number }
  | { readonly kind: "rest" }

/** What the HTTP API may ask: frozen snapshots, never a live operator, queue or store. */
export interface View {
  readonly katalog: { readonly name: string; readonly version: string | undefined; readonly namespace: string }
  nowMs(): number
  /** Startup finished; alive; ready for traffic, or why not. */
  probes(): { readonly started: boolean; readonly alive: boolean; readonly ready: boolean; readonly why: string }
  leadership(): { readonly isLeader: boolean; readonly holder: string | undefined }
  /** In dependency order, disabled ones included. */
  operators(): readonly OperatorView[]
  operator(name: string): OperatorView | undefined
  /** The CRs in the cache, by namespace and name. */
  list(operator: string): readonly KubeObject[]
  get(operator: string, namespace: string | undefined, name: string): KubeObject | undefined
  /** The live children of one CR, from the caches. */
  children(operator: string, namespace: string | undefined, name: string): readonly KubeObject[]
  /** Newest first, at most 100. */
  events(operator: string, namespace: string | undefined, name: string): readonly EventView[]
  /** The last passes of one CR, newest first, and where it stands in the queue. */
  passes(
    operator: string,
    namespace: string | undefined,
    name: string,
  ): { readonly place: PlaceView; readonly passes: readonly PassView[] }
  /** What is behind a child that is not ready, asked of the cluster at this moment; a handful at most. */
  causes(child: KubeObject): Promise<readonly CauseView[]>
  /** The words that mean an object's kind: kind, plural, singular, short names. */
  words(object: KubeObject): readonly string[]
  /** Where the entry that made a child is written: `katalog.yaml:14:9`; undefined when no entry makes it. */
  declaredAt(operator: string, child: KubeObject): string | undefined
  /** The Katalog as written, and with defaults filled in. */
  documents(): { readonly raw: unknown; readonly enriched: unknown }
  /** Prometheus text. */
  metrics(): Promise<string>
}
