import type { Command } from "../command.ts"
import { outputFlag } from "../command-spec.ts"

/** `ork version`: what this binary is. */
export const version: Command = {
  spec: {
    name: "version",
    summary: "print the version of this binary",
    flags: [outputFlag("text", "json")],
  },
  async run(terminal, parsed) {
    const facts = { version: terminal.version, commit: terminal.commit, bun: Bun.version }
    const commit = facts.commit ? ` (${facts.commit})` : ""
    terminal.out(
      parsed.text("output") === "json"
        ? `${JSON.stringify(facts, null, 2)}\n`
        : `ork ${facts.version}${commit}, Bun ${facts.bun}\n`,
    )
    return 0
  },
}
