import { type ArgSpec, type CommandSpec, type FlagSpec, flagsOf } from "./command-spec.ts"

/** `parent`: the words before the command (`ork`); left out for the program itself. */
export interface HelpOptions {
  readonly colour: boolean
  readonly parent?: string
  /** Columns of the terminal; 80 when unknown. */
  readonly width?: number
}

/** The help of one command, for a person who reads it for the first time: usage, why, examples, commands, flags. */
export function renderHelp(spec: CommandSpec, options: HelpOptions): string {
  const { colour, parent, width = 80 } = options
  const name = parent === undefined ? spec.name : `${parent} ${spec.name}`
  const commands = spec.subcommands ?? []
  const sections = [
    section("Usage", [`  ${usage(name, spec)}`], colour),
    ...(spec.description ?? []).map((paragraph) => wrap(paragraph, width).join("\n")),
    section("Examples", examples(spec, colour), colour),
    section(
      "Commands",
      columns(
        commands.map((command) => [command.name, command.summary]),
        width,
      ),
      colour,
    ),
    section(
      "Arguments",
      columns(
        (spec.args ?? []).map((arg) => [argTerm(arg), argSummary(arg)]),
        width,
      ),
      colour,
    ),
    section(
      "Flags",
      columns(
        flagsOf(spec).map((flag) => [flagTerm(flag), flagSummary(flag)]),
        width,
      ),
      colour,
    ),
    commands.length > 0 ? `Run "${name} COMMAND --help" to read about one command.` : "",
  ]
  return `${[`${bold(name, colour)}: ${spec.summary}`, ...sections].filter((part) => part !== "").join("\n\n")}\n`
}

/** The usage line: `ork run [FLAGS] [FILE...]`. */
export function usage(name: string, spec: CommandSpec): string {
  const args = (spec.args ?? []).map((arg) => (arg.required ? argTerm(arg) : `[${argTerm(arg)}]`))
  return [name, ...(spec.subcommands?.length ? ["COMMAND"] : []), "[FLAGS]", ...args].join(" ")
}

function section(title: string, lines: readonly string[], colour: boolean): string {
  return lines.length === 0 ? "" : [bold(title, colour), ...lines].join("\n")
}

function examples(spec: CommandSpec, colour: boolean): readonly string[] {
  return (spec.examples ?? []).flatMap(({ summary, command }) => [`  ${dim(`# ${summary}`, colour)}`, `  ${command}`])
}

function argTerm(arg: ArgSpec): string {
  const word = arg.values === undefined ? arg.name.toUpperCase() : arg.values.join("|")
  return arg.repeatable ? `${word}...` : word
}

function argSummary(arg: ArgSpec): string {
  return arg.required ? `${arg.summary} (required)` : arg.summary
}

function flagTerm(flag: FlagSpec): string {
  const value = flag.takesValue ? ` ${flag.placeholder ?? flag.values?.join("|") ?? "VALUE"}` : ""
  return `${flag.short === undefined ? "    " : `-${flag.short}, `}--${flag.name}${value}`
}

function flagSummary(flag: FlagSpec): string {
  const values = flag.values !== undefined && flag.placeholder !== undefined ? `: ${flag.values.join(", ")}` : ""
  const facts = [
    ...(flag.repeatable ? ["may be repeated"] : []),
    ...(flag.default === undefined ? [] : [`default: ${flag.default}`]),
  ]
  return `${flag.summary}${values}${facts.length > 0 ? ` (${facts.join("; ")})` : ""}`
}

const termWidthMax = 32
const textWidthMin = 20

/** Two columns. A term that is too long gets a line of its own. */
function columns(rows: readonly (readonly [string, string])[], width: number): readonly string[] {
  const short = rows.map(([term]) => term.length).filter((length) => length <= termWidthMax)
  const indent = Math.max(0, ...short) + 4
  return rows.flatMap(([term, text]) => {
    const lines = wrap(text, Math.max(textWidthMin, width - indent)).map((line) => `${" ".repeat(indent)}${line}`)
    const [first = "", ...rest] = lines
    const head = `  ${term}`
    return term.length > termWidthMax
      ? [head, ...lines]
      : [`${head.padEnd(indent)}${first.trimStart()}`.trimEnd(), ...rest]
  })
}

/** Breaks `text` at spaces; a word longer than `width` stays whole. */
function wrap(text: string, width: number): readonly string[] {
  const lines: string[] = []
  let line = ""
  for (const word of text.split(/\s+/)) {
    if (line !== "" && line.length + 1 + word.length > width) {
      lines.push(line)
      line = word
    } else line = line === "" ? word : `${line} ${word}`
  }
  return [...lines, line]
}

function bold(text: string, colour: boolean): string {
  return colour ? `\u001b[1m${text}\u001b[0m` : text
}

function dim(text: string, colour: boolean): string {
  return colour ? `\u001b[2m${text}\u001b[0m` : text
}
