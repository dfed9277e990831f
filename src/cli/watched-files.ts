import type { FileSystem } from "../base/mod.ts"

/**
 * Files that remember what was asked of them, so that one can ask whether the answers would be others now.
 *
 * Looks at contents: a mounted ConfigMap changes behind the same paths, and an editor may write the same text again.
 */
export class WatchedFiles implements FileSystem {
  readonly #files: FileSystem
  readonly #asked = new Map<string, { readonly ask: () => unknown; readonly answer: string }>()

  constructor(files: FileSystem) {
    this.#files = files
  }

  read(path: string): string {
    return this.#ask(`read ${path}`, () => this.#files.read(path))
  }

  kind(path: string): "file" | "folder" | undefined {
    return this.#ask(`kind ${path}`, () => this.#files.kind(path))
  }

  glob(folder: string, pattern: string): readonly string[] {
    return this.#ask(`glob ${folder} ${pattern}`, () => this.#files.glob(folder, pattern))
  }

  /** What the answers were, as one text. */
  get before(): string {
    return [...this.#asked.values()].map(({ answer }) => answer).join("\n")
  }

  /** What they would be now; the same text means that nothing has changed. */
  now(): string {
    return [...this.#asked.values()].map(({ ask }) => digestNow(ask)).join("\n")
  }

  #ask<T>(question: string, ask: () => T): T {
    let answer = unreadable
    try {
      const found = ask()
      answer = digest(found)
      return found
    } finally {
      if (!this.#asked.has(question)) this.#asked.set(question, { ask, answer })
    }
  }
}

/** That a file cannot be read is an answer too. */
const unreadable = "-"

function digest(answer: unknown): string {
  return Bun.hash(JSON.stringify(answer) ?? "").toString(36)
}

function digestNow(ask: () => unknown): string {
  try {
    return digest(ask())
  } catch {
    return unreadable
  }
}
