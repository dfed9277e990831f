import { formatDuration, plural } from "../../base/mod.ts"
import { formatGvk, shortenName } from "../../kube/mod.ts"
import { describePlan, describeText, type OperatorPlan, type PlanDescription } from "../../plan/mod.ts"
import type { Command } from "../command.ts"
import { type FlagSpec, outputFlag } from "../command-spec.ts"
import { exit } from "../exit.ts"
import { type Compiled, compileKatalogs, katalogPaths } from "../katalog.ts"
import { countDiagnostics, type DiagnosticFormat, diagnosticsJson, paint, printDiagnostics } from "../print.ts"
import { withRemoteFiles } from "../remote-files.ts"
import type { Terminal } from "../terminal.ts"

/** `-f`, as every command that reads Katalogs takes it. */
export const fileFlag: FlagSpec = {
  name: "file",
  short: "f",
  takesValue: true,
  repeatable: true,
  placeholder: "FILE|FOLDER",
  complete: "file",
  default: "the current folder",
  summary: "a Katalog, a folder with a katalog.yaml, or - for the input",
}

/** `ork validate`: every mistake of a Katalog at once, without a cluster. */
export const validate: Command = {
  spec: {
    name: "validate",
    summary: "check Katalogs without a cluster",
    description: [
      "Reads the files, compiles every template and prints every mistake with file, line, column and an edit that fixes it. Talks to no cluster and changes nothing.",
      "Exit code 0: no errors. 2: the Katalog is wrong. 64: the command line is wrong.",
    ],
    examples: [
      { summary: "the Katalog in this folder", command: "ork validate" },
      { summary: "annotations for a pull request", command: "ork validate -f katalogs/shop -o github" },
      { summary: "what will run, and what it must be allowed", command: "ork validate --full katalogs/shop" },
    ],
    flags: [
      fileFlag,
      outputFlag("text", "json", "github"),
      {
        name: "full",
        takesValue: false,
        summary: "also print settings, entries, profiles, permissions and the order of start",
      },
    ],
    args: [{ name: "path", repeatable: true, complete: "file", summary: "the same as --file" }],
  },
  async run(terminal, parsed) {
    const paths = katalogPaths(parsed)
    const compiled = compileKatalogs(await withRemoteFiles(terminal, paths), paths)
    const wanted = parsed.text("output")
    const format: DiagnosticFormat = wanted === "json" || wanted === "github" ? wanted : "text"
    const plan = parsed.has("full") ? described(compiled) : undefined
    if (format === "json") terminal.out(`${JSON.stringify({ ...asJson(compiled), ...(plan && { plan }) }, null, 2)}\n`)
    else {
      terminal.out(printDiagnostics(compiled.diagnostics, format))
      if (format === "text") terminal.out(summary(terminal, compiled))
      if (format === "text" && plan) terminal.out(`\n${describeText(plan)}`)
    }
    return compiled.plan ? exit.fine : exit.katalog
  },
}

// The Lease lies where the process runs, which nobody knows before it does.
function described({ plan, specs }: Compiled): PlanDescription | undefined {
  const place = (katalog: string) => ({ namespace: ownNamespace, leaseName: shortenName(`ork-${katalog}`, 63) })
  return plan && describePlan(plan, specs, place(plan.katalog))
}

const ownNamespace = "(the process's own)"

function asJson(compiled: Compiled): object {
  const katalogs = compiled.specs.map((spec) => ({ name: spec.name, crds: spec.crds.map((crd) => crd.name) }))
  return { ...(diagnosticsJson(compiled.diagnostics) as object), katalogs } // made by us a line before: an object
}

function summary(terminal: Terminal, compiled: Compiled): string {
  const counts = countDiagnostics(compiled.diagnostics)
  const gap = compiled.diagnostics.length > 0 ? "\n" : ""
  if (!compiled.plan) return `${gap}${paint("✗", "red", terminal.outColour)} ${counts}\n`
  const blocks = compiled.plan.operators.map(describeOperator).join("")
  const ok = paint("✓", "green", terminal.outColour)
  const what = `Katalog ${compiled.plan.katalog}: ${plural(compiled.plan.operators.length, "operator")}`
  return `${gap}${ok} ${what}${counts ? `, ${counts}` : ""}\n${blocks}`
}

function describeOperator(operator: OperatorPlan): string {
  const entries = operator.resources.map((resource) => resource.gvk.kind)
  const kinds = [...new Set(entries)].map((kind) => `${kind} ×${entries.filter((other) => other === kind).length}`)
  const lines = [
    `  ${operator.name}  ${formatGvk(operator.gvk)}`,
    `    workers ${operator.workers}, resync ${formatDuration(operator.resync)}, field manager ${operator.fieldManager}`,
    `    makes ${kinds.length > 0 ? kinds.join(", ") : "nothing"}; ${plural(operator.status.fields.length, "status field")}`,
  ]
  const needs = operator.dependsOn.map(({ name, condition }) => `${name} (${condition})`)
  if (needs.length > 0) lines.push(`    depends on ${needs.join(", ")}`)
  return `${lines.join("\n")}\n`
}
