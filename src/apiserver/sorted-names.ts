/** Changes up to this many are put in place one by one; more are merged in one pass. */
const fewMax = 32
/** Changes that wait for a read; more are merged at once, so that no read has to sort them all. */
const waitingMax = 4096

/**
 * Names in the order of their bytes, made for many writes between few reads: changes are collected and merged at the
 * next read.
 */
export class SortedNames {
  #sorted: string[] = []
  readonly #added = new Set<string>()
  readonly #removed = new Set<string>()

  add(name: string): void {
    if (!this.#removed.delete(name)) this.#added.add(name)
    if (this.#added.size > waitingMax) this.#settle()
  }

  remove(name: string): void {
    if (!this.#added.delete(name)) this.#removed.add(name)
    if (this.#removed.size > waitingMax) this.#settle()
  }

  /** The names that begin with `prefix`, in order; they stay in order until the next write. */
  below(prefix: string): readonly string[] {
    this.#settle()
    if (prefix === "") return this.#sorted
    const start = indexIn(this.#sorted, prefix)
    // Nothing that begins with the prefix is behind this.
    const end = indexIn(this.#sorted, `${prefix}\uffff`)
    return this.#sorted.slice(start, end)
  }

  #settle(): void {
    const changes = this.#added.size + this.#removed.size
    if (changes === 0) return
    if (changes <= fewMax) this.#placeEach()
    else this.#merge()
    this.#added.clear()
    this.#removed.clear()
  }

  #placeEach(): void {
    for (const name of this.#removed) {
      const index = indexIn(this.#sorted, name)
      if (this.#sorted[index] === name) this.#sorted.splice(index, 1)
    }
    for (const name of this.#added) this.#sorted.splice(indexIn(this.#sorted, name), 0, name)
  }

  #merge(): void {
    const added = [...this.#added].sort()
    const merged: string[] = []
    let next = 0
    for (const name of this.#sorted) {
      for (let other = added[next]; other !== undefined && other < name; other = added[++next]) merged.push(other)
      if (!this.#removed.has(name)) merged.push(name)
    }
    for (; next < added.length; next++) merged.push(added[next] ?? "")
    this.#sorted = merged
  }
}

/** Where `name` stands or would stand among names in order. */
export function indexIn(names: readonly string[], name: string): number {
  let [low, high] = [0, names.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((names[middle] ?? "") < name) low = middle + 1
    else high = middle
  }
  return low
}
