/** A bounded history: the newest `limit` items, oldest first; older ones are counted as dropped. */
export class Ring<T> {
  readonly #items: T[] = []
  readonly #limit: number
  #dropped = 0

  constructor(limit: number) {
    this.#limit = limit
  }

  get dropped(): number {
    return this.#dropped
  }

  push(item: T): void {
    this.#items.push(item)
    if (this.#items.length > this.#limit) {
      this.#items.shift()
      this.#dropped++
    }
  }

  toArray(): readonly T[] {
    return [...this.#items]
  }
}
