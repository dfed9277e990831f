import type { Logger, Ms } from "../../base/mod.ts"
import type { ObjectKey } from "../../kube/mod.ts"

/** Why a key is in the queue: the newest trigger wins, `user` and `deletion` beat the others. */
export type Reason = "initial" | "user" | "deletion" | "child" | "watch" | "resync" | "retry" | "requeue" | "dependency"

/** What a pass came to, when the world did not say no. */
export type Outcome =
  /** Everything is as declared. Forget the backoff. */
  | { readonly kind: "done" }
  /** A planned revisit. */
  | { readonly kind: "again"; readonly afterMs: Ms; readonly why: string }
  /** Something is not there yet; not an error. */
  | { readonly kind: "waiting"; readonly on: string; readonly afterMs: Ms }
  /** Held by the author's gate; idle, not degraded. */
  | { readonly kind: "gated"; readonly why: string }
  /** Retrying cannot help until something is edited. */
  | { readonly kind: "stalled"; readonly why: string }

/** Level-triggered, idempotent, may be called at any time. Throws `OrkError` when the world says no. */
export interface Reconciler {
  reconcile(
    key: ObjectKey,
    context: { readonly signal: AbortSignal; readonly reason: Reason; readonly log: Logger },
  ): Promise<Outcome>
}
