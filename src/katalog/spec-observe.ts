import type { Gvk } from "../kube/mod.ts"

/** One read of custom resources of another entry. */
export interface CrossSpec {
  /** Where it stands below `.cross`. */
  readonly as: string
  /** The key of the entry; undefined: the one whose CRD has `labels`. */
  readonly crd: string | undefined
  readonly labels: Readonly<Record<string, string>>
  readonly name: unknown
  readonly namespace: unknown
  /** In place of a name. */
  readonly matchLabels: Readonly<Record<string, unknown>> | undefined
  readonly all: boolean
  readonly at: string
}

/** What can happen to a watched object. */
export type Happening = "create" | "update" | "delete"

/** Objects of one kind whose changes wake custom resources. */
export interface WatchSpec {
  readonly gvk: Gvk
  readonly namespace: string | undefined
  readonly name: string | undefined
  readonly on: readonly Happening[]
  readonly keyFrom: KeyFromSpec | undefined
  readonly at: string
}

/** How an object names the custom resource that it concerns; templates read the object. */
export type KeyFromSpec =
  | { readonly way: "label" | "annotation"; readonly key: string }
  | { readonly way: "name"; readonly name: unknown; readonly namespace: unknown; readonly at: string }

/** Kubernetes Events that wake custom resources; all that is said must fit. */
export interface ObservedEventSpec {
  /** Where it stands below `.events`. */
  readonly name: string
  /** Fields of the Event itself, with the text that each must have. */
  readonly fields: Readonly<Partial<Record<EventField, string>>>
  readonly regarding: ReferenceSpec
  readonly related: ReferenceSpec
  readonly namespace: string | undefined
  readonly on: readonly Happening[]
  readonly keyFrom: KeyFromSpec | undefined
  readonly at: string
}

/** A field of an Event that holds a text. */
export type EventField = "reason" | "action" | "type" | "reportingController" | "reportingInstance"

/** What a reference to an object must say. */
export type ReferenceSpec = Readonly<Partial<Record<"apiVersion" | "kind" | "name" | "namespace", string>>>
