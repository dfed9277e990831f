/** What the words of a flag's or an argument's value may be. Without it: any text. */
export interface ValueSpec {
  /** The only words allowed; completed as they stand. */
  readonly values?: readonly string[]
  /** What is said beside the list of words when the value is none of them. */
  readonly otherwise?: string
  /** Complete paths: any file, or folders only. */
  readonly complete?: "file" | "folder"
}

/** One flag. `name` is the long form without dashes, `short` one letter. */
export interface FlagSpec extends ValueSpec {
  readonly name: string
  readonly short?: string
  readonly takesValue: boolean
  readonly repeatable?: boolean
  /** What stands for the value in help: `FILE`. Without it, the values themselves, or `VALUE`. */
  readonly placeholder?: string
  /** What holds without the flag, in words for a person. */
  readonly default?: string
  readonly summary: string
}

/** One positional argument. */
export interface ArgSpec extends ValueSpec {
  readonly name: string
  readonly required?: boolean
  readonly repeatable?: boolean
  readonly summary: string
}

/** A command line worth copying, and what it does. */
export interface ExampleSpec {
  readonly summary: string
  readonly command: string
}

/** One command: the source of its help, its completion and its page in the documentation. */
export interface CommandSpec {
  readonly name: string
  /** One line, lower case, no full stop. */
  readonly summary: string
  /** Paragraphs for a person who does not know the command yet. */
  readonly description?: readonly string[]
  readonly examples?: readonly ExampleSpec[]
  readonly flags: readonly FlagSpec[]
  readonly args?: readonly ArgSpec[]
  readonly subcommands?: readonly CommandSpec[]
}

/** The flag that every command has. */
export const helpFlag: FlagSpec = { name: "help", short: "h", takesValue: false, summary: "show this help" }

/** `-o`, as every command that prints a result takes it; the first form is the default. */
export function outputFlag(first: string, ...others: readonly string[]): FlagSpec {
  return {
    name: "output",
    short: "o",
    takesValue: true,
    values: [first, ...others],
    default: first,
    summary: "output format",
  }
}

/** `-f` and `--file`: every spelling of a flag. */
export function spellings(flag: FlagSpec): readonly string[] {
  return flag.short === undefined ? [`--${flag.name}`] : [`-${flag.short}`, `--${flag.name}`]
}

/** A command's flags, `--help` included once, at the end. */
export function flagsOf(command: CommandSpec): readonly FlagSpec[] {
  return [...command.flags.filter((flag) => flag.name !== helpFlag.name), helpFlag]
}
