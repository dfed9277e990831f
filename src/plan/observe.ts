import { ok, type Result } from "../base/mod.ts"
import type { CrdSpec, Happening, KeyFromSpec, ObservedEventSpec } from "../katalog/mod.ts"
import { type Gvk, type KubeObject, type ObjectKey, objectKey, type Schema } from "../kube/mod.ts"
import { asText } from "./entry.ts"
import { type CompileContext, compileValue, type RenderFailure, type RenderScope, type ValueTemplate } from "./value.ts"

/** Objects of one kind whose changes wake custom resources. */
export interface WatchPlan {
  readonly gvk: Gvk
  readonly namespace: string | undefined
  readonly name: string | undefined
  readonly on: readonly Happening[]
  /** Undefined: their owner, else all. */
  readonly route: RoutePlan | undefined
}

/** How an object names the custom resource that it concerns. */
export type RoutePlan =
  | { readonly way: "label" | "annotation"; readonly key: string }
  | { readonly way: "name"; readonly name: ValueTemplate; readonly namespace: ValueTemplate }

/** Kubernetes Events that wake custom resources; all that is said must fit. */
export interface ObservedEventPlan extends Omit<ObservedEventSpec, "keyFrom" | "at"> {
  /** Undefined: the custom resource that the Event is about, or whose child, else all. */
  readonly route: RoutePlan | undefined
}

/** Compiles which Events an operator looks at. */
export function compileObservedEvents(
  { operatorBox: { observedEvents } }: CrdSpec,
  compile: CompileContext,
): readonly ObservedEventPlan[] {
  return observedEvents.map(({ keyFrom, at: _place, ...plan }) => {
    return { ...plan, route: keyFrom && compileRoute(keyFrom, compile) }
  })
}

const anyText: Schema = { type: "string" }
const anyReference: Schema = {
  type: "object",
  properties: { apiVersion: anyText, kind: anyText, namespace: anyText, name: anyText, uid: anyText },
}

/** The schema of one Event under `.events`. */
const eventSchema: Schema = {
  type: "object",
  properties: {
    ...{ reason: anyText, type: anyText, action: anyText, note: anyText },
    ...{ reportingController: anyText, reportingInstance: anyText },
    ...{ regarding: anyReference, related: anyReference },
  },
}

/** The schema of an Event as `keyFrom` reads it. */
export const wholeEventSchema: Schema = {
  type: "object",
  properties: {
    ...eventSchema.properties,
    ...{ apiVersion: anyText, kind: anyText },
    metadata: { "x-kubernetes-preserve-unknown-fields": true },
  },
}

/** The schema of `.events`. */
export function eventsSchema({ operatorBox: { observedEvents } }: CrdSpec): Schema {
  return { type: "object", properties: Object.fromEntries(observedEvents.map(({ name }) => [name, eventSchema])) }
}

/** Compiles what an operator watches beside its own objects. */
export function compileWatches({ operatorBox: { watches } }: CrdSpec, compile: CompileContext): readonly WatchPlan[] {
  return watches.map(({ gvk, namespace, name, on, keyFrom }) => ({
    gvk,
    namespace,
    name,
    on,
    route: keyFrom && compileRoute(keyFrom, compile),
  }))
}

function compileRoute(keyFrom: KeyFromSpec, compile: CompileContext): RoutePlan {
  if (keyFrom.way !== "name") return keyFrom
  const { way, name, namespace, at } = keyFrom
  const value = (written: unknown, key: string) => compileValue(written, `${at}.${key}`, compile)
  return { way, name: value(name, "name"), namespace: value(namespace, "namespace") }
}

/** What watches mean: part of a fingerprint. */
export function watchesSource(watches: readonly (WatchPlan | ObservedEventPlan)[]): unknown {
  return watches.map(({ route, ...rest }) => ({ ...rest, route: route && routeSource(route) }))
}

function routeSource(route: RoutePlan): unknown {
  return route.way === "name" ? [route.name.source, route.namespace.source] : [route.way, route.key]
}

/** The custom resource that `object` names; undefined where it names none. */
export function routeOf(
  route: RoutePlan,
  object: KubeObject,
  scope: Omit<RenderScope, "data"> & { readonly namespaced: boolean },
): Result<ObjectKey | undefined, readonly RenderFailure[]> {
  const home = object.metadata.namespace
  const keyOf = (name: string, namespace: string | undefined) =>
    name === "" ? undefined : objectKey(scope.namespaced ? namespace : undefined, name)
  if (route.way === "name") {
    const name = route.name.render({ ...scope, data: object })
    if (!name.ok) return name
    const namespace = route.namespace.render({ ...scope, data: object })
    if (!namespace.ok) return namespace
    const text = asText(namespace.value)
    return ok(keyOf(asText(name.value), text === "" ? home : text))
  }
  if (route.way === "label") return ok(keyOf(object.metadata.labels?.[route.key] ?? "", home))
  const written = object.metadata.annotations?.[route.key] ?? ""
  const slash = written.indexOf("/")
  return ok(slash === -1 ? keyOf(written, home) : keyOf(written.slice(slash + 1), written.slice(0, slash)))
}
