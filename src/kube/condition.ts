import { isRecord } from "./object.ts"

/** One entry of `status.conditions`, by the API conventions. */
export interface Condition {
  readonly type: string
  readonly status: "True" | "False" | "Unknown"
  readonly reason: string
  readonly message: string
  readonly lastTransitionTime: string
  readonly observedGeneration?: number
}

/** The well-formed conditions of a status; anything else in the list is left out. */
export function conditionsOf(status: unknown): readonly Condition[] {
  const list = isRecord(status) ? status["conditions"] : undefined
  return Array.isArray(list) ? list.filter((c) => isRecord(c) && typeof c["type"] === "string") : []
}

/** The condition of one type. */
export function conditionOf(status: unknown, type: string): Condition | undefined {
  return conditionsOf(status).find((c) => c.type === type)
}

/**
 * `conditions` with `next` in place of the one of its type, or at the end. `lastTransitionTime` moves only when the
 * status flips; `now` is RFC 3339.
 */
export function withCondition(
  conditions: readonly Condition[],
  next: Omit<Condition, "lastTransitionTime">,
  now: string,
): readonly Condition[] {
  const before = conditions.find((c) => c.type === next.type)
  const since = before?.status === next.status && before.lastTransitionTime ? before.lastTransitionTime : now
  const entry: Condition = { ...next, lastTransitionTime: since }
  return before ? conditions.map((c) => (c === before ? entry : c)) : [...conditions, entry]
}
