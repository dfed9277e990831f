import { OrkError, onAbort, rfc3339 } from "../../src/base/mod.ts"
import {
  describeObject,
  formatGvr,
  isRecord,
  type KubeObject,
  keyOf,
  matches,
  mergePatch,
  type ObjectKey,
  parseSelector,
  type ResourceInfo,
  type RestMapper,
  restMapper,
  semanticEqual,
  statusError,
} from "../../src/kube/mod.ts"
import type {
  ApplyOptions,
  CallOptions,
  Client,
  DeleteOptions,
  Discovery,
  ListOptions,
  ObjectList,
  PatchType,
  WatchEvent,
  WatchOptions,
  WriteOptions,
} from "../../src/runtime/client/api.ts"
import type { FakeClock } from "./clock.ts"
import { applied, fieldsOf, leavesOf, valueAt, withManager } from "./field-ownership.ts"
import { builtinResources, crdResource, resourceOfCrd } from "./makers.ts"

/** One call as it arrived: `apply Deployment/shop/web`, with `/status` for the subresource. */
export interface ServerCall {
  readonly verb: "get" | "list" | "create" | "update" | "patch" | "apply" | "delete" | "watch"
  readonly kind: string
  readonly object: string
  readonly body: unknown
  readonly fieldManager: string | undefined
  /** A question without consequences. */
  readonly dryRun: boolean
}

/** Decides about a call: an error refuses it. */
export type Fault = (call: ServerCall) => OrkError | undefined

interface Watcher {
  readonly resource: ResourceInfo
  readonly selector: string
  readonly push: (event: WatchEvent | "end") => void
}

const unseen: ReadonlySet<string> = new Set(["Event", "Lease"])

/**
 * An API server in memory, as far as operators need one.
 *
 * Guarantees: resource versions that grow with every change, server-side apply with field ownership by leaf (a list is a
 * leaf), preconditions, finalizers, the status subresource, owner references (of UIDs it gave itself) followed, watches with label
 * selectors. An apply or patch that changes nothing keeps the version.
 * Not promised: a history for watches (older versions are expired), defaults, validation, namespaces that must exist.
 */
export class FakeServer implements Client, Discovery {
  readonly calls: ServerCall[] = []
  /** Every call is shown to these first. */
  readonly faults = new Set<Fault>()
  /** What the server makes of an object before it stores it. */
  normalize: (object: KubeObject) => KubeObject = (object) => object
  readonly #clock: FakeClock
  readonly #objects = new Map<string, Map<ObjectKey, KubeObject>>()
  readonly #watchers = new Set<Watcher>()
  readonly #served = new Map<string, ResourceInfo>()
  readonly #changedAt = new Map<string, number>()
  #version = 100
  #uids = 0
  #seen = 0

  constructor(clock: FakeClock) {
    this.#clock = clock
    for (const resource of [crdResource, ...builtinResources]) this.#served.set(resource.gvk.kind, resource)
  }

  /** The writes since the last look, in order, without Events and Leases: `apply Deployment/shop/web`. */
  takeWrites(): readonly string[] {
    const fresh = this.calls.slice(this.#seen)
    this.#seen = this.calls.length
    return fresh
      .filter(
        ({ verb, kind, dryRun }) =>
          !dryRun && ["apply", "patch", "create", "update", "delete"].includes(verb) && !unseen.has(kind),
      )
      .map(({ verb, object }) => `${verb} ${object}`)
  }

  /** A stored object, by kind and `namespace/name`. */
  read(kind: string, key: string): KubeObject | undefined {
    return this.#store(this.#resource(kind)).get(key as ObjectKey) // tests write keys as text
  }

  /** All stored objects of a kind. */
  all(kind: string): readonly KubeObject[] {
    return [...this.#store(this.#resource(kind)).values()]
  }

  /** What somebody else creates. A CRD is served at once. */
  put(object: KubeObject, manager = "kubectl"): KubeObject {
    const leaves = leavesOf(object)
    const managedFields = [{ manager, operation: "Update", fieldsV1: fieldsOf(leaves) }]
    if (object.kind === "CustomResourceDefinition") {
      const resource = resourceOfCrd(object)
      this.#served.set(resource.gvk.kind, resource)
    }
    return this.#insert(this.#resource(object.kind), {
      ...object,
      metadata: { managedFields, ...object.metadata },
    })
  }

