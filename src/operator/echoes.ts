import { Lru } from "../base/mod.ts"
import type { KubeObject, ObjectKey } from "../kube/mod.ts"
import type { Client, Reason, StoreEvent } from "../runtime/mod.ts"

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
 */
export class Echoes {
  readonly #heard = new Map<ObjectKey, Heard[]>()
  readonly #wrote = new Lru<string, true>(wroteMax)

  /** A pass of `key` begins. */
  begin(key: ObjectKey): void {
    this.#heard.set(key, [])
  }

  /** True when the event is held back until the pass of `key` that now runs has ended. */
  holds(key: ObjectKey, { type, object }: Pick<StoreEvent, "type" | "object">, reason: Reason): boolean {
    const heard = this.#heard.get(key)
    const version = object.metadata.resourceVersion
    if (heard === undefined || version === undefined || type === "deleted" || heard.length >= heardMax) return false
    heard.push({ version, reason })
    return true
  }

  /** The pass of `key` has ended; the reason to begin another one, when something was heard that it did not write. */
  end(key: ObjectKey): Reason | undefined {
    const news = (this.#heard.get(key) ?? []).filter(({ version }) => !this.#wrote.get(version))
    this.#heard.delete(key)
    return (news.find(({ reason }) => reason !== "child") ?? news[0])?.reason
  }

  /** `client`, whose writes are remembered. */
  over(client: Client): Client {
    const noted = (object: KubeObject): KubeObject => {
      const { resourceVersion } = object.metadata
      if (resourceVersion !== undefined) this.#wrote.set(resourceVersion, true)
      return object
    }
    return {
      get: (...args) => client.get(...args),
      list: (...args) => client.list(...args),
      watch: (...args) => client.watch(...args),
      raw: (...args) => client.raw(...args),
      delete: (...args) => client.delete(...args),
      deleteCollection: (...args) => client.deleteCollection(...args),
      create: async (...args) => noted(await client.create(...args)),
      update: async (...args) => noted(await client.update(...args)),
      patch: async (...args) => noted(await client.patch(...args)),
      apply: async (...args) => {
        const answer = await client.apply(...args)
        noted(answer.object)
        return answer
      },
    }
  }
}
