import type { ObjectKey } from "../kube/mod.ts"

/**
 * What was last said about each CR, by topic, so that an event is sent only when it says something new.
 *
 * In memory. Bounded by the number of CRs: whoever drops one calls `forget`.
 */
export class Said {
  readonly #byCr = new Map<ObjectKey, Map<string, string>>()

  /** True when `text` is not what was last said on this topic; undefined says that there is nothing to say now. */
  isNews(key: ObjectKey, topic: string, text: string | undefined): boolean {
    const topics = this.#byCr.get(key) ?? new Map<string, string>()
    const before = topics.get(topic)
    if (text === undefined) topics.delete(topic)
    else topics.set(topic, text)
    if (topics.size === 0) this.#byCr.delete(key)
    else this.#byCr.set(key, topics)
    return text !== undefined && text !== before
  }

  /** A CR is gone, and what was said about it. */
  forget(key: ObjectKey): void {
    this.#byCr.delete(key)
  }

  /** CRs that something was said about. */
  get size(): number {
    return this.#byCr.size
  }
}
