import { type Clock, rfc3339Micro } from "../../base/mod.ts"
import { isRecord, type KubeObject, objectKey, type ResourceInfo } from "../../kube/mod.ts"
import type { CallOptions, Client, ListOptions } from "../client/api.ts"

/** `coordination.k8s.io/v1` Lease: every server has it, so it needs no discovery. */
export const leaseResource: ResourceInfo = {
  gvk: { group: "coordination.k8s.io", version: "v1", kind: "Lease" },
  gvr: { group: "coordination.k8s.io", version: "v1", resource: "leases" },
  namespaced: true,
  singular: "lease",
  shortNames: [],
  verbs: ["get", "list", "watch", "create", "update", "patch", "delete"],
  subresources: [],
}

/** What a Lease says. Times are those of whoever wrote it. */
export interface LeaseRecord {
  /** "" when nobody holds it. */
  readonly holder: string
  readonly durationMs: number
  readonly acquiredAtMs: number
  readonly renewedAtMs: number
  readonly transitions: number
}

/** A Lease as it was read: writing it back needs the version. */
export interface HeldLease {
  readonly object: KubeObject
  readonly record: LeaseRecord
}

/** Reads and writes one Lease. Writes fail with `api/conflict` or `api/already-exists` when somebody was faster. */
export class LeaseLock {
  readonly #client: Client
  readonly #namespace: string
  readonly #name: string
  readonly #labels: Readonly<Record<string, string>> | undefined

  /** `labels` are put on a Lease that is made. */
  constructor(
    deps: { client: Client },
    options: {
      readonly namespace: string
      readonly name: string
      readonly labels?: Readonly<Record<string, string>> | undefined
    },
  ) {
    this.#client = deps.client
    this.#namespace = options.namespace
    this.#name = options.name
    this.#labels = options.labels
  }

  /** The Lease, undefined when there is none. */
  async read(options: CallOptions): Promise<HeldLease | undefined> {
    const object = await this.#client.get(leaseResource, objectKey(this.#namespace, this.#name), options)
    return object === undefined ? undefined : { object, record: recordOf(object) }
  }

  /** Writes `record` over `before`, or as a new Lease. */
  async write(record: LeaseRecord, before: HeldLease | undefined, options: CallOptions): Promise<HeldLease> {
    const object =
      before === undefined
        ? await this.#client.create(leaseResource, this.#fresh(record), options)
        : await this.#client.update(leaseResource, withRecord(before.object, record), options)
    return { object, record: recordOf(object) }
  }

  #fresh(record: LeaseRecord): KubeObject {
    const metadata = {
      namespace: this.#namespace,
      name: this.#name,
      ...(this.#labels === undefined ? {} : { labels: this.#labels }),
    }
    return withRecord({ apiVersion: "coordination.k8s.io/v1", kind: "Lease", metadata }, record)
  }
}

/**
 * Who holds a Lease, undefined when there is none. `live`: held, and not expired by the times written in it; these are
 * another machine's, so this is good for a warning, not for taking over.
 */
export async function readLease(
  deps: { readonly client: Client; readonly clock: Clock },
  lease: { readonly namespace: string; readonly name: string },
  signal: AbortSignal,
): Promise<(LeaseRecord & { readonly live: boolean }) | undefined> {
  const read = await new LeaseLock(deps, lease).read({ signal })
  if (read === undefined) return undefined
  const { record } = read
  return { ...record, live: isLive(record, deps.clock) }
}

/** A Lease that somebody holds. */
export interface LiveLease {
  readonly namespace: string
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly holder: string
}

/** The Leases of a cluster, or of one namespace, that somebody holds now; `live` as in `readLease`. */
export async function liveLeases(
  deps: { readonly client: Client; readonly clock: Clock },
  options: ListOptions,
): Promise<readonly LiveLease[]> {
  const { items } = await deps.client.list(leaseResource, options)
  return items.flatMap((object) => {
    const record = recordOf(object)
    const { namespace = "", name = "", labels = {} } = object.metadata
    return isLive(record, deps.clock) ? [{ namespace, name, labels, holder: record.holder }] : []
  })
}

function isLive(record: LeaseRecord, clock: Clock): boolean {
  return record.holder !== "" && record.renewedAtMs + record.durationMs > clock.nowMs()
}

/** What a Lease object says. */
export function recordOf(object: KubeObject): LeaseRecord {
  const spec = isRecord(object["spec"]) ? object["spec"] : {}
  const time = (value: unknown) => (typeof value === "string" ? Date.parse(value) || 0 : 0)
  const count = (value: unknown) => (typeof value === "number" ? value : 0)
  return {
    holder: typeof spec["holderIdentity"] === "string" ? spec["holderIdentity"] : "",
    durationMs: count(spec["leaseDurationSeconds"]) * 1_000,
    acquiredAtMs: time(spec["acquireTime"]),
    renewedAtMs: time(spec["renewTime"]),
    transitions: count(spec["leaseTransitions"]),
  }
}

function withRecord(object: KubeObject, record: LeaseRecord): KubeObject {
  return {
    ...object,
    spec: {
      ...(isRecord(object["spec"]) ? object["spec"] : {}),
      holderIdentity: record.holder,
      leaseDurationSeconds: Math.ceil(record.durationMs / 1_000),
      acquireTime: rfc3339Micro(record.acquiredAtMs),
      renewTime: rfc3339Micro(record.renewedAtMs),
      leaseTransitions: record.transitions,
    },
  }
}
