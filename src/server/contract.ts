import * as v from "valibot"
import { err, ok, type Result } from "../base/mod.ts"

type DeepReadonly<T> = T extends object ? { readonly [K in keyof T]: DeepReadonly<T[K]> } : T
type Body<S extends v.GenericSchema> = DeepReadonly<v.InferOutput<S>>

const count = v.pipe(v.number(), v.integer(), v.minValue(0))
const share = v.pipe(v.number(), v.minValue(0), v.maxValue(1))
const names = v.array(v.string())

/** The published states of one CRD's operator. */
export const State = v.picklist(["not started", "pending", "started", "healthy", "degraded", "gated"])

/** `GET /startup`, `/health`, `/ready`: the answer, and why it is no. */
export const Probe = v.object({ ok: v.boolean(), status: count, why: v.string() })
/** A body that fits the schema of the same name. */
export type Probe = Body<typeof Probe>

/** Every answer of 400 and above that has no body of its own: what is wrong, and what to do. */
export const Problem = v.object({ error: v.string(), help: v.string() })
/** A body that fits the schema of the same name. */
export type Problem = Body<typeof Problem>

/** Calls of the admission webhooks of one CRD. */
export const Admission = v.object({ webhooksEnabled: v.boolean(), validationTotal: count, validationDenied: count })

/** Calls of the conversion webhook of one CRD. */
const Conversion = v.object({ enabled: v.boolean() })

const workerDetails = v.record(v.string(), v.picklist(["idle", "processing", "stopped"]))

/** One line of `crds` in `KatalogSummary`. `errorRate` is the failed share of all reconciles, 0 to 1. */
export const CrdRow = v.object({
  name: v.string(),
  state: State,
  healthy: v.boolean(),
  workers: count,
  workersProcessing: count,
  workersIdle: count,
  /** By `<gvk>-worker-<n>`. */
  workerDetails,
  queueDepth: count,
  /** 0: without a limit, since keys are bounded by the number of CRs. */
  maxQueueDepth: count,
  errorRate: share,
  resourceCount: count,
  totalReconciles: count,
  rbacCount: count,
  dependencies: names,
  conversion: Conversion,
  admission: Admission,
})
/** A body that fits the schema of the same name. */
export type CrdRow = Body<typeof CrdRow>

/** `GET /katalog`. The code is 200; `status` in the body is 503 while one CRD is degraded. */
export const KatalogSummary = v.object({
  name: v.string(),
  version: v.optional(v.string()),
  total: count,
  totalEnabled: count,
  totalDegraded: count,
  /** This process is up, on followers too. */
  OrkReady: v.boolean(),
  /** This process is the leader. */
  isKonductor: v.boolean(),
  /** Who leads, when that is known. Ours, not published. */
  leader: v.optional(v.string()),
  healthy: v.boolean(),
  status: v.picklist([200, 503]),
  degradedReason: v.string(),
  /** Of the enabled CRDs. `pending` counts all that wait: not started, pending, gated. */
  statusCounts: v.object({ healthy: count, degraded: count, started: count, pending: count }),
  /** The Katalog's namespace and its CRDs. */
  namespaces: v.record(v.string(), names),
  /** In start order. */
  dependencyGraph: v.array(v.object({ name: v.string(), dependsOn: names })),
  crds: v.array(CrdRow),
})
/** A body that fits the schema of the same name. */
export type KatalogSummary = Body<typeof KatalogSummary>

/** `GET /katalog/{crd}/health`. `status` is the code of the answer. */
export const CrdHealth = v.object({
  name: v.string(),
  state: State,
  status: v.picklist([200, 503]),
  isKonductor: v.boolean(),
  healthy: v.boolean(),
  started: v.boolean(),
  pending: v.boolean(),
  /** RFC 3339, or `not started`. */
  startedAt: v.string(),
  uptime: v.string(),
  queueDepth: count,
  errorRate: share,
  consecutiveFails: count,
  totalReconciles: count,
  resourceCount: count,
  /** Survives recovery: for audit. */
  lastError: v.string(),
  /** RFC 3339, or `never`. */
  lastReconcile: v.string(),
  hasUnhealthyDependencies: v.boolean(),
  /** Why it is pending or degraded; "" otherwise. This and the rest are ours, not published. */
  why: v.string(),
  /** CRs whose last pass failed, and the one that failed most. */
  failingResources: count,
  worstOffender: v.optional(v.string()),
})
/** A body that fits the schema of the same name. */
export type CrdHealth = Body<typeof CrdHealth>

const Dependency = v.object({
  name: v.string(),
  state: v.picklist([...State.options, "missing", "unknown"]),
  condition: v.string(),
  acceptableCondition: v.string(),
  satisfied: v.boolean(),
})

