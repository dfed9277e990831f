import type { Clock, Disk, FileSystem, Random } from "../base/mod.ts"

/** The process as an argument: everything a command may know of the world it was started in. */
export interface Terminal {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly home: string | undefined
  readonly hostname: string
  readonly pid: number
  readonly files: FileSystem
  /** Folders and files of our own. */
  readonly disk: Disk
  /** Puts a text in place of a file's: whole, or not at all. */
  replaceFile(path: string, text: string): void
  readonly clock: Clock
  readonly random: Random
  readonly version: string
  readonly commit: string
  /** Gives memory that is not in use back to the machine. Nothing else can be done meanwhile: for moments of rest. */
  tidy(): void
  /** Results go here. */
  out(text: string): void
  /** Everything else goes here. */
  err(text: string): void
  /** Columns, and whether colours are wanted, of the two streams. */
  readonly outColour: boolean
  readonly errColour: boolean
  readonly width: number
  /** Starts this command anew in the same process, with more in its environment; returns only where that is impossible. */
  startAnew(env: Readonly<Record<string, string>>): void
  /** Aborts when the user asks to stop. */
  readonly signal: AbortSignal
}