  /** What somebody else changes: a merge patch by `manager`, who owns afterwards what it names. */
  edit(kind: string, key: string, patch: Readonly<Record<string, unknown>>, manager = "kubectl"): KubeObject {
    const live = this.read(kind, key)
    if (!live) throw new Error(`no ${kind} ${key}`)
    const next = mergePatch(live, patch) as KubeObject // an object stays one under a patch of its fields
    const changed = leavesOf(next).filter((leaf) => !semanticEqual(valueAt(live, leaf), valueAt(next, leaf)))
    const taken = { manager, operation: "Update" as const, leaves: changed }
    const managedFields =
      changed.length > 0 ? withManager(live.metadata.managedFields ?? [], taken, changed) : live.metadata.managedFields
    const metadata = { ...next.metadata, ...(managedFields ? { managedFields } : {}) }
    return this.#replace(this.#resource(kind), live, { ...next, metadata })
  }

  /** What somebody else deletes, finalizers respected. A deleted CRD takes its objects along and ends their watches. */
  remove(kind: string, key: string): void {
    const live = this.read(kind, key)
    if (live) this.#delete(this.#resource(kind), live)
    if (!live || kind !== "CustomResourceDefinition") return
    const resource = resourceOfCrd(live)
    for (const object of this.all(resource.gvk.kind)) this.#drop(resource, object)
    this.#served.delete(resource.gvk.kind)
    for (const watcher of this.#watchers) if (watcher.resource.gvk.kind === resource.gvk.kind) watcher.push("end")
  }

  async mapper(): Promise<RestMapper> {
    return restMapper([...this.#served.values()])
  }

  async refresh(): Promise<RestMapper> {
    return this.mapper()
  }

  async get(resource: ResourceInfo, key: ObjectKey, options?: CallOptions): Promise<KubeObject | undefined> {
    await this.#arrive("get", resource, key, { options })
    return this.#store(resource).get(key)
  }

  async list(resource: ResourceInfo, options: ListOptions = {}): Promise<ObjectList> {
    await this.#arrive("list", resource, "", { options })
    const items = [...this.#store(resource).values()].filter((object) => selects(options.labelSelector, object))
    return { items, resourceVersion: String(this.#version), continueToken: undefined }
  }

  async create(resource: ResourceInfo, object: KubeObject, options: WriteOptions = {}): Promise<KubeObject> {
    await this.#arrive("create", resource, keyOf(object), { body: object, options })
    if (this.#store(resource).has(keyOf(object))) throw refusal(object, 409, "AlreadyExists")
    return this.#insert(resource, object)
  }

  async update(resource: ResourceInfo, object: KubeObject, options: WriteOptions = {}): Promise<KubeObject> {
    await this.#arrive("update", resource, keyOf(object), { body: object, options })
    return this.#replace(resource, this.#existing(resource, keyOf(object)), object)
  }

  async patch(
    resource: ResourceInfo,
    key: ObjectKey,
    patch: { readonly type: PatchType; readonly body: unknown },
    options: WriteOptions = {},
  ): Promise<KubeObject> {
    const { body } = patch
    await this.#arrive("patch", resource, key, { body, options })
    const live = this.#existing(resource, key)
    if (options.dryRun) return live
    const { metadata, status, ...rest } = isRecord(body) ? body : {}
    const { resourceVersion, ...meta } = isRecord(metadata) ? metadata : {}
    if (resourceVersion !== undefined && resourceVersion !== live.metadata.resourceVersion) {
      throw refusal(live, 409, "Conflict")
    }
    const hasStatus = resource.subresources.includes("status")
    const share =
      options.subresource === "status"
        ? { status }
        : { ...rest, metadata: meta, ...(hasStatus || status === undefined ? {} : { status }) }
    return this.#replace(resource, live, mergePatch(live, share) as KubeObject) // patches of objects are objects
  }

  async apply(
    resource: ResourceInfo,
    object: KubeObject,
    options: ApplyOptions,
  ): Promise<{ readonly object: KubeObject; readonly created: boolean }> {
    const key = keyOf(object)
    await this.#arrive("apply", resource, key, { body: object, options })
    const live = this.#store(resource).get(key)
    const { uid, resourceVersion, ...metadata } = object.metadata
    const config: KubeObject = { ...object, metadata }
    const { fieldManager: manager } = options
    if (!live) {
      if (uid !== undefined) throw refusal(object, 409, "Conflict")
      const leaves = leavesOf(config)
      const managedFields = withManager([], { manager, operation: "Apply", leaves })
      if (options.dryRun) return { object: { ...config, metadata: { ...metadata, managedFields } }, created: true }
      return { object: this.#insert(resource, { ...config, metadata: { ...metadata, managedFields } }), created: true }
    }
    const stale = resourceVersion !== undefined && resourceVersion !== live.metadata.resourceVersion
    if (stale || (uid !== undefined && uid !== live.metadata.uid)) throw refusal(live, 409, "Conflict")
    const result = applied(live, config, manager)
    if (result.conflicts.length > 0 && !options.force) throw fieldConflict(live, result.conflicts)
    if (options.dryRun) return { object: result.object, created: false }
    return { object: this.#replace(resource, live, result.object), created: false }
  }

  async delete(resource: ResourceInfo, key: ObjectKey, options: DeleteOptions = {}): Promise<boolean> {
    await this.#arrive("delete", resource, key, { body: options, options })
    const live = this.#store(resource).get(key)
    if (!live) return false
    const { uid, resourceVersion } = options
    const moved = resourceVersion !== undefined && resourceVersion !== live.metadata.resourceVersion
    if (moved || (uid !== undefined && uid !== live.metadata.uid)) throw refusal(live, 409, "Conflict")
    this.#delete(resource, live)
    return true
  }

  async deleteCollection(): Promise<void> {
    throw new Error("nothing deletes collections")
  }

  async *watch(resource: ResourceInfo, options: WatchOptions = {}): AsyncIterable<WatchEvent> {
    await this.#arrive("watch", resource, "", { options })
    if (!this.#served.has(resource.gvk.kind)) throw new OrkError("api/not-found", `${resource.gvk.kind}: not served`)
    const from = Number(options.resourceVersion ?? this.#version)
    if ((this.#changedAt.get(formatGvr(resource.gvr)) ?? 0) > from) throw new OrkError("api/expired", "too old")
    const arrived: (WatchEvent | "end")[] = []
    let wake: () => void = () => undefined
    const push = (event: WatchEvent | "end") => {
      arrived.push(event)
      wake()
    }
    const watcher: Watcher = { resource, selector: options.labelSelector ?? "", push }
    if (options.sendInitialEvents) {
      for (const object of this.#store(resource).values()) {
        if (selects(watcher.selector, object)) arrived.push({ type: "ADDED", object })
      }
      arrived.push({ type: "BOOKMARK", resourceVersion: String(this.#version), initialEventsEnd: true })
    }
    this.#watchers.add(watcher)
    using _end = onAbort(options.signal, () => push("end"))
    try {
      for (;;) {
        const event = arrived.shift()
        if (event === "end") return
        if (event) yield event
        else await new Promise<void>((resolve) => (wake = resolve))
      }
    } finally {
      this.#watchers.delete(watcher)
    }
  }

  async raw(): Promise<unknown> {
    return { gitVersion: "v1.37.2" }
  }

  async #arrive(
    verb: ServerCall["verb"],
    resource: ResourceInfo,
    key: string,
    more: { readonly body?: unknown; readonly options?: WriteOptions | undefined },
  ): Promise<void> {
    more.options?.signal?.throwIfAborted()
    const { kind } = resource.gvk
    const subresource = more.options?.subresource
    const object = `${kind}/${key}${subresource ? `/${subresource}` : ""}`
    const call: ServerCall = {
      verb,
      kind,
      object,
      body: more.body,
      fieldManager: more.options?.fieldManager,
      dryRun: more.options?.dryRun === true,
    }
    this.calls.push(call)
    await Promise.resolve() // an answer never comes in the turn of its question
    for (const fault of this.faults) {
      const error = fault(call)
      if (error) throw error
    }
  }

  #resource(kind: string): ResourceInfo {
    const resource = this.#served.get(kind)
    if (!resource) throw new Error(`${kind} is not served`)
    return resource
  }

  #store(resource: ResourceInfo): Map<ObjectKey, KubeObject> {
    const name = formatGvr(resource.gvr)
    const store = this.#objects.get(name) ?? new Map<ObjectKey, KubeObject>()
    this.#objects.set(name, store)
    return store
  }

  #existing(resource: ResourceInfo, key: ObjectKey): KubeObject {
    const live = this.#store(resource).get(key)
    if (live) return live
    throw new OrkError("api/not-found", `${resource.gvk.kind}/${key}: not found`)
  }

  #insert(resource: ResourceInfo, object: KubeObject): KubeObject {
    const stored: KubeObject = this.normalize({
      ...object,
      metadata: {
        uid: `uid-${++this.#uids}`,
        generation: 1,
        creationTimestamp: rfc3339(this.#clock.nowMs()),
        ...object.metadata,
        resourceVersion: String(++this.#version),
      },
    })
    this.#store(resource).set(keyOf(stored), stored)
    this.#tell(resource, undefined, stored)
    this.#collectOrphan(resource, stored)
    return stored
  }

  #replace(resource: ResourceInfo, live: KubeObject, next: KubeObject): KubeObject {
    const normal = this.normalize(next)
    if (semanticEqual(live, normal)) return live
    const before = live.metadata.generation ?? 1
    const generation = semanticEqual(meaning(live), meaning(normal)) ? before : before + 1
    const metadata = { ...normal.metadata, generation, resourceVersion: String(++this.#version) }
    const stored: KubeObject = { ...normal, metadata }
    if (metadata.deletionTimestamp !== undefined && (metadata.finalizers ?? []).length === 0) {
      this.#drop(resource, stored)
      return stored
    }
    this.#store(resource).set(keyOf(stored), stored)
    this.#tell(resource, live, stored)
    this.#collectOrphan(resource, stored)
    return stored
  }

  // An object that comes after the end of all its owners is collected a little later.
  #collectOrphan(resource: ResourceInfo, object: KubeObject): void {
    const owners = object.metadata.ownerReferences?.map(({ uid }) => uid) ?? []
    const isCollected = (uid: string) => /^uid-\d+$/.test(uid) && !this.#uidsAlive().has(uid)
    if (owners.length === 0 || !owners.every(isCollected)) return
    queueMicrotask(() => {
      const live = this.#store(resource).get(keyOf(object))
      if (live && live.metadata.resourceVersion === object.metadata.resourceVersion) this.#delete(resource, live)
    })
  }

  #uidsAlive(): ReadonlySet<string | undefined> {
    return new Set(
      [...this.#objects.values()].flatMap((store) => [...store.values()].map(({ metadata }) => metadata.uid)),
    )
  }

  #delete(resource: ResourceInfo, live: KubeObject): void {
    if ((live.metadata.finalizers ?? []).length === 0) this.#drop(resource, live)
    else if (live.metadata.deletionTimestamp === undefined) {
      const deletionTimestamp = rfc3339(this.#clock.nowMs())
      this.#replace(resource, live, { ...live, metadata: { ...live.metadata, deletionTimestamp } })
    }
  }

  #drop(resource: ResourceInfo, live: KubeObject): void {
    if (!this.#store(resource).delete(keyOf(live))) return
    const gone = { ...live, metadata: { ...live.metadata, resourceVersion: String(++this.#version) } }
    this.#tell(resource, live, undefined, gone)
    // The garbage collector: what the object owned goes with it.
    for (const other of this.#served.values()) {
      for (const child of this.#store(other).values()) {
        if (child.metadata.ownerReferences?.some(({ uid }) => uid === live.metadata.uid)) this.#delete(other, child)
      }
    }
  }

  #tell(resource: ResourceInfo, before: KubeObject | undefined, after: KubeObject | undefined, gone = before): void {
    this.#changedAt.set(formatGvr(resource.gvr), this.#version)
    for (const watcher of this.#watchers) {
      if (formatGvr(watcher.resource.gvr) !== formatGvr(resource.gvr)) continue
      const was = before !== undefined && selects(watcher.selector, before)
      const is = after !== undefined && selects(watcher.selector, after)
      if (is) watcher.push({ type: was ? "MODIFIED" : "ADDED", object: after })
      else if (was) watcher.push({ type: "DELETED", object: after ?? gone ?? before })
    }
  }
}

function selects(selector: string | undefined, object: KubeObject): boolean {
  if (!selector) return true
  const parsed = parseSelector(selector)
  return parsed.ok && matches(parsed.value, object.metadata.labels ?? {})
}

/** What counts for the generation. */
function meaning(object: KubeObject): unknown {
  const { metadata, status: _status, ...rest } = object
  return { ...rest, deletionTimestamp: metadata.deletionTimestamp }
}

function refusal(object: KubeObject, code: number, reason: string): OrkError {
  return statusError(describeObject(object), code, { kind: "Status", reason, message: reason }, undefined)
}

function fieldConflict(
  live: KubeObject,
  conflicts: readonly { readonly leaf: readonly string[]; readonly manager: string }[],
): OrkError {
  const causes = conflicts.map(({ leaf, manager }) => ({
    reason: "FieldManagerConflict",
    message: `conflict with "${manager}"`,
    field: `.${leaf.join(".")}`,
  }))
  const status = { kind: "Status" as const, reason: "Conflict", message: "Apply failed", details: { causes } }
  return statusError(describeObject(live), 409, status, undefined)
}
