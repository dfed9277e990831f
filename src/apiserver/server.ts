import { type Clock, type Logger, type Random, Scope, silent } from "../base/mod.ts"
import type { Gvr } from "../kube/mod.ts"
import type { Api } from "./api.ts"
import { directApi } from "./api-direct.ts"
import { type Core, secondsOf } from "./core.ts"
import { History } from "./history.ts"
import { bind, evict } from "./pod-subresources.ts"
import type { Admission, Authorize, Connect, Page, User } from "./ports.ts"
import { Registry } from "./registry.ts"
import type { Resource } from "./resource.ts"
import type { Storage } from "./storage.ts"
import { MemoryStorage } from "./storage-memory.ts"
import { Watchers } from "./watchers.ts"
import { weightOf } from "./weight.ts"
import { EventLines } from "./wire/event-lines.ts"
import { handlerOf } from "./wire/handler.ts"

/** What a server is made of; everything with a default may be left out. */
export interface ApiServerOptions {
  readonly clock: Clock
  readonly random: Random
  /** What is served from the start; `register` adds more. */
  readonly resources: readonly Resource[]
  /** Memory, unless told otherwise. */
  readonly storage?: Storage
  readonly log?: Logger
  /** Webhooks and their like; without, everything is admitted. */
  readonly admission?: Admission
  /** Without, everybody may do everything. */
  readonly authorize?: Authorize
  /** What is answered beside objects; the first that answers is taken. */
  readonly pages?: readonly Page[]
  /** Subresources and kinds with answers of their own, by `pods/log` or `tokenreviews`. */
  readonly connect?: Readonly<Record<string, Connect>>
  /** YAML to a value; without, YAML bodies are read as JSON. Throws for text that is no YAML. */
  readonly parseYaml?: (text: string) => unknown
  /** Changes of one kind that are remembered for watches and pages. */
  readonly historyMax?: number
  /** Bytes of the objects in them. */
  readonly historyBytesMax?: number
  /** Changes that may wait for one slow watch. */
  readonly watchBufferMax?: number
  /** Bytes of the objects in them. */
  readonly watchBytesMax?: number
}

/** A running server. */
export interface ApiServer {
  /** Answers one request; never rejects. Without a user it comes from an administrator. */
  readonly fetch: (request: Request, user?: User) => Promise<Response>
  readonly api: Api
  /** Serves a resource, in place of the one that had its address; watches of its kind end. */
  readonly register: (resource: Resource) => void
  /** Serves it no more; its objects stay stored. */
  readonly unregister: (gvr: Gvr) => void
  /** Ends all watches and closes the storage. */
  readonly close: () => Promise<void>
}

/** A Kubernetes API server as a function from requests to answers. */
export function createApiServer(options: ApiServerOptions): ApiServer {
  const { clock, random, log = silent, storage = new MemoryStorage() } = options
  const limit = {
    ...(options.historyMax === undefined ? {} : { limit: options.historyMax }),
    ...(options.historyBytesMax === undefined ? {} : { bytesMax: options.historyBytesMax }),
  }
  const bounds = {
    ...(options.watchBufferMax === undefined ? {} : { bufferMax: options.watchBufferMax }),
    ...(options.watchBytesMax === undefined ? {} : { bytesMax: options.watchBytesMax }),
  }
  const registry = new Registry(options.resources)
  const watchers = new Watchers(bounds)
  const history = new History({ beginning: storage.revision, ...limit })
  const core: Core = {
    clock,
    now: secondsOf(clock),
    random,
    storage,
    registry,
    watchers,
    history,
    admission: options.admission,
  }
  const scope = new Scope({ log })
  const following = storage.onChange((change) => {
    const weight = weightOf(change.object)
    history.add(change, weight)
    watchers.tell(change, weight)
  })
  watchers.takeTurns(scope, clock)
  watchers.sendBookmarks(scope, clock, () => storage.revision)
  const api = directApi(core)
  const connect = { "pods/eviction": evict, "pods/binding": bind, bindings: bind, ...options.connect }
  const end = (resource: Resource | undefined) => resource && watchers.end(resource.prefix)
  return {
    fetch: handlerOf({ ...options, core, api, scope, log, connect, lines: new EventLines() }),
    api,
    register: (resource) => {
      end(registry.get(resource.gvr))
      registry.add(resource)
    },
    unregister: (gvr) => void end(registry.remove(gvr)),
    close: async () => {
      watchers.end()
      await scope.stop()
      following[Symbol.dispose]()
      storage.close()
    },
  }
}
