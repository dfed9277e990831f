/** How a condition compares. */
export type Operator =
  | "equals"
  | "notEquals"
  | "contains"
  | "notContains"
  | "prefix"
  | "notPrefix"
  | "suffix"
  | "notSuffix"
  | "regex"
  | "exists"
  | "notExists"
  | "present"
  | "gt"
  | "lt"
  | "gte"
  | "lte"
  | "between"
  | "notBetween"
  | "in"
  | "notIn"
  | "typeOf"
  | "unique"
  | "time"
  | "dayOfWeek"
  | "cron"

/** One condition in its long form: shorthands are already rewritten. */
export interface ConditionSpec {
  /** A dot path into the context, or a text with templates; empty for conditions on the time. */
  readonly field: string
  readonly operator: Operator
  /**
   * A scalar or a list, as written; undefined for operators without a value. May hold templates. Of conditions on the
   * time: the keys `time`, `dayOfWeek` or `cron`, and `duration` and `timeZone`.
   */
  readonly value: unknown
  readonly valueType: "auto" | "string" | "int" | "float" | "bool"
  readonly negate: boolean
  readonly at: string
  /** Where the value is written. */
  readonly valueAt: string
}
