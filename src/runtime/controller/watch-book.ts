import type { ObjectKey } from "../../kube/mod.ts"

/** What one try at a key asks for, until it is committed beside what earlier tries asked for. */
export interface BookEntry {
  /** Notes a question: from now on its askers include the key. */
  on(question: string): void
  /** The try is over: questions of earlier tries that this one did not ask are forgotten. */
  commit(): void
}

/**
 * Who asked for what: whoever changes an answer finds the keys that have read it.
 *
 * Guarantees: a question counts from the moment it is asked, and until a later try of the key is committed without it, so
 * that a try which breaks off loses nothing. Bounded by the keys and by what one try asks: the owner forgets keys that
 * are gone.
 */
export class WatchBook {
  readonly #asked = new Map<ObjectKey, Set<string>>()
  readonly #askers = new Map<string, Set<ObjectKey>>()

  /** Questions that somebody asks. */
  get size(): number {
    return this.#askers.size
  }

  /** Begins a try at `key`. */
  begin(key: ObjectKey): BookEntry {
    const fresh = new Set<string>()
    return {
      on: (question) => {
        fresh.add(question)
        this.#note(key, question)
      },
      commit: () => {
        for (const question of this.#asked.get(key) ?? []) if (!fresh.has(question)) this.#drop(key, question)
      },
    }
  }

  /** The keys that ask `question`. */
  askers(question: string): readonly ObjectKey[] {
    return [...(this.#askers.get(question) ?? [])]
  }

  /** The keys that ask anything for which `isMeant` holds. */
  askersWhere(isMeant: (question: string) => boolean): readonly ObjectKey[] {
    const questions = [...this.#askers.keys()].filter(isMeant)
    return [...new Set(questions.flatMap((question) => this.askers(question)))]
  }

  /** A key is gone, and what it asked. */
  forget(key: ObjectKey): void {
    for (const question of this.#asked.get(key) ?? []) this.#drop(key, question)
  }

  #note(key: ObjectKey, question: string): void {
    const asked = this.#asked.get(key)
    if (asked) asked.add(question)
    else this.#asked.set(key, new Set([question]))
    const askers = this.#askers.get(question)
    if (askers) askers.add(key)
    else this.#askers.set(question, new Set([key]))
  }

  #drop(key: ObjectKey, question: string): void {
    const asked = this.#asked.get(key)
    asked?.delete(question)
    if (asked?.size === 0) this.#asked.delete(key)
    const askers = this.#askers.get(question)
    askers?.delete(key)
    if (askers?.size === 0) this.#askers.delete(question)
  }
}
