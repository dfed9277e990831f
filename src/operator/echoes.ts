import { Lru } from "../base/mod.ts"
import { type KubeObject, type ManagedFieldsEntry, type ObjectKey, semanticEqual } from "../kube/mod.ts"
import type { Client, Reason, StoreEvent, WriteOptions } from "../runtime/mod.ts"

/** Own writes that are remembered; of an older one the echo costs one pass more. */
const wroteMax = 4_096
/** Events that are held back in one pass; more than that are news in any case. */
export const heardMax = 64

interface Heard {
  readonly version: string
  readonly reason: Reason
}

/**
 * The watch is often faster than the answer to a write: then the event of our own write comes while the pass that made
 * it still runs. Such an event is held back until the pass ends, and is news only if the pass did not write it.
 *
 * A write that changes nothing answers with the version of somebody else's write, so the version alone proves nothing:
 * an event that changes what other managers own is news at once.
 */
export class Echoes {
  readonly #heard = new Map<ObjectKey, Heard[]>()
  readonly #wrote = new Lru<string, true>(wroteMax)
  readonly #fieldManager: string

  constructor(fieldManager: string) {
    this.#fieldManager = fieldManager
  }

  /** A pass of `key` begins. */
  begin(key: ObjectKey): void {
    this.#heard.set(key, [])
  }

  /** True when the event is held back until the pass of `key` that now runs has ended. */
  holds(key: ObjectKey, event: Pick<StoreEvent, "type" | "object" | "before">, reason: Reason): boolean {
    const heard = this.#heard.get(key)
    const { type, object, before } = event
    const version = object.metadata.resourceVersion
    if (heard === undefined || version === undefined || type === "deleted" || heard.length >= heardMax) return false
    if (!semanticEqual(this.#others(object), this.#others(before))) return false
    heard.push({ version, reason })
    return true
  }

  /** The pass of `key` has ended; the reason to begin another one, when something was heard that it did not write. */
  end(key: ObjectKey): Reason | undefined {
    const news = (this.#heard.get(key) ?? []).filter(({ version }) => !this.#wrote.get(version))
    this.#heard.delete(key)
    return (news.find(({ reason }) => reason !== "child") ?? news[0])?.reason
  }

  /** What others own of an object. */
  #others(object: KubeObject | undefined): readonly ManagedFieldsEntry[] {
    return (object?.metadata.managedFields ?? []).filter(({ manager }) => manager !== this.#fieldManager)
  }

  /** `client`, whose writes are remembered, except those that are only tried. */
  over(client: Client): Client {
    const noted = (object: KubeObject, options: WriteOptions | undefined): KubeObject => {
      const { resourceVersion } = object.metadata
      if (resourceVersion !== undefined && options?.dryRun !== true) this.#wrote.set(resourceVersion, true)
      return object
    }
    return {
      get: (...args) => client.get(...args),
      list: (...args) => client.list(...args),
      watch: (...args) => client.watch(...args),
      raw: (...args) => client.raw(...args),
      delete: (...args) => client.delete(...args),
      deleteCollection: (...args) => client.deleteCollection(...args),
      create: async (resource, object, options) => noted(await client.create(resource, object, options), options),
      update: async (resource, object, options) => noted(await client.update(resource, object, options), options),
      patch: async (resource, ...[key, patch, options]) =>
        noted(await client.patch(resource, key, patch, options), options),
      apply: async (resource, object, options) => {
        const answer = await client.apply(resource, object, options)
        noted(answer.object, options)
        return answer
      },
    }
  }
}
