/** Variables by block, the way Go scopes them: the innermost declaration of a name counts. */
export class Scopes<T> {
  readonly #blocks: Map<string, T>[] = [new Map()]

  /** Runs `work` in a block of its own. */
  block(work: () => void): void {
    this.#blocks.push(new Map())
    work()
    this.#blocks.pop()
  }

  /** Adds `name` to the innermost block. */
  declare(name: string, value: T): void {
    this.#blocks.at(-1)?.set(name, value)
  }

  /** The value of the innermost `name`. */
  get(name: string): T | undefined {
    return this.#blocks.findLast((block) => block.has(name))?.get(name)
  }

  /** Replaces the value of the innermost `name`. */
  assign(name: string, value: T): void {
    this.#blocks.findLast((block) => block.has(name))?.set(name, value)
  }

  has(name: string): boolean {
    return this.#blocks.some((block) => block.has(name))
  }

  names(): readonly string[] {
    return this.#blocks.flatMap((block) => [...block.keys()])
  }
}
