/** Mutated Katalogs through everything that reads them: no crash, no hang, each mistake with a place and a text. */
import { type Diagnostic, renderDiagnostic, seeded } from "../../src/base/mod.ts"
import { compileKatalogs } from "../../src/cli/katalog.ts"
import { printDiagnostics } from "../../src/cli/print.ts"
import { renderSamples, samplesOf } from "../../src/cli/rendering.ts"
import { codes, formatKatalog } from "../../src/katalog/mod.ts"
import { apiVersionOf, type KubeObject } from "../../src/kube/mod.ts"
import { type Plan, renderStatusField } from "../../src/plan/mod.ts"
import { memoryFiles } from "../support/files.ts"
import { draw, type FuzzOptions, fuzzMain } from "../support/fuzz.ts"
import { owner } from "../support/kinds.ts"
import { memoryTerminal } from "../support/terminal.ts"
import { mutated, type Texts } from "./katalog-mutations.ts"

const limitMs = 1_000
const findingsMax = 20

/** Tries `count` Katalogs from `seed` on and returns what went wrong. */
export async function fuzzKatalogs({ seed, count }: FuzzOptions): Promise<readonly string[]> {
  const findings: string[] = []
  for (let i = 0; i < count && findings.length < findingsMax; i++) {
    const texts = mutated(draw(seed + i))
    const once = () => timed(() => attempt(texts, (seed + i) % 4 === 0))
    const first = once()
    // A busy machine is slow once.
    const tookMs = first.tookMs > limitMs ? Math.min(first.tookMs, once().tookMs) : first.tookMs
    const found = first.result ?? (tookMs > limitMs ? `took ${Math.round(tookMs)} ms` : undefined)
    if (found !== undefined) findings.push(`seed ${seed + i}: ${found}`)
  }
  return findings
}

// By the clock or by the processor's work, whichever is less: a busy machine is slow, but does not work more.
function timed<T>(work: () => T): { readonly result: T; readonly tookMs: number } {
  const startedAt = performance.now()
  const before = process.cpuUsage()
  const result = work()
  const { user, system } = process.cpuUsage(before)
  return { result, tookMs: Math.min(performance.now() - startedAt, (user + system) / 1000) }
}

function attempt(texts: Texts, format: boolean): string | undefined {
  try {
    return judge(texts, format)
  } catch (error) {
    return error instanceof Error ? (error.stack ?? error.message) : "thrown"
  }
}

function judge(texts: Texts, format: boolean): string | undefined {
  const files = memoryFiles(texts)
  const terminal = memoryTerminal(files)
  const { plan, specs, diagnostics } = compileKatalogs(terminal, ["."])
  const formatted = format ? formatKatalog(files, ".") : undefined
  const all = [...diagnostics, ...(formatted && !formatted.ok ? formatted.error : [])]
  printDiagnostics(all, "json")
  printDiagnostics(all, "github")
  if (plan) {
    const own = samplesOf(terminal, specs)
    renderSamples(terminal, { plan, specs }, own.length > 0 ? own : made(plan))
    renderStatuses(plan)
  } else if (!diagnostics.some(({ severity }) => severity === "error")) return "no plan and no error"
  return all.map(faultOf).find((fault) => fault !== undefined)
}

function made(plan: Plan): readonly { readonly cr: KubeObject; readonly path: string }[] {
  return plan.operators.map(({ gvk }) => ({
    cr: { ...owner, apiVersion: apiVersionOf(gvk), kind: gvk.kind },
    path: "cr.yaml",
  }))
}

function renderStatuses(plan: Plan): void {
  const scope = { data: { ...owner, children: {} }, nowMs: Date.UTC(2026, 0, 2), random: seeded(1) }
  for (const { status } of plan.operators) for (const field of status.fields) renderStatusField(field, scope)
}

// A file that cannot be opened has no place inside of it: its message names it.
function faultOf(diagnostic: Diagnostic): string | undefined {
  const { code, span, path, message } = diagnostic
  const text = renderDiagnostic(diagnostic)
  if (!Object.hasOwn(codes, code)) return `${code} has no text: ${message}`
  if (span === undefined && path === undefined && code !== "ORK0101") return `no place: ${text}`
  if (span && !(span.start >= 0 && span.start <= span.end && span.end <= span.file.text.length + 1)) {
    return `a place outside of the file, ${span.start} to ${span.end} of ${span.file.text.length}: ${text}`
  }
  const control = [...text].find((character) => isControl(character.codePointAt(0) ?? 0))
  return control === undefined ? undefined : `a control character is printed: ${JSON.stringify(text)}`
}

function isControl(point: number): boolean {
  return (point < 0x20 && point !== 0x0a && point !== 0x09) || (point >= 0x7f && point < 0xa0)
}

if (import.meta.main) await fuzzMain("katalog", 100_000, fuzzKatalogs)
