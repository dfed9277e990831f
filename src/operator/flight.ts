import { isOrkError, Lru, messageOf, shorten } from "../base/mod.ts"
import { describeObject, type KubeObject, type ObjectKey } from "../kube/mod.ts"
import type { Outcome, Reason } from "../runtime/mod.ts"
import { summarize } from "./marks.ts"
import type { Pass } from "./pass.ts"

/** One pass of a custom resource, or several in a row that came to exactly the same; about 300 bytes. */
export interface Flight {
  /** When the last of them ended. */
  readonly atMs: number
  readonly durationMs: number
  readonly reason: Reason
  /** What was read, with resourceVersions: `Website/default/shop 120, Deployment/default/shop 131`. */
  readonly inputs: string
  readonly outcome: Outcome["kind"] | "error"
  /** What was written; "" when nothing was. */
  readonly did: string
  /** What it waits for or what went wrong; "" when it is done. */
  readonly why: string
  readonly times: number
}

const inputsMax = 160
const textMax = 240

/** Custom resources that are remembered; the one looked at longest ago makes room. */
export const crsMax = 10_000
/** Passes that are remembered of each. */
export const flightsMax = 8

/** The last passes of each custom resource: what `ork why` tells. Bounded, in memory. */
export class FlightRecorder {
  readonly #byCr = new Lru<ObjectKey, readonly Flight[]>(crsMax)

  record(key: ObjectKey, flight: Flight): void {
    const before = this.#byCr.get(key) ?? []
    const last = before.at(-1)
    const isSame = last !== undefined && flight.did === "" && isSameStory(last, flight)
    const kept = isSame ? before.slice(0, -1) : before
    const next = isSame ? { ...flight, times: last.times + 1 } : flight
    this.#byCr.set(key, [...kept, next].slice(-flightsMax))
  }

  /** Oldest first. */
  of(key: ObjectKey): readonly Flight[] {
    return this.#byCr.get(key) ?? []
  }

  forget(key: ObjectKey): void {
    this.#byCr.delete(key)
  }
}

function isSameStory(a: Flight, b: Flight): boolean {
  return a.did === b.did && a.outcome === b.outcome && a.why === b.why && a.reason === b.reason
}

/** What there is to remember of a pass once it has ended with an outcome, or with what it threw. */
export function flightOf(
  pass: Pass,
  end: { readonly startedMs: number; readonly outcome: Outcome | undefined; readonly error: unknown },
): Flight {
  const { cr, marks, reason, live, ports } = pass
  const atMs = ports.clock.nowMs()
  return {
    atMs,
    durationMs: atMs - end.startedMs,
    reason,
    inputs: shorten([cr, ...live.values()].map(versioned).join(", "), inputsMax),
    outcome: end.outcome?.kind ?? "error",
    did: shorten(summarize(marks.changes), textMax),
    why: shorten(whyOf(pass, end.outcome, end.error), textMax),
    times: 1,
  }
}

function versioned(object: KubeObject): string {
  return `${describeObject(object)} ${object.metadata.resourceVersion ?? "?"}`
}

function whyOf(pass: Pass, outcome: Outcome | undefined, error: unknown): string {
  switch (outcome?.kind) {
    case "done":
      return ""
    case "again":
    case "gated":
    case "stalled":
      return outcome.why
    case "waiting":
      return pass.marks.waits.join("; ")
    case undefined:
      return isOrkError(error) ? error.message : messageOf(error)
  }
}
