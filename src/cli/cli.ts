import { type CommandDef, defineCommand, runCommand } from "citty"
import { didYouMean, isOrkError, messageOf, Stopped } from "../base/mod.ts"
import type { Command } from "./command.ts"
import type { CommandSpec } from "./command-spec.ts"
import { clusterSpec } from "./commands/cluster-spec.ts"
import { completion } from "./commands/completion.ts"
import { drainSpec } from "./commands/drain-spec.ts"
import { explain } from "./commands/explain.ts"
import { fmt } from "./commands/fmt.ts"
import { notes } from "./commands/notes.ts"
import { runSpec } from "./commands/run-spec.ts"
import { schema } from "./commands/schema.ts"
import { statusSpec } from "./commands/status-spec.ts"
import { template } from "./commands/template.ts"
import { validate } from "./commands/validate.ts"
import { version } from "./commands/version.ts"
import { whySpec } from "./commands/why-spec.ts"
import { exit, exitCodeOf, UsageError } from "./exit.ts"
import { renderHelp } from "./help.ts"
import { parseCommandLine } from "./parse.ts"
import { paint } from "./print.ts"
import type { Terminal } from "./terminal.ts"

// What a running operator needs is loaded only when it runs: `ork validate` stays quick.
const run: Command = {
  spec: runSpec,
  run: async (terminal, parsed) => (await import("./commands/run.ts")).run.run(terminal, parsed),
}

const cluster: Command = {
  spec: clusterSpec,
  run: async (terminal, parsed) => (await import("./commands/cluster.ts")).cluster.run(terminal, parsed),
}

const drain: Command = {
  spec: drainSpec,
  run: async (terminal, parsed) => (await import("./commands/drain.ts")).drain.run(terminal, parsed),
}

const status: Command = {
  spec: statusSpec,
  run: async (terminal, parsed) => (await import("./commands/status.ts")).status.run(terminal, parsed),
}

const why: Command = {
  spec: whySpec,
  run: async (terminal, parsed) => (await import("./commands/why.ts")).why.run(terminal, parsed),
}

const commands: readonly Command[] = [
  run,
  validate,
  template,
  fmt,
  cluster,
  explain,
  schema,
  status,
  why,
  drain,
  notes,
  completion(() => commands.map((c) => c.spec)),
  version,
]

const root: CommandSpec = {
  name: "ork",
  summary: "Kubernetes operators that are data",
  description: [
    "A Katalog (YAML) names CRDs and says, per CRD, what should exist for each custom resource. `ork run` gives every CRD an operator of its own.",
  ],
  examples: [
    { summary: "check a Katalog, without a cluster", command: "ork validate katalogs/hello-website" },
    { summary: "run it on the current kubeconfig context", command: "ork run katalogs/hello-website" },
    { summary: "see how its operators are doing", command: "ork status" },
  ],
  flags: [],
  subcommands: commands.map((command) => command.spec),
}

/** Runs one command line and returns the exit code. Throws nothing: every error ends here, as one line. */
export async function main(args: readonly string[], terminal: Terminal): Promise<number> {
  try {
    const [word] = args
    if (word === undefined || word === "--help" || word === "-h" || word === "help") return help(terminal, args)
    if (word === "--version") return await dispatch(["version"], terminal)
    return await dispatch(args, terminal)
  } catch (error) {
    return failed(terminal, error, args[0])
  }
}

function help(terminal: Terminal, args: readonly string[]): number {
  const word = args[0] === "help" ? args[1] : undefined
  const command = word === undefined ? undefined : commandOf(word)
  const options = { colour: terminal.outColour, width: terminal.width }
  terminal.out(command ? renderHelp(command.spec, { ...options, parent: "ork" }) : renderHelp(root, options))
  return exit.fine
}

function commandOf(word: string): Command {
  const found = commands.find((command) => command.spec.name === word)
  if (found) return found
  const meant = didYouMean(
    word,
    commands.map((command) => command.spec.name),
  )
  throw new UsageError(`unknown command "${word}"${meant ? `; did you mean "${meant}"?` : ""}`)
}

async function dispatch(args: readonly string[], terminal: Terminal): Promise<number> {
  commandOf(args[0] ?? "")
  let code: number = exit.fine
  const subCommands = Object.fromEntries(
    commands.map((command): [string, CommandDef] => [
      command.spec.name,
      defineCommand({
        meta: { name: command.spec.name, description: command.spec.summary },
        run: async ({ rawArgs }) => {
          code = await runOne(command, rawArgs, terminal)
        },
      }),
    ]),
  )
  await runCommand(defineCommand({ meta: { name: "ork" }, subCommands }), { rawArgs: [...args] })
  return code
}

async function runOne(command: Command, args: readonly string[], terminal: Terminal): Promise<number> {
  const parsed = parseCommandLine(command.spec, args)
  if (!parsed.help) return await command.run(terminal, parsed)
  terminal.out(renderHelp(command.spec, { colour: terminal.outColour, width: terminal.width, parent: "ork" }))
  return exit.fine
}

function failed(terminal: Terminal, error: unknown, word: string | undefined): number {
  if (terminal.signal.aborted && (error === terminal.signal.reason || error instanceof Stopped)) return exit.fine
  const sign = paint("✖", "red", terminal.errColour)
  if (error instanceof UsageError) {
    const isKnown = commands.some((command) => command.spec.name === word)
    const help = isKnown ? `ork ${word} --help shows what it takes` : "ork --help lists commands and flags"
    terminal.err(`${sign} ${error.message}\n  help: ${help}\n`)
  } else if (isOrkError(error)) terminal.err(`${sign} ${error.message}\n`)
  else {
    const stack = error instanceof Error ? (error.stack ?? error.message) : messageOf(error)
    terminal.err(`${sign} this is a mistake in ork, please report it: ${stack}\n`)
  }
  return exitCodeOf(error)
}
