type Pairs = Readonly<Record<string, string>>

/** Names by the labels that they have, or ask for: so that one finds the other without a look at all. */
export class PairIndex {
  readonly #byPair = new Map<string, Set<string>>()

  /** `name` had the pairs of `before`, and now has those of `after`. */
  note({ namespace, name }: { readonly namespace: string; readonly name: string }, before: Pairs, after: Pairs): void {
    for (const [key, value] of Object.entries(before)) {
      if (after[key] === value) continue
      const names = this.#byPair.get(pairOf(namespace, key, value))
      names?.delete(name)
      if (names?.size === 0) this.#byPair.delete(pairOf(namespace, key, value))
    }
    for (const [key, value] of Object.entries(after)) {
      const pair = pairOf(namespace, key, value)
      const names = this.#byPair.get(pair)
      if (names === undefined) this.#byPair.set(pair, new Set([name]))
      else names.add(name)
    }
  }

  /** The names with one of these pairs. */
  withAny(namespace: string, pairs: Pairs): readonly string[] {
    const found = new Set<string>()
    for (const [key, value] of Object.entries(pairs)) {
      for (const name of this.#byPair.get(pairOf(namespace, key, value)) ?? []) found.add(name)
    }
    return [...found]
  }

  /** Names of which those with all these pairs are some: the ones with the rarest pair. */
  withRarest(namespace: string, pairs: Pairs): readonly string[] {
    let rarest: ReadonlySet<string> | undefined
    for (const [key, value] of Object.entries(pairs)) {
      const names = this.#byPair.get(pairOf(namespace, key, value)) ?? none
      if (rarest === undefined || names.size < rarest.size) rarest = names
    }
    return [...(rarest ?? none)]
  }
}

const none: ReadonlySet<string> = new Set()

function pairOf(namespace: string, key: string, value: string): string {
  return `${namespace} ${key} ${value}`
}
