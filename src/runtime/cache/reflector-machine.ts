import { backoff, isOrkError, type Ms, ms, OrkError, type Random, ZERO } from "../../base/mod.ts"
import { isNewer } from "../../kube/mod.ts"

/** Where a reflector stands. A plain value: the same inputs always lead to the same state. */
export interface ReflectorState {
  /** How a complete state is got: as a stream that begins with it, or as pages followed by a stream. */
  readonly mode: "watch-list" | "list"
  /** The store holds the server's state at this version; undefined: a complete state is needed. */
  readonly resourceVersion: string | undefined
  /** Failures in a row, without anything good between them. */
  readonly attempt: number
  /** Wait before the next question. */
  readonly waitMs: Ms
  /** The error of the running outage. */
  readonly error: OrkError | undefined
}

/** What the driver has to ask the server next. */
export type Question =
  | { readonly ask: "watch-list" }
  | { readonly ask: "list" }
  | { readonly ask: "watch"; readonly resourceVersion: string }

/** What came of a question. */
export type ReflectorInput =
  /** A complete state was put into the store. */
  | { readonly kind: "replaced"; readonly resourceVersion: string }
  /** The stream moved on. */
  | { readonly kind: "progress"; readonly resourceVersion: string | undefined }
  /** The server ended the stream in good order. */
  | { readonly kind: "ended"; readonly afterMs: number }
  | { readonly kind: "failed"; readonly error: OrkError }

/** The state before the first question. */
export const initialReflectorState: ReflectorState = {
  mode: "watch-list",
  resourceVersion: undefined,
  attempt: 0,
  waitMs: ZERO,
  error: undefined,
}

const usual = { initialMs: ms("800ms"), maxMs: ms("30s"), factor: 2, jitter: 0.5 }
/** Permission or resource missing: somebody has to do something, so ask less and less often. */
const slow = { initialMs: ms("800ms"), maxMs: ms("2m"), factor: 3, jitter: 0.3 }
/** A stream that ends sooner than this was no use: without a wait it would be opened in a hot loop. */
const shortStreamMs = 1_000

/** The question that fits a state. */
export function question(state: ReflectorState): Question {
  if (state.resourceVersion !== undefined) return { ask: "watch", resourceVersion: state.resourceVersion }
  return { ask: state.mode }
}

/** The next state. Errors cost time only; "expired" means: get the complete state again. */
export function advance(state: ReflectorState, input: ReflectorInput, random: Random): ReflectorState {
  switch (input.kind) {
    case "replaced":
      return { ...state, resourceVersion: input.resourceVersion, waitMs: ZERO, error: undefined }
    case "progress":
      return {
        ...state,
        resourceVersion: later(state.resourceVersion, input.resourceVersion),
        attempt: 0,
        waitMs: ZERO,
        error: undefined,
      }
    case "ended":
      return ended(state, input.afterMs, random)
    case "failed":
      return failed(state, input.error, random)
  }
}

function ended(state: ReflectorState, afterMs: number, random: Random): ReflectorState {
  // A stream that ends before its initial events did comes from a server that does not know `sendInitialEvents`.
  const next: ReflectorState = { ...state, mode: state.resourceVersion === undefined ? "list" : state.mode }
  if (afterMs >= shortStreamMs) return { ...next, attempt: 0, waitMs: ZERO }
  if (state.attempt > 0) return failed(next, new OrkError("net/closed", "watch: the server ends it at once"), random)
  return { ...next, attempt: 1, waitMs: backoff(0, random, usual) }
}

function failed(state: ReflectorState, error: OrkError, random: Random): ReflectorState {
  const asked = question(state).ask
  if (asked === "watch-list" && isOrkError(error, "api/bad-request", "api/invalid")) return { ...state, mode: "list" }
  const attempt = state.attempt + 1
  const expired = error.code === "api/expired"
  // The first expiry is ordinary life (a laptop slept, etcd compacted); only a row of them is an outage.
  if (expired && state.attempt === 0) return { ...state, resourceVersion: undefined, attempt, waitMs: ZERO }
  const options = isOrkError(error, "api/forbidden", "api/not-found") ? slow : usual
  const named = (error.retryAfterMs ?? 0) * (1 + 0.2 * random.next())
  return {
    // Silence where initial events should come: also a server that does not know them.
    mode: asked === "watch-list" && error.code === "net/timeout" ? "list" : state.mode,
    resourceVersion: expired ? undefined : state.resourceVersion,
    attempt,
    waitMs: ms(Math.round(Math.max(named, backoff(state.attempt, random, options)))),
    error,
  }
}

function later(before: string | undefined, now: string | undefined): string | undefined {
  return now === undefined || isNewer(before, now) ? before : now
}
