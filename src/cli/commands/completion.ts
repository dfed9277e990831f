import type { Command } from "../command.ts"
import type { CommandSpec } from "../command-spec.ts"
import { completionScript, shells } from "../completion.ts"
import { UsageError } from "../exit.ts"

/** `ork completion SHELL`: a script that completes this binary's commands and flags. */
export function completion(commands: () => readonly CommandSpec[]): Command {
  return {
    spec: {
      name: "completion",
      summary: "print a completion script for a shell",
      description: ["Load it in the shell's start-up file, and Tab completes commands, flags, values and files."],
      examples: [
        { summary: "bash", command: "source <(ork completion bash)" },
        { summary: "zsh", command: "source <(ork completion zsh)" },
        { summary: "fish", command: "ork completion fish | source" },
      ],
      flags: [],
      args: [{ name: "shell", required: true, values: shells, summary: "the shell that loads the script" }],
    },
    async run(terminal, parsed) {
      const shell = shells.find((name) => name === parsed.positionals[0])
      if (!shell) throw new UsageError(`shell is one of ${shells.join(", ")}`)
      terminal.out(completionScript(shell, commands()))
      return 0
    },
  }
}
