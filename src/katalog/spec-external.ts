import type { Ms } from "../base/mod.ts"
import type { ConditionSpec } from "./spec-conditions.ts"

/** One HTTP call, whose result templates read as `.external.<name>`. */
export interface ExternalSpec {
  readonly name: string
  readonly url: unknown
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE"
  readonly body: unknown
  /** A bearer token; may hold a template. */
  readonly token: unknown
  readonly headers: Readonly<Record<string, unknown>>
  /** A value of a Secret that is sent. */
  readonly secret: CallSecretSpec | undefined
  readonly timeout: Ms
  /** 0: everything below 400. */
  readonly expectedStatus: number
  readonly continueOnError: boolean
  readonly retry: RetrySpec | undefined
  readonly when: readonly ConditionSpec[]
  readonly or: readonly ConditionSpec[]
  readonly at: string
}

/** Where a value stands that is sent and never shown. */
export interface CallSecretSpec {
  readonly name: unknown
  /** Undefined: the namespace of the custom resource. */
  readonly namespace: string | undefined
  readonly key: string
  /** `Authorization` carries the value as a bearer token, any other header as it is. */
  readonly header: string
}

/** How a call that failed is made again. */
export interface RetrySpec {
  readonly initial: Ms
  readonly max: Ms
  readonly multiplier: number
  /** The first call counts. */
  readonly maxAttempts: number
}

/** Where calls can stand, in the order in which a pass makes them. */
export type CallPlace =
  | "gates"
  | "enqueueGate"
  | "reconcileGate"
  | "mutation"
  | "validation"
  | "operatorBox"
  | "onCreate"
  | "onReconcile"

/** The calls of an operator. */
export interface CallsSpec {
  readonly at: Readonly<Record<CallPlace, readonly ExternalSpec[]>>
  /** The hosts that calls may reach; undefined: those that the addresses themselves say. */
  readonly allowedHosts: readonly string[] | undefined
}
