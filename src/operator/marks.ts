import type { Ms, OrkError } from "../base/mod.ts"

/** Conditions of our own that are there only while they are True. */
export const problemConditions = ["Conflict", "FieldConflict", "FieldContested", "HotLoop", "RolledBack"] as const

/** One of them. */
export type ProblemCondition = (typeof problemConditions)[number]

/** Why a CR is not as declared. `reason` becomes the reason of its conditions. */
export interface Problem {
  readonly reason: string
  readonly message: string
  /** Trying again unchanged cannot help. */
  readonly terminal: boolean
  /** The error behind it, which decides retry and counting; undefined for a state such as a conflict. */
  readonly error?: OrkError
  /** An own condition that is True while the problem lasts. */
  readonly condition?: ProblemCondition
}

/** One write of this pass, for the event and the log line. */
export interface Change {
  readonly verb: "created" | "updated" | "corrected" | "adopted" | "deleted"
  /** `Deployment/shop/web`. */
  readonly object: string
  readonly detail?: string
}

/** What the steps of one pass have to say about the CR. */
export interface Marks {
  readonly problems: Problem[]
  /** What is not there yet: `Deployment/shop/web: 1 of 3 replicas available`. */
  readonly waits: string[]
  readonly changes: Change[]
  /** Somebody wrote at the same moment: nothing is wrong, the pass is done again with what is there now. */
  race: OrkError | undefined
  /** Come back after this long even if nothing happens. */
  revisitMs: Ms | undefined
}

/** Nothing to say yet. */
export function noMarks(): Marks {
  return { problems: [], waits: [], changes: [], race: undefined, revisitMs: undefined }
}

/** `created ConfigMap/shop/web and 2 more` style summary of what a pass changed. */
export function summarize(changes: readonly Change[]): string {
  const verbs = ["created", "adopted", "corrected", "updated", "deleted"] as const
  const parts = verbs.flatMap((verb) => {
    const objects = changes.filter((change) => change.verb === verb)
    if (objects.length === 0) return []
    const shown = objects.slice(0, 5).map((c) => (c.detail ? `${c.object} (${c.detail})` : c.object))
    const more = objects.length > 5 ? ` and ${objects.length - 5} more` : ""
    return [`${verb} ${shown.join(", ")}${more}`]
  })
  return parts.join("; ")
}
