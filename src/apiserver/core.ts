import type { Clock, Random } from "../base/mod.ts"
import { rfc3339 } from "../base/mod.ts"
import type { KubeObject } from "../kube/mod.ts"
import { apiVersionOf } from "../kube/mod.ts"
import type { History } from "./history.ts"
import type { Admission, User } from "./ports.ts"
import { internal, Refusal, unreadable } from "./refusal.ts"
import type { Registry } from "./registry.ts"
import type { RequestContext, Resource } from "./resource.ts"
import type { Storage, StoredRef } from "./storage.ts"
import type { Watchers } from "./watchers.ts"

/** What the verbs work with. */
export interface Core {
  readonly clock: Clock
  /** The time, RFC 3339 in seconds: the same text for a whole second, since many objects keep it. */
  readonly now: () => string
  readonly random: Random
  readonly storage: Storage
  readonly history: History
  readonly watchers: Watchers
  readonly registry: Registry
  readonly admission: Admission | undefined
}

/** One request, understood: what it is for, and what its answer shall carry beside the object. */
export interface Call {
  readonly resource: Resource
  readonly namespace: string
  readonly name: string
  readonly context: RequestContext
  /** Who the written fields will belong to. */
  readonly manager: string
  /** The options as they came, for admission. */
  readonly options: Readonly<Record<string, unknown>>
  readonly warn: (text: string) => void
}

/** Who the server's own controllers are. */
export const systemUser: User = { name: "system:apiserver", groups: ["system:masters", "system:authenticated"] }

/** A clock's time in seconds, as text that is made once a second. */
export function secondsOf(clock: Clock): () => string {
  let [second, text] = [-1, ""]
  return () => {
    const nowMs = clock.nowMs()
    if (Math.floor(nowMs / 1000) !== second) {
      second = Math.floor(nowMs / 1000)
      text = rfc3339(nowMs)
    }
    return text
  }
}

/** What strategies are told about a request. */
export function contextOf(
  core: Core,
  options: { readonly user: User; readonly subresource?: string | undefined; readonly dryRun?: boolean },
): RequestContext {
  const { user, subresource = "", dryRun = false } = options
  return { user, now: core.now(), subresource, dryRun, list: (prefix) => core.storage.list(prefix) }
}

/** Where an object of a call is kept. */
export function refOf({ resource, namespace }: Pick<Call, "resource" | "namespace">, name: string): StoredRef {
  return { prefix: resource.prefix, namespace, name }
}

/** Stored objects in the version that `resource` is served in. */
export async function served(resource: Resource, objects: readonly KubeObject[]): Promise<readonly KubeObject[]> {
  const apiVersion = apiVersionOf(resource.gvr)
  if (objects.every((object) => object.apiVersion === apiVersion)) return objects
  if (resource.convert !== undefined) return await resource.convert(objects, apiVersion)
  return objects.map((object) => ({ ...object, apiVersion }))
}

/** One stored object in the version that `resource` is served in. */
export async function servedOne(resource: Resource, object: KubeObject): Promise<KubeObject> {
  if (object.apiVersion === apiVersionOf(resource.gvr)) return object
  try {
    return (await served(resource, [object]))[0] ?? object
  } catch (error) {
    throw error instanceof Refusal ? unreadable(resource, object, error) : error
  }
}

/** What was just stored, in the version that `resource` is served in. */
export async function writtenOne(resource: Resource, stored: KubeObject): Promise<KubeObject> {
  if (stored.apiVersion === apiVersionOf(resource.gvr)) return stored
  try {
    return (await served(resource, [stored]))[0] ?? stored
  } catch (error) {
    const at = `revision=${stored.metadata.resourceVersion}`
    throw error instanceof Refusal ? internal(`object not decodable ${at}: ${error.message}`) : error
  }
}

/** An object in the version in which it is stored. */
export async function storable(resource: Resource, object: KubeObject): Promise<KubeObject> {
  const apiVersion = apiVersionOf({ group: resource.gvr.group, version: resource.storageVersion })
  if (object.apiVersion === apiVersion) return object
  if (resource.convert === undefined) return { ...object, apiVersion }
  return (await resource.convert([object], apiVersion))[0] ?? object
}
