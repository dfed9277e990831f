import type { CommandSpec } from "./command-spec.ts"
import type { Parsed } from "./parse.ts"
import type { Terminal } from "./terminal.ts"

/** One command: what it is called and takes, and what it does. Returns the exit code. */
export interface Command {
  readonly spec: CommandSpec
  run(terminal: Terminal, parsed: Parsed): Promise<number>
}
