/** What a process says when it ends: 0 fine, 1 failed, 2 the Katalog is wrong, 64 the command line is wrong. */
export const exit = { fine: 0, failed: 1, katalog: 2, usage: 64 } as const

/** A command line that cannot be understood; the message says what was found and what was expected. */
export class UsageError extends Error {
  override readonly name = "UsageError"
}

/** The exit code of a thrown value. */
export function exitCodeOf(error: unknown): number {
  return error instanceof UsageError ? exit.usage : exit.failed
}
