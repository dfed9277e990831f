import type { Clock } from "../base/mod.ts"
import { type Gvk, gvkOf, keyOf, objectKey, type ResourceInfo } from "../kube/mod.ts"
import { entryAnnotation, type Flight, type Operator, starting } from "../operator/mod.ts"
import { accessOf, pluralsOf } from "../plan/mod.ts"
import type { Client, EventRecorder } from "../runtime/mod.ts"
import { causesOf } from "./causes.ts"
import type { Fleet } from "./fleet.ts"
import type { EventView, OperatorView, PassView, View } from "./view.ts"

/** What the view is made from. */
export interface ViewSources {
  readonly fleet: Fleet
  readonly client: Client
  readonly clock: Clock
  readonly resourceOf: (gvk: Gvk) => ResourceInfo | undefined
  readonly events: EventRecorder
  readonly metrics: () => Promise<string>
  readonly phase: () => "starting" | "running" | "stopping"
  readonly leadership: View["leadership"]
  /** What changes when the Katalog is read anew. */
  readonly shown: () => {
    readonly katalog: View["katalog"]
    readonly documents: { readonly raw: unknown; readonly enriched: unknown }
  }
}

const eventsMax = 100

/** The port of the HTTP API: every answer is a value made at the moment of asking. */
export function viewOf(sources: ViewSources): View {
  const { fleet } = sources
  const find = (name: string, namespace: string | undefined, cr: string) =>
    fleet.operator(name)?.cr(objectKey(namespace, cr))
  return {
    get katalog() {
      return sources.shown().katalog
    },
    nowMs: () => sources.clock.nowMs(),
    probes: () => probesOf(sources),
    leadership: sources.leadership,
    operators: () => fleet.operators.map((operator) => operatorView(fleet, operator)),
    operator(name) {
      const operator = fleet.operator(name)
      return operator && operatorView(fleet, operator)
    },
    list: (name) => [...(fleet.operator(name)?.crs ?? [])].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1)),
    get: find,
    children(name, namespace, cr) {
      const object = find(name, namespace, cr)
      return object ? (fleet.operator(name)?.childrenOf(object) ?? []) : []
    },
    events(name, namespace, cr) {
      const uid = find(name, namespace, cr)?.metadata.uid
      return uid === undefined ? [] : eventsOf(sources.events, uid)
    },
    passes(name, namespace, cr) {
      const operator = fleet.operator(name)
      const key = objectKey(namespace, cr)
      const passes = operator?.flightsOf(key).map(passView).reverse() ?? []
      return { place: operator?.placeOf(key) ?? { kind: "rest" }, passes }
    },
    causes: (child) => causesOf(sources, child),
    words(object) {
      const resource = sources.resourceOf(gvkOf(object))
      return resource ? [object.kind, resource.gvr.resource, resource.singular, ...resource.shortNames] : [object.kind]
    },
    declaredAt(name, child) {
      const id = child.metadata.annotations?.[entryAnnotation]
      // The id of an element of forEach ends with its key.
      return fleet.operator(name)?.plan.resources.find((entry) => id === entry.id || id?.startsWith(`${entry.id}[`))
        ?.where
    },
    documents: () => sources.shown().documents,
    metrics: sources.metrics,
  }
}

function passView({ reason, ...flight }: Flight): PassView {
  return { ...flight, trigger: reason }
}

function eventsOf(recorder: EventRecorder, uid: string): readonly EventView[] {
  return recorder
    .recent(uid)
    .slice(0, eventsMax)
    .map(({ type, reason, message, atMs }) => ({ type, reason, message, atMs }))
}

// Ready: every operator has started, or waits for a reason that can be named.
function probesOf({ phase, fleet }: ViewSources): ReturnType<View["probes"]> {
  const now = phase()
  const early = fleet.operators.find(
    (operator) => !operator.isWorking && ["", starting].includes(fleet.stateOf(operator).why),
  )
  const why = now !== "running" ? now : early ? `operator ${early.plan.name} is starting` : ""
  return { started: now !== "starting", alive: true, ready: why === "", why }
}

function operatorView(fleet: Fleet, operator: Operator): OperatorView {
  const { plan, health } = operator
  const { state, why } = fleet.stateOf(operator)
  return {
    name: plan.name,
    gvk: operator.gvk,
    namespaced: operator.resource?.namespaced ?? true,
    enabled: true,
    endpoints: plan.endpoints,
    state,
    why,
    startedAtMs: operator.startedAtMs,
    workers: plan.workers,
    workersSource: plan.workersSource,
    workerStates: operator.workerStates,
    queueDepth: operator.queueDepth,
    resyncMs: plan.resync,
    failureThreshold: plan.failureThreshold,
    totalReconciles: health.total,
    failedReconciles: health.failed,
    consecutiveFails: health.consecutiveFails,
    lastError: health.lastError,
    lastReconcileMs: health.lastReconcileMs,
    reconcileDurationP95Ms: health.durationP95Ms,
    resourceCount: operator.crCount,
    failing: health.failing,
    worstOffender: health.worstOffender,
    dependencies: fleet.dependenciesOf(operator),
    protection: { deletion: plan.guards.deletion !== undefined, namespaces: plan.guards.namespaces !== undefined },
    permissions: permissionsOf(fleet, operator),
  }
}

function permissionsOf(fleet: Fleet, operator: Operator): OperatorView["permissions"] {
  const known = pluralsOf(fleet.operators.map(({ plan }) => plan))
  const { resource } = operator
  // What the cluster says is surer than what the Katalog says.
  const pluralOf = (gvk: Gvk) => (gvk === operator.plan.gvk && resource ? resource.gvr.resource : known(gvk))
  return accessOf(operator.plan, pluralOf).map((rule) => ({
    group: rule.group,
    resource: rule.resource,
    verbs: rule.verbs,
  }))
}
