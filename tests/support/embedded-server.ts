/** The embedded API server as the tests of the runtime hold it: with faults, a record of calls, and hands of its own. */

import { builtinResources } from "../../src/apiserver/builtin.ts"
import { runControllers } from "../../src/apiserver/controllers.ts"
import { crdController, serveCrds } from "../../src/apiserver/crd-controller.ts"
import { garbageCollector } from "../../src/apiserver/gc.ts"
import { namespaceController } from "../../src/apiserver/namespaces.ts"
import { OwnedIndex } from "../../src/apiserver/owned.ts"
import { handleDiscovery } from "../../src/apiserver/pages.ts"
import type { Resource } from "../../src/apiserver/resource.ts"
import { type ApiServer, createApiServer } from "../../src/apiserver/server.ts"
import type { Change, StoredRef } from "../../src/apiserver/storage.ts"
import { MemoryStorage } from "../../src/apiserver/storage-memory.ts"
import { type OrkError, type Random, rfc3339, Scope, seeded, silent } from "../../src/base/mod.ts"
import {
  deepFreeze,
  isTerminating,
  type KubeObject,
  keyOf,
  mergePatch,
  type ObjectKey,
  type ResourceInfo,
  type RestMapper,
  splitKey,
  update,
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
import { client } from "../../src/runtime/client/client.ts"
import { discovery } from "../../src/runtime/client/discovery.ts"
import type { FakeClock } from "./clock.ts"

/** One call as it arrived: `apply Deployment/shop/web`, with `/status` for the subresource. */
export interface ServerCall {
  readonly verb: "get" | "list" | "create" | "update" | "patch" | "apply" | "delete" | "watch"
  readonly kind: string
  readonly object: string
  readonly body: unknown
  readonly fieldManager: string | undefined
  /** True for a write that is only tried. */
  readonly dryRun: boolean
}

/** Decides about a call: an error refuses it before it is sent. */
export type Fault = (call: ServerCall) => OrkError | undefined

const unseen: ReadonlySet<string> = new Set(["Event", "Lease"])
const served = "http://embedded"
const noJitter: Random = { next: () => 0.5 }

/**
 * The embedded API server with its garbage collector, behind the real client, in one process and on one clock.
 *
 * What it answers is frozen: caches share it, and whoever changes it in place fails.
 * `put`, `edit` and `remove` are somebody else's hands: they write at once, without admission, and make the namespaces
 * that they need.
 */
export class EmbeddedServer implements Client, Discovery, AsyncDisposable {
  readonly calls: ServerCall[] = []
  /** Every call is shown to these first. */
  readonly faults = new Set<Fault>()
  /** Told of every call once the server has answered it, before its answer arrives. */
  readonly reactions = new Set<(call: ServerCall) => void>()
  /** Whether CRDs that come get their conditions. */
  isEstablishing = true
  /** Whether the garbage collector works. */
  isCollecting = true
  /** While set, events of watches wait for it: answers are faster then. */
  eventsWait: Promise<void> | undefined
  /** What the server makes of an object before it stores it. */
  normalize: (object: KubeObject) => KubeObject = (object) => object
  readonly #clock: FakeClock
  readonly #storage = new MemoryStorage()
  readonly #server: ApiServer
  readonly #client: Client
  readonly #discovery: Discovery
  readonly #scope = new Scope({ log: silent })
  #requests: string[] = []
  #seen = 0
  #uids = 0

  constructor(clock: FakeClock) {
    this.#clock = clock
    const random = seeded(1)
    this.#server = createApiServer({
      ...{ clock, random, storage: this.#storage, resources: builtinResources(), pages: [handleDiscovery] },
      admission: { mutate: async ({ object }) => this.normalize(object), validate: async () => undefined },
    })
    const { api } = this.#server
    const crds = serveCrds(this.#server, {})
    this.#scope.defer(() => crds[Symbol.dispose]())
    const owned = new OwnedIndex()
    const gc = garbageCollector(api, owned)
    // Owners that no test ever made are taken for alive: their kinds are not served here.
    const collector = { ...gc, keys: (change: Change) => (this.#isCollected(change.object) ? gc.keys(change) : []) }
    const crdLoop = crdController(api)
    const establishing = { ...crdLoop, keys: (change: Change) => (this.isEstablishing ? crdLoop.keys(change) : []) }
    const controllers = [establishing, collector, namespaceController(api)]
    runControllers({ api, owned, clock, random, log: silent }, controllers, this.#scope)
    const transport = (request: Request) => {
      const { pathname, searchParams } = new URL(request.url)
      const verb = searchParams.get("watch") === "true" ? "WATCH" : request.method
      this.#requests.push(`${verb} ${pathname}`)
      return this.#server.fetch(request)
    }
    this.#client = client({ transport, clock, random: noJitter }, { server: served })
    this.#discovery = discovery({ transport }, { server: served })
    this.#namespace("default")
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#scope.stop()
    await this.#server.close()
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

  /** Every request since the last look, discovery included: `WATCH /api/v1/configmaps`, `GET /api`. */
  takeRequests(): readonly string[] {
    const requests = this.#requests
    this.#requests = []
    return requests
  }

  /** A stored object, by kind and `namespace/name`. */
  read(kind: string, key: string): KubeObject | undefined {
    const resource = this.#find(kind)
    return resource && this.#storage.get(refOf(resource, key))
  }

  /** All stored objects of a kind. */
  all(kind: string): readonly KubeObject[] {
    const resource = this.#find(kind)
    return resource ? this.#storage.list(resource.prefix) : []
  }

  /** What somebody else creates. A CRD is served at once. */
  put(object: KubeObject, manager = "kubectl"): KubeObject {
    const resource = this.#resource(object.kind)
    const { namespace } = object.metadata
    if (namespace !== undefined) this.#namespace(namespace)
    const { strategy } = resource
    const context = this.#context()
    const identity = { uid: `uid-${++this.#uids}`, creationTimestamp: context.now, ...object.metadata }
    const fresh = strategy.prepareCreate(strategy.complete({ ...object, metadata: identity }), context)
    const full =
      "status" in object ? { ...fresh, status: { ...establishedStatus(fresh), ...Object(object["status"]) } } : fresh
    const owned = this.#owned(resource, { object: full, live: undefined, manager })
    // Finalizers of controllers that do not run here would hold it for ever.
    const { finalizers: _, ...bare } = owned.metadata
    const metadata = { ...bare, ...object.metadata }
    const ref = refOf(resource, keyOf(object))
    const former = this.#storage.get(ref)?.metadata.resourceVersion
    const stored = this.#storage.put(ref, this.normalize({ ...owned, metadata }), former)
    if (!stored) throw new Error(`${object.kind} ${keyOf(object)} was not stored`)
    return stored
  }

  /** What somebody else changes: a merge patch by `manager`, who owns afterwards what it names. */
  edit(kind: string, key: string, patch: Readonly<Record<string, unknown>>, manager = "kubectl"): KubeObject {
    const resource = this.#resource(kind)
    const live = this.read(kind, key)
    if (!live) throw new Error(`no ${kind} ${key}`)
    const merged = mergePatch(live, patch) as KubeObject // an object stays one under a patch of its fields
    const next = resource.strategy.prepareUpdate(resource.strategy.complete(merged), live, this.#context())
    const full = "status" in patch ? { ...next, status: merged["status"] } : next
    const owned = this.#owned(resource, { object: full, live, manager })
    return this.#replace(resource, live, this.normalize(owned))
  }

  /** What somebody else deletes, finalizers respected. A deleted CRD takes its objects along and ends their watches. */
  remove(kind: string, key: string): void {
    const resource = this.#resource(kind)
    const live = this.read(kind, key)
    if (!live) return
    if (kind === "CustomResourceDefinition") {
      const { group = "", names } = Object(live["spec"])
      for (const object of this.#storage.list(`${group}/${names.plural}`))
        this.#drop(`${group}/${names.plural}`, object)
      this.#drop(resource.prefix, live)
    } else if ((live.metadata.finalizers ?? []).length === 0) this.#drop(resource.prefix, live)
    else if (!isTerminating(live)) {
      const deletionTimestamp = rfc3339(this.#clock.nowMs())
      const generation = (live.metadata.generation ?? 0) + 1
      this.#replace(resource, live, { ...live, metadata: { ...live.metadata, deletionTimestamp, generation } })
    }
  }

  mapper(options?: CallOptions): Promise<RestMapper> {
    return this.#discovery.mapper(options)
  }

  refresh(options?: CallOptions): Promise<RestMapper> {
    return this.#discovery.refresh(options)
  }

  async get(resource: ResourceInfo, key: ObjectKey, options?: CallOptions): Promise<KubeObject | undefined> {
    await this.#arrive("get", resource, key, { options })
    return deepFreeze(await this.#client.get(resource, key, options))
  }

  async list(resource: ResourceInfo, options: ListOptions = {}): Promise<ObjectList> {
    await this.#arrive("list", resource, "", { options })
    return deepFreeze(await this.#client.list(resource, options))
  }

  async create(resource: ResourceInfo, object: KubeObject, options: WriteOptions = {}): Promise<KubeObject> {
    const answered = await this.#arrive("create", resource, keyOf(object), { body: object, options })
    return answered(deepFreeze(await this.#client.create(resource, object, options)))
  }

  async update(resource: ResourceInfo, object: KubeObject, options: WriteOptions = {}): Promise<KubeObject> {
    const answered = await this.#arrive("update", resource, keyOf(object), { body: object, options })
    return answered(deepFreeze(await this.#client.update(resource, object, options)))
  }

  async patch(
    resource: ResourceInfo,
    key: ObjectKey,
    patch: { readonly type: PatchType; readonly body: unknown },
    options: WriteOptions = {},
  ): Promise<KubeObject> {
    const answered = await this.#arrive("patch", resource, key, { body: patch.body, options })
    return answered(deepFreeze(await this.#client.patch(resource, key, patch, options)))
  }

  async apply(
    resource: ResourceInfo,
    object: KubeObject,
    options: ApplyOptions,
  ): Promise<{ readonly object: KubeObject; readonly created: boolean }> {
    const answered = await this.#arrive("apply", resource, keyOf(object), { body: object, options })
    if (object.metadata.namespace !== undefined) this.#namespace(object.metadata.namespace)
    return answered(deepFreeze(await this.#client.apply(resource, object, options)))
  }

  async delete(resource: ResourceInfo, key: ObjectKey, options: DeleteOptions = {}): Promise<boolean> {
    await this.#arrive("delete", resource, key, { body: options, options })
    return this.#client.delete(resource, key, options)
  }

  async deleteCollection(resource: ResourceInfo, options?: ListOptions): Promise<void> {
    return this.#client.deleteCollection(resource, options)
  }

  async *watch(resource: ResourceInfo, options: WatchOptions = {}): AsyncIterable<WatchEvent> {
    await this.#arrive("watch", resource, "", { options })
    for await (const event of frozen(this.#client.watch(resource, options))) {
      await this.eventsWait
      yield event
    }
  }

  raw(path: string, options?: CallOptions): Promise<unknown> {
    return this.#client.raw(path, options)
  }

  async #arrive(
    verb: ServerCall["verb"],
    resource: ResourceInfo,
    key: string,
    more: { readonly body?: unknown; readonly options?: WriteOptions | undefined },
  ): Promise<<T>(answer: T) => T> {
    more.options?.signal?.throwIfAborted()
    const { kind } = resource.gvk
    const subresource = more.options?.subresource
    const object = `${kind}/${key}${subresource ? `/${subresource}` : ""}`
    const { fieldManager, dryRun = false } = more.options ?? {}
    const call: ServerCall = { verb, kind, object, body: more.body, fieldManager, dryRun }
    this.calls.push(call)
    await Promise.resolve() // an answer never comes in the turn of its question
    for (const fault of this.faults) {
      const error = fault(call)
      if (error) throw error
    }
    return (answer) => {
      for (const reaction of this.reactions) reaction(call)
      return answer
    }
  }

  #isCollected({ metadata }: KubeObject): boolean {
    const owners = metadata.ownerReferences ?? []
    return this.isCollecting && owners.every(({ uid }) => /^uid-\d+$|^[\da-f]{8}-/.test(uid))
  }

  #context() {
    const user = { name: "somebody", groups: ["system:masters"] }
    return { user, now: rfc3339(this.#clock.nowMs()), subresource: "", dryRun: false }
  }

  #owned(
    { schema, set, reset }: Resource,
    write: { readonly object: KubeObject; readonly live: KubeObject | undefined; readonly manager: string },
  ): KubeObject {
    return update({ ...write, schema, set, now: this.#context().now, reset: reset("") }).object
  }

  #replace(resource: ResourceLike, live: KubeObject, next: KubeObject): KubeObject {
    const ref = refOf(resource, keyOf(live))
    const { deletionTimestamp, finalizers = [], resourceVersion = "" } = next.metadata
    if (deletionTimestamp !== undefined && finalizers.length === 0) {
      this.#drop(resource.prefix, live)
      return next
    }
    return this.#storage.put(ref, next, live.metadata.resourceVersion ?? resourceVersion) ?? next
  }

  #drop(prefix: string, { metadata }: KubeObject): void {
    const ref = { prefix, namespace: metadata.namespace ?? "", name: metadata.name ?? "" }
    this.#storage.remove(ref, metadata.resourceVersion ?? "")
  }

  #namespace(name: string): void {
    if (!this.read("Namespace", name)) {
      this.put({ apiVersion: "v1", kind: "Namespace", metadata: { name }, spec: { finalizers: ["kubernetes"] } })
    }
  }

  #find(kind: string): Resource | undefined {
    const all = this.#server.api.resources().filter((resource) => resource.kind === kind)
    return all.find(({ gvr }) => gvr.group !== "events.k8s.io") ?? all[0]
  }

  #resource(kind: string): Resource {
    const resource = this.#find(kind)
    if (!resource) throw new Error(`${kind} is not served`)
    return resource
  }
}

/** The same events, which come no later. */
function frozen(events: AsyncIterable<WatchEvent>): AsyncIterable<WatchEvent> {
  return {
    [Symbol.asyncIterator]() {
      const from = events[Symbol.asyncIterator]()
      return {
        next: () => from.next().then((result) => deepFreeze(result)),
        return: async () => (await from.return?.()) ?? { done: true, value: undefined },
      }
    },
  }
}

/** What a CRD that is served says of itself beside its conditions. */
function establishedStatus({ kind, spec }: KubeObject): Readonly<Record<string, unknown>> {
  if (kind !== "CustomResourceDefinition") return {}
  const { names, versions } = Object(spec)
  return { acceptedNames: names, storedVersions: versions.map(({ name }: { name: string }) => name) }
}

type ResourceLike = Pick<Resource, "prefix">

function refOf({ prefix }: ResourceLike, key: string): StoredRef {
  const { namespace = "", name } = splitKey(key as ObjectKey) // tests write keys as text
  return { prefix, namespace, name: name ?? "" }
}
