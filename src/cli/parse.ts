import { parseArgs } from "node:util"
import { didYouMean } from "../base/mod.ts"
import { type CommandSpec, flagsOf, type ValueSpec } from "./command-spec.ts"
import { UsageError } from "./exit.ts"

/** A command line, understood: flags by long name, and what stands without a flag. */
export interface Parsed {
  readonly help: boolean
  readonly positionals: readonly string[]
  has(flag: string): boolean
  /** The last value of a flag. */
  text(flag: string): string | undefined
  /** All values of a flag that may be repeated. */
  texts(flag: string): readonly string[]
  /** A whole number from 0 to `max`. */
  number(flag: string, max: number): number | undefined
}

/** Reads `args` strictly: an unknown flag, a missing value or a word too many is a `UsageError`. */
export function parseCommandLine(spec: CommandSpec, args: readonly string[]): Parsed {
  const flags = flagsOf(spec)
  const options = Object.fromEntries(
    flags.map((flag) => [
      flag.name,
      {
        type: flag.takesValue ? ("string" as const) : ("boolean" as const),
        multiple: true,
        ...(flag.short ? { short: flag.short } : {}),
      },
    ]),
  )
  const { values, positionals } = strictly(spec, () => parseArgs({ args: [...args], options, allowPositionals: true }))
  const texts = (flag: string) => [values[flag] ?? []].flat().filter((value) => typeof value === "string")
  const parsed: Parsed = {
    help: values["help"] !== undefined,
    positionals,
    has: (flag) => values[flag] !== undefined,
    text: (flag) => texts(flag).at(-1),
    texts,
    number: (flag, max) => wholeNumber(flag, texts(flag).at(-1), max),
  }
  if (!parsed.help) checkWords(spec, parsed)
  return parsed
}

function strictly<T>(spec: CommandSpec, read: () => T): T {
  try {
    return read()
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    const unknown = /Unknown option '(--?[^']+)'/.exec(message)?.[1]
    if (unknown === undefined) throw new UsageError(message.split(". ")[0] ?? message)
    const names = flagsOf(spec).map((flag) => flag.name)
    const meant = didYouMean(unknown.replace(/^-+/, ""), names)
    throw new UsageError(`unknown flag ${unknown}${meant ? `; did you mean --${meant}?` : ""}`)
  }
}

function checkWords(spec: CommandSpec, parsed: Parsed): void {
  const args = spec.args ?? []
  const limit = args.some((arg) => arg.repeatable) ? Number.POSITIVE_INFINITY : args.length
  const tooMany = parsed.positionals[limit]
  if (tooMany !== undefined) throw new UsageError(`unexpected "${tooMany}"`)
  const missing = args[parsed.positionals.length]
  if (missing?.required) throw new UsageError(`${missing.name} is missing`)
  args.forEach((arg, i) => {
    oneOf(arg.name, parsed.positionals[i], arg)
  })
  for (const flag of flagsOf(spec)) oneOf(`--${flag.name}`, parsed.text(flag.name), flag)
}

function oneOf(name: string, value: string | undefined, { values, otherwise }: ValueSpec): void {
  if (value === undefined || !values || values.includes(value)) return
  throw new UsageError(
    `${name} is one of ${values.join(", ")}; found "${value}"${otherwise === undefined ? "" : `: ${otherwise}`}`,
  )
}

function wholeNumber(flag: string, text: string | undefined, max: number): number | undefined {
  if (text === undefined) return undefined
  const value = Number(text)
  if (/^\d+$/.test(text) && value <= max) return value
  throw new UsageError(`--${flag} is a whole number from 0 to ${max}; found "${text}"`)
}
