import { hasErrors, plural } from "../../base/mod.ts"
import { readManifests, yamlWithComments } from "../../katalog/mod.ts"
import { describeObject, formatGvk } from "../../kube/mod.ts"
import type { Plan } from "../../plan/mod.ts"
import type { Command } from "../command.ts"
import { outputFlag } from "../command-spec.ts"
import { exit } from "../exit.ts"
import { compileKatalogs, katalogPaths } from "../katalog.ts"
import type { Parsed } from "../parse.ts"
import { paint, printDiagnostics } from "../print.ts"
import { withRemoteFiles } from "../remote-files.ts"
import { type RenderedObject, type Rendering, renderSamples, type Sample, samplesOf } from "../rendering.ts"
import type { Terminal } from "../terminal.ts"
import { fileFlag } from "./validate.ts"

/** `ork template`: what a Katalog makes of custom resources, without a cluster. */
export const template: Command = {
  spec: {
    name: "template",
    summary: "print what a Katalog makes of custom resources",
    description: [
      "Reads the Katalog with all its includes and Motifs, and renders its entries for the given custom resources, by default for those in its crFiles. Talks to no cluster: there are no children yet, copies find only what setup and crFiles bring, and there are no defaults of admission webhooks.",
      "Exit code 0: fine. 1: an entry cannot be rendered. 2: the Katalog is wrong. 64: the command line is wrong.",
    ],
    examples: [
      { summary: "the samples of the Katalog in this folder", command: "ork template" },
      { summary: "from which file and line each field comes", command: "ork template --cr shop.yaml --provenance" },
      { summary: "which operators wait for which", command: "ork template --graph" },
    ],
    flags: [
      fileFlag,
      {
        name: "cr",
        takesValue: true,
        repeatable: true,
        placeholder: "FILE",
        complete: "file",
        default: "the crFiles of the Katalog",
        summary: "custom resources to render",
      },
      outputFlag("yaml", "json"),
      { name: "graph", takesValue: false, summary: "print operators, their dependencies and what they make" },
      { name: "provenance", takesValue: false, summary: "say at each field in which file and line it was written" },
    ],
    args: [{ name: "path", repeatable: true, complete: "file", summary: "the same as --file" }],
  },
  async run(outer, parsed) {
    const paths = katalogPaths(parsed)
    const terminal = await withRemoteFiles(outer, paths)
    const compiled = compileKatalogs(terminal, paths)
    const serious = compiled.diagnostics.filter(({ severity }) => severity !== "note")
    terminal.err(printDiagnostics(serious, "text"))
    const { plan, specs } = compiled
    if (plan === undefined) return exit.katalog
    if (parsed.has("graph")) {
      terminal.out(parsed.text("output") === "json" ? graphJson(plan) : graphText(plan))
      return exit.fine
    }
    const samples = parsed.texts("cr").length > 0 ? readCrs(terminal, parsed) : samplesOf(terminal, specs)
    if (samples === undefined) return exit.failed
    const rendering = renderSamples(terminal, { plan, specs }, samples)
    for (const problem of rendering.problems) {
      terminal.err(`${paint("✖", "red", terminal.errColour)} ${problem}\n`)
    }
    for (const wait of rendering.waits) terminal.err(`${paint("!", "yellow", terminal.errColour)} ${wait}\n`)
    const options = { provenance: parsed.has("provenance") }
    terminal.out(parsed.text("output") === "json" ? jsonText(rendering, options) : yamlOf(rendering, options))
    return rendering.problems.length > 0 ? exit.failed : exit.fine
  },
}

function readCrs(terminal: Terminal, parsed: Parsed): readonly Sample[] | undefined {
  const samples: Sample[] = []
  for (const path of parsed.texts("cr")) {
    const read = readManifests(terminal.files, path)
    if (read.ok) samples.push(...read.value.map((cr) => ({ cr, path })))
    else terminal.err(printDiagnostics(read.error, "text"))
    if (!read.ok && hasErrors(read.error)) return undefined
  }
  return samples
}

interface Options {
  readonly provenance: boolean
}

function yamlOf({ objects }: Rendering, { provenance }: Options): string {
  return objects
    .map((one) => {
      const head = `---\n# ${one.cr.kind} ${nameOf(one)}: ${one.entry}, ${one.where}\n`
      return head + yamlWithComments(one.object, (path) => (provenance ? one.places.get(path) : undefined))
    })
    .join("")
}

function nameOf({ cr }: RenderedObject): string {
  const { namespace, name } = cr.metadata
  return namespace ? `${namespace}/${name}` : (name ?? "")
}

function jsonText({ objects, problems, waits }: Rendering, { provenance }: Options): string {
  const list = objects.map(({ operator, cr, entry, where, object, places }) => ({
    operator,
    cr: describeObject(cr),
    entry,
    where,
    object,
    ...(provenance && { provenance: Object.fromEntries(places) }),
  }))
  return `${JSON.stringify({ ok: problems.length === 0, objects: list, problems, waits }, null, 2)}\n`
}

/** The same facts for programs. */
function graphJson(plan: Plan): string {
  const operators = plan.operators.map(({ name, gvk, dependsOn, resources }) => ({
    name,
    gvk: formatGvk(gvk),
    dependsOn,
    makes: [...new Set(resources.map((resource) => formatGvk(resource.gvk)))],
  }))
  return `${JSON.stringify({ operators }, null, 2)}\n`
}

/** A tree per operator that nobody waits for: who it waits for hangs below it. */
function graphText(plan: Plan): string {
  const byName = new Map(plan.operators.map((operator) => [operator.name, operator]))
  const awaited = new Set(plan.operators.flatMap(({ dependsOn }) => dependsOn.map(({ name }) => name)))
  const shown = new Set<string>()
  const lines: string[] = []
  const show = (name: string, before: { readonly first: string; readonly rest: string }, how: string) => {
    const operator = byName.get(name)
    if (operator === undefined) return
    const again = shown.has(name)
    lines.push(`${before.first}${name}${how}  ${formatGvk(operator.gvk)}${again ? "  (above)" : ""}`)
    if (again) return
    shown.add(name)
    const kinds = Map.groupBy(operator.resources, ({ gvk }) => gvk.kind)
    const makes = [...kinds].map(([kind, list]) => (list.length === 1 ? kind : `${kind} ×${list.length}`))
    const needs = operator.dependsOn
    lines.push(
      `${before.rest}${needs.length > 0 ? "│ " : "  "} makes ${makes.length > 0 ? makes.join(", ") : "nothing"}`,
    )
    for (const [index, { name: next, condition }] of needs.entries()) {
      const isLast = index === needs.length - 1
      const first = `${before.rest}${isLast ? "└─ " : "├─ "}`
      show(next, { first, rest: `${before.rest}${isLast ? "   " : "│  "}` }, ` (${condition})`)
    }
  }
  for (const { name } of plan.operators.toReversed()) {
    if (!awaited.has(name)) show(name, { first: "", rest: "" }, "")
  }
  const what = `Katalog ${plan.katalog}: ${plural(plan.operators.length, "operator")}`
  return `${what}; below each, what it waits for\n${lines.map((line) => `${line}\n`).join("")}`
}