/** `GET /katalog/{crd}`. */
export const CrdInfo = v.object({
  name: v.string(),
  /** `group/version, Kind=K`. */
  gvk: v.string(),
  isKonductor: v.boolean(),
  workers: count,
  workersSource: v.picklist(["default", "configured", "autoscaler"]),
  workersActive: count,
  workersIdle: count,
  workersProcessing: count,
  workerDetails,
  resync: v.string(),
  queueDepth: count,
  maxDepth: count,
  queue: v.object({ depth: count, failureThreshold: count }),
  rbac: v.array(v.object({ group: v.string(), resource: v.string(), verbs: names })),
  admission: Admission,
  conversion: Conversion,
  deletionProtection: v.object({ enabled: v.boolean(), total: count, blocked: count }),
  namespaceProtection: v.object({ enabled: v.boolean() }),
  dependencies: v.record(v.string(), Dependency),
  metrics: v.object({
    workers: count,
    queueDepth: count,
    errorRate: share,
    successRate: share,
    workersBusyPercent: v.number(),
    workersIdlePercent: v.number(),
    reconcileDurationP95Ms: v.number(),
    errorRatePercent: v.number(),
  }),
})
/** A body that fits the schema of the same name. */
export type CrdInfo = Body<typeof CrdInfo>

const CrItem = v.object({
  name: v.string(),
  namespace: v.string(),
  phase: v.optional(v.string()),
  ready: v.boolean(),
  readyReason: v.optional(v.string()),
  age: v.string(),
  generation: count,
  /** What `?field=` names; absent where the CR has no such field. */
  value: v.optional(v.unknown()),
})

/** `GET /katalog/{crd}/cr`. */
export const CrList = v.object({ crd: v.string(), gvk: v.string(), total: count, items: v.array(CrItem) })
/** A body that fits the schema of the same name. */
export type CrList = Body<typeof CrList>

/** One child of a CR. `status` holds the few numbers that tell how far it is; never data. */
export const Child = v.object({
  name: v.string(),
  namespace: v.string(),
  kind: v.string(),
  ready: v.boolean(),
  /** What it waits for, when it is not ready. Ours, not published. */
  why: v.optional(v.string()),
  createdAt: v.string(),
  status: v.optional(v.record(v.string(), v.union([v.string(), v.number(), v.boolean()]))),
})
/** A body that fits the schema of the same name. */
export type Child = Body<typeof Child>

/** `GET /katalog/{crd}/cr/{name}` and `/cr/{ns}/{name}`. */
export const CrDetail = v.object({
  name: v.string(),
  namespace: v.string(),
  phase: v.optional(v.string()),
  ready: v.boolean(),
  readyReason: v.optional(v.string()),
  readyMessage: v.optional(v.string()),
  generation: count,
  status: v.record(v.string(), v.unknown()),
  /** By kind: one child, or the list of them. */
  children: v.record(v.string(), v.union([Child, v.array(Child)])),
  eventsEndpoint: v.string(),
})
/** A body that fits the schema of the same name. */
export type CrDetail = Body<typeof CrDetail>

/** `GET .../events`, newest first. */
export const CrEvents = v.object({
  name: v.string(),
  namespace: v.string(),
  events: v.array(
    v.object({
      type: v.picklist(["Normal", "Warning"]),
      reason: v.string(),
      message: v.string(),
      age: v.string(),
    }),
  ),
})
/** A body that fits the schema of the same name. */
export type CrEvents = Body<typeof CrEvents>

/** `GET .../why` and `GET /why?object=KIND/NAME`: why an object is as it is. */
export const Why = v.object({
  kind: v.string(),
  namespace: v.string(),
  name: v.string(),
  /** The operator, and the CR that the object is or belongs to. */
  crd: v.string(),
  cr: v.object({ kind: v.string(), namespace: v.string(), name: v.string() }),
  ready: v.boolean(),
  reason: v.string(),
  message: v.string(),
  /** How long it has been so: `4m`. */
  since: v.string(),
  /** Each child that is not ready; of a child, itself. */
  waitsFor: v.array(
    v.object({
      object: v.string(),
      why: v.string(),
      since: v.string(),
      /** What is behind it: Pods that do not run, warnings. */
      causes: v.array(v.object({ object: v.string(), why: v.string(), since: v.optional(v.string()) })),
    }),
  ),
  /** The other conditions of the CR that are True. */
  conditions: v.array(v.object({ type: v.string(), reason: v.string(), message: v.string(), since: v.string() })),
  /** When the CR is looked at next. */
  next: v.string(),
  /** Newest first. */
  passes: v.array(
    v.object({
      age: v.string(),
      trigger: v.string(),
      inputs: v.string(),
      outcome: v.string(),
      did: v.string(),
      why: v.string(),
      durationMs: v.number(),
      times: count,
    }),
  ),
  /** With `?path=`: the field, who set it, and where the Katalog declares its object. */
  field: v.optional(
    v.object({
      path: v.string(),
      value: v.optional(v.unknown()),
      managers: v.array(
        v.object({ manager: v.string(), operation: v.string(), subresource: v.optional(v.string()), age: v.string() }),
      ),
    }),
  ),
  /** Where the entry that makes a child is written. */
  declaredAt: v.optional(v.string()),
})
/** A body that fits the schema of the same name. */
export type Why = Body<typeof Why>

/** Reads a body that came over the wire. Unknown fields are dropped; the error names the first wrong field. */
export function readBody<S extends v.GenericSchema>(schema: S, body: unknown): Result<Body<S>, string> {
  const parsed = v.safeParse(schema, body)
  // A value of the schema's output type; Body only adds readonly.
  if (parsed.success) return ok(parsed.output as Body<S>)
  const [issue] = parsed.issues
  return err(`${v.getDotPath(issue) ?? "body"}: ${issue.message}`)
}
