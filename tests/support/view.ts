import { ms } from "../../src/base/mod.ts"
import { isRecord, type KubeObject } from "../../src/kube/mod.ts"
import type { CauseView, EventView, OperatorView, View } from "../../src/manager/view.ts"

/** The moment at which every fake view lives. */
export const nowMs = Date.parse("2026-03-01T12:00:00Z")

/** A healthy operator of websites, five minutes old, with three workers of which one is busy. */
export function operator(changes: Partial<OperatorView> = {}): OperatorView {
  return {
    name: "website",
    gvk: "apps.example.io/v1, Kind=Website",
    namespaced: true,
    enabled: true,
    endpoints: { enabled: true, info: true, health: true },
    state: "healthy",
    why: "",
    startedAtMs: nowMs - ms("5m"),
    workers: 3,
    workersSource: "configured",
    workerStates: ["processing", "idle", "idle"],
    queueDepth: 1,
    resyncMs: ms("10m"),
    failureThreshold: 5,
    totalReconciles: 40,
    failedReconciles: 1,
    consecutiveFails: 0,
    lastError: "Deployment/shop/web: denied",
    lastReconcileMs: nowMs - ms("3s"),
    reconcileDurationP95Ms: 12.5,
    resourceCount: 1,
    failing: 0,
    worstOffender: undefined,
    dependencies: [],
    protection: { deletion: false, namespaces: false },
    permissions: [{ group: "apps", resource: "deployments", verbs: ["get", "list", "watch", "patch"] }],
    ...changes,
  }
}

/** An operator whose workers have not started. */
export function pendingOperator(changes: Partial<OperatorView> = {}): OperatorView {
  return operator({
    state: "pending",
    why: "CRD is not installed",
    startedAtMs: undefined,
    lastReconcileMs: undefined,
    workers: 0,
    workerStates: [],
    queueDepth: 0,
    totalReconciles: 0,
    failedReconciles: 0,
    lastError: "",
    resourceCount: 0,
    ...changes,
  })
}

/** A ready Website, two hours old; `fields` are merged over its top-level fields. */
export function cr(name: string, fields: Readonly<Record<string, unknown>> = {}): KubeObject {
  const { metadata } = fields
  return {
    apiVersion: "apps.example.io/v1",
    kind: "Website",
    spec: { host: `${name}.example.org` },
    status: {
      phase: "Running",
      conditions: [
        {
          type: "Ready",
          status: "True",
          reason: "ReconcileSucceeded",
          message: "all children are ready",
          lastTransitionTime: "2026-03-01T10:00:05Z",
        },
      ],
    },
    ...fields,
    metadata: {
      name,
      namespace: "web",
      generation: 2,
      creationTimestamp: "2026-03-01T10:00:00Z",
      ...(isRecord(metadata) ? metadata : {}),
    },
  }
}

/** A child in the namespace of the CRs. */
export function child(apiVersion: string, kind: string, fields: Readonly<Record<string, unknown>> = {}): KubeObject {
  return { ...cr(`the-${kind.toLowerCase()}`, { spec: {}, status: undefined, ...fields }), apiVersion, kind }
}

/** What a fake view holds; everything left out has a peaceful default. */
export interface FakeView {
  readonly operators?: readonly OperatorView[]
  readonly objects?: Readonly<Record<string, readonly KubeObject[]>>
  readonly children?: readonly KubeObject[]
  readonly events?: readonly EventView[]
  readonly probes?: Partial<ReturnType<View["probes"]>>
  readonly leadership?: ReturnType<View["leadership"]>
  readonly documents?: ReturnType<View["documents"]>
  readonly metrics?: () => Promise<string>
  /** By the kind of the child. */
  readonly causes?: Readonly<Record<string, readonly CauseView[]>>
  readonly shortNames?: Readonly<Record<string, readonly string[]>>
  readonly passes?: ReturnType<View["passes"]>
}

/** A `View` over plain values. */
export function fakeView(fake: FakeView = {}): View {
  const { operators = [operator()], objects = { website: [cr("shop")] }, children = [], events = [] } = fake
  const list = (name: string) => objects[name] ?? []
  return {
    katalog: { name: "sites", version: "1.2.0", namespace: "ork-system" },
    nowMs: () => nowMs,
    probes: () => ({ started: true, alive: true, ready: true, why: "", ...fake.probes }),
    leadership: () => fake.leadership ?? { isLeader: true, holder: "host-a" },
    operators: () => operators,
    operator: (name) => operators.find((one) => one.name === name),
    list,
    get: (crd, namespace, name) =>
      list(crd).find(({ metadata }) => metadata.name === name && metadata.namespace === namespace),
    children: () => children,
    events: () => events,
    passes: () => fake.passes ?? { place: { kind: "rest" }, passes: [] },
    causes: async (object) => fake.causes?.[object.kind] ?? [],
    words: ({ kind }) => [kind, `${kind}s`, ...(fake.shortNames?.[kind] ?? [])],
    declaredAt: () => "katalog.yaml:14:9",
    documents: () => fake.documents ?? { raw: {}, enriched: {} },
    metrics: fake.metrics ?? (async () => "controller_queue_depth 1\n"),
  }
}
