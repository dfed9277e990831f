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
  }

  remove(name: string): void {
    if (!this.#added.delete(name)) this.#removed.add(name)
  }

  /** The names that begin with `prefix`, in order. */
  below(prefix: string): readonly string[] {
    this.#settle()
    if (prefix === "") return this.#sorted
    const start = this.#indexOf(prefix)
    let end = start
    while (this.#sorted[end]?.startsWith(prefix)) end++
    return this.#sorted.slice(start, end)
  }

  /** Where `name` stands or would stand. */
  #indexOf(name: string): number {
    let [low, high] = [0, this.#sorted.length]
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.#sorted[middle] ?? "") < name) low = middle + 1
      else high = middle
    }
    return low
  }

  #settle(): void {
    if (this.#added.size === 0 && this.#removed.size === 0) return
    const added = [...this.#added].sort()
    const merged: string[] = []
    let next = 0
    for (const name of this.#sorted) {
      for (let other = added[next]; other !== undefined && other < name; other = added[++next]) merged.push(other)
      if (!this.#removed.has(name)) merged.push(name)
    }
    for (; next < added.length; next++) merged.push(added[next] ?? "")
    this.#sorted = merged
    this.#added.clear()
    this.#removed.clear()
  }
}
