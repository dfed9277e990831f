import {
  type Clock,
  type Logger,
  type Lru,
  type Metrics,
  type Ms,
  ms,
  type OrkError,
  type Random,
} from "../base/mod.ts"
import type { Gvk, KubeObject, ObjectKey, ResourceInfo, SchemaSet } from "../kube/mod.ts"
import type { CallPlan, GateVerdict, OperatorPlan, Rendered } from "../plan/mod.ts"
import type { Client, EventRecorder, Outcome, Reason } from "../runtime/mod.ts"
import type { Spent } from "../template/mod.ts"
import type { Breaker } from "./breaker.ts"
import type { Contests } from "./contests.ts"
import type { Enrichment } from "./enrich-cache.ts"
import type { EventShelf } from "./event-shelf.ts"
import type { ChildCache } from "./inventory.ts"
import type { Loops } from "./loops.ts"
import type { Change, Marks } from "./marks.ts"
import type { Rollbacks } from "./rollback.ts"
import type { Said } from "./said.ts"
import type { Sentinels } from "./sentinels.ts"
import type { Reading, Sources } from "./sources.ts"

/** How the calls of one place ended: all made, something must come first, or one failed for good. */
export type CallsEnd =
  | { readonly kind: "made" }
  | { readonly kind: "wait"; readonly on: string; readonly afterMs: Ms }
  | { readonly kind: "failed"; readonly error: OrkError }

/** What the steps may use; the same for every pass of an operator. */
export interface Ports {
  readonly client: Client
  readonly clock: Clock
  readonly random: Random
  /** What to wait for before going on with work that needs no answers: others have to get their turn. */
  readonly turn: () => Promise<void> | undefined
  readonly events: Pick<EventRecorder, "record">
  readonly metrics: Pick<Metrics, "count" | "observe">
  readonly breaker: Breaker
  /** What the cluster serves, or undefined when it does not serve the kind. */
  readonly resourceOf: (gvk: Gvk) => ResourceInfo | undefined
  readonly schemas: SchemaSet
  readonly cache: ChildCache
  /** The objects that are read beside the children. */
  readonly sources: Pick<Sources, "begin" | "forget">
  /** The Events that concern each custom resource. */
  readonly shelf: Pick<EventShelf, "mark" | "newest" | "fresh" | "eachFresh" | "passed">
  /** Makes external calls; their results are put into the pass. */
  readonly calls: { make(pass: Pass, calls: readonly CallPlan[]): Promise<CallsEnd> }
  /** What children are enriched from. */
  readonly enrichment: Pick<Enrichment, "reader">
  /** What holds custom resources back. */
  readonly gates: {
    judge(which: "enqueue" | "reconcile", pass: Pass): GateVerdict
    readonly sentinels: Pick<Sentinels, "passed">
  }
  /** Puts the answer to a write on the CR into its cache. */
  readonly observeCr: (cr: KubeObject) => void
  /** True when a custom resource other than `cr` has the value at a path that the plan asks to be unique. */
  readonly isTaken: (cr: KubeObject, path: string, key: string) => boolean
  /** What this process is: `.ork` in templates. */
  readonly process: { readonly inCluster: boolean; readonly namespace: string; readonly version: string }
  /** By child: the pair of intent and object that the server has answered for, so that it is not asked again. */
  readonly settled: Lru<string, string>
  /** Fields that others set back each time. */
  readonly contests: Pick<Contests, "corrected" | "of">
  /** CRs whose passes follow from their own writes. */
  readonly loops: Pick<Loops, "note" | "resting">
  /** What could not be applied as a whole. */
  readonly rollbacks: Pick<Rollbacks, "failed" | "of">
  /** What was said about each CR in events. */
  readonly said: Pick<Said, "isNews">
}

/** An object that should exist, complete and typed, with the resource it is an instance of. */
export interface Desired {
  readonly rendered: Rendered
  readonly resource: ResourceInfo
  readonly key: ObjectKey
  readonly object: KubeObject
}

/** One write of a pass, and what was there before as far as the cache knew it. */
export interface Written {
  readonly item: Desired
  readonly before: KubeObject | undefined
  readonly object: KubeObject
  readonly verb: Change["verb"]
}

/** One try at one CR: what it reads, what it may use, and what it has found out so far. */
export interface Pass {
  readonly plan: OperatorPlan
  readonly resource: ResourceInfo
  readonly reason: Reason
  readonly signal: AbortSignal
  readonly log: Logger
  readonly ports: Ports
  readonly marks: Marks
  /** The objects that this pass reads beside the children. */
  readonly reads: Reading
  /** What had arrived of Events when it began. */
  readonly eventMark: number
  /** What its external calls have answered, by name. */
  readonly external: Record<string, unknown>
  /** The calls that it has made, so that they are not made again when a later one is. */
  readonly made: Map<string, { readonly hash: string; readonly value: unknown }>
  /** What its templates have used. */
  readonly spent: Spent
  /** The CR as the cache had it, or as our own last write on it answered. */
  cr: KubeObject
  /** What templates read in place of its metadata and spec: filled by the prepare step. Never written. */
  prepared?: KubeObject
  /** What should exist; filled by the render step. */
  desired: readonly Desired[]
  /** True when every entry rendered, so that what is not desired may be pruned. */
  complete: boolean
  /** True once the step that ends the pass has begun: what it throws is the end. */
  isFinal?: boolean
  /** True when something that templates read is not known: what is told of the CR stays as it was. */
  isBlind?: boolean
  /** True when the CR had already changed again as the status was written; its cache knows, and nobody else was told. */
  isOvertaken?: boolean
  /** Our live children as this pass knows them, by resource and key; filled by the apply step. */
  readonly live: Map<string, KubeObject>
  /** What the apply step has written, where it may have to be undone. */
  journal?: Written[]
}

/** One numbered step of the reconcile page: go on, or end the pass. */
export type Step = (pass: Pass) => Promise<"next" | Outcome>

/** Asks for another pass after `afterMs`; the earliest request wins. */
export function revisit(pass: Pass, afterMs: Ms): void {
  if (pass.marks.revisitMs === undefined || afterMs < pass.marks.revisitMs) pass.marks.revisitMs = afterMs
}

const farMs = ms("1d")

/** Asks for another pass at a moment; Infinity asks for nothing. A far moment is asked for again on the way to it. */
export function revisitAt(pass: Pass, atMs: number): void {
  if (!Number.isFinite(atMs)) return
  revisit(pass, ms(Math.min(farMs, Math.max(1, Math.ceil(atMs - pass.ports.clock.nowMs())))))
}
