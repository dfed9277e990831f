import { didYouMean } from "../../base/mod.ts"
import { type CatalogueEntry, functionCatalogue } from "../../template/mod.ts"
import type { Command } from "../command.ts"
import { type ArgSpec, type CommandSpec, type FlagSpec, outputFlag } from "../command-spec.ts"
import { exit, UsageError } from "../exit.ts"
import type { Parsed } from "../parse.ts"
import { table } from "../table.ts"
import type { Terminal } from "../terminal.ts"

const output = outputFlag("text", "json")
const families = [...new Set(functionCatalogue.map((entry) => entry.family))]
const family: FlagSpec = {
  name: "family",
  takesValue: true,
  placeholder: "NAME",
  values: families,
  default: "all of them",
  summary: "only functions of one family",
}

/** One of the three things the command does; what it takes is written here once, for help and completion. */
function part(name: string, summary: string, args: readonly ArgSpec[] = []): CommandSpec {
  return { name, summary, flags: [output, family], args }
}

const parts: readonly CommandSpec[] = [
  part("list", "all functions by family; the same as ork notes alone"),
  part("search", "functions whose name, signature or meaning holds a word", [
    { name: "word", required: true, summary: "the word to look for" },
  ]),
  part("show", "one function with an example", [
    { name: "name", required: true, values: functionCatalogue.map((entry) => entry.name), summary: "the function" },
  ]),
]

/** `ork notes`: the functions of templates, from the same catalogue that runs them. */
export const notes: Command = {
  spec: {
    name: "notes",
    summary: "list, search and show the functions of templates",
    description: [
      "Prints the catalogue of functions that templates can call, with signature, meaning and purity: clock functions read the time, random ones are allowed only where an object is made once. Needs no cluster and no Katalog.",
    ],
    examples: [
      { summary: "what there is for quantities", command: "ork notes search quantity" },
      { summary: "one function, with an example and its result", command: "ork notes show trimSuffix" },
    ],
    flags: [output, family],
    args: [{ name: "word", repeatable: true, summary: "what list, search or show takes" }],
    subcommands: parts,
  },
  async run(terminal, parsed) {
    const [what = "list", ...words] = parsed.positionals
    const [word] = words
    const wanted = parts.find((one) => one.name === what)
    if (wanted === undefined) throw new UsageError(`notes takes list, search or show; found "${what}"`)
    const [arg] = wanted.args ?? []
    if (arg !== undefined && word === undefined) throw new UsageError(`${arg.name} is missing`)
    const extra = words[arg === undefined ? 0 : 1]
    if (extra !== undefined) throw new UsageError(`unexpected "${extra}"`)
    const found = functionCatalogue.filter((entry) => isIn(entry, parsed.text("family")))
    if (what === "show") return show(terminal, parsed, named(word ?? ""))
    return list(terminal, parsed, word === undefined ? found : found.filter((entry) => holds(entry, word)))
  },
}

function isIn(entry: CatalogueEntry, name: string | undefined): boolean {
  return name === undefined || entry.family === name
}

function holds({ signature, description, family: group }: CatalogueEntry, word: string): boolean {
  const wanted = word.toLowerCase()
  return [signature, description, group].some((text) => text.toLowerCase().includes(wanted))
}

function named(name: string): CatalogueEntry {
  const entry = functionCatalogue.find((one) => one.name === name)
  if (entry !== undefined) return entry
  const meant = didYouMean(
    name,
    functionCatalogue.map((one) => one.name),
  )
  throw new UsageError(`there is no function "${name}"${meant ? `; did you mean "${meant}"?` : ""}`)
}

function list(terminal: Terminal, parsed: Parsed, entries: readonly CatalogueEntry[]): number {
  if (parsed.text("output") === "json") terminal.out(`${JSON.stringify({ functions: entries }, null, 2)}\n`)
  else if (entries.length === 0) terminal.err("no function fits\n")
  else terminal.out(text(entries))
  return entries.length === 0 ? exit.failed : exit.fine
}

function text(entries: readonly CatalogueEntry[]): string {
  const header = ["FAMILY", "FUNCTION", "PURITY", "MEANING"]
  const rows = entries.map((entry) => [
    entry.family,
    entry.signature,
    entry.purity,
    entry.aliasOf === undefined ? entry.description : `the same as ${entry.aliasOf}`,
  ])
  return table([header, ...rows])
}

function show(terminal: Terminal, parsed: Parsed, entry: CatalogueEntry): number {
  if (parsed.text("output") === "json") {
    terminal.out(`${JSON.stringify(entry, null, 2)}\n`)
    return exit.fine
  }
  const facts = [
    ["family", entry.family],
    ["purity", entry.purity],
    ...(entry.aliasOf === undefined ? [] : [["same as", entry.aliasOf]]),
    ["example", entry.example.template],
    ["result", JSON.stringify(entry.example.result) ?? "nothing"],
  ]
  terminal.out(`${entry.signature}\n  ${entry.description}\n\n${table(facts.map((row) => ["", ...row]))}`)
  return exit.fine
}
