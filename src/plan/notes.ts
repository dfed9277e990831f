import { type Diagnostic, didYouMean } from "../base/mod.ts"
import type { ConditionSpec, EntrySpec, MotifSpec, NoteSpec, Spans } from "../katalog/mod.ts"
import { defineFunctions, type FunctionLookup, functionCatalogue, type TemplateRef } from "../template/mod.ts"
import { compileInputs, type InputsPlan } from "./inputs.ts"
import { type CompileContext, withSpan } from "./value.ts"

type Report = (diagnostic: Diagnostic) => void

/** How content is compiled that is the Katalog's own, or that of a Motif. */
export interface Contexts {
  /** Functions, errors and inputs as they are where the content stands. */
  of(motif: MotifSpec | undefined, allowRandom: boolean): CompileContext
  inputs(motif: MotifSpec | undefined): InputsPlan | undefined
}

/** Compiles the notes of a Katalog; each set is compiled once, and each mistake reported once. */
export function noteCompiler(spans: Spans, report: Report): (notes: readonly NoteSpec[]) => FunctionLookup | undefined {
  const compiled = new Map<readonly NoteSpec[], FunctionLookup>()
  const said = new Set<string>()
  const once = (diagnostic: Diagnostic) => {
    const key = `${diagnostic.path} ${diagnostic.message}`
    if (!said.has(key)) report(diagnostic)
    said.add(key)
  }
  return (notes) => {
    if (notes.length === 0) return undefined
    const known = compiled.get(notes)
    if (known !== undefined) return known
    const { functions, problems } = defineFunctions(notes)
    compiled.set(notes, functions)
    const byName = new Map(notes.toReversed().map((note) => [note.name, note]))
    for (const { name, error } of problems) {
      const at = `${byName.get(name)?.at ?? ""}.expression`
      const { start, end, ...mistake } = error
      once({ severity: "error", ...mistake, path: at, ...withSpan(spans.locateIn(at, start, end)) })
    }
    for (const note of byName.values()) for (const diagnostic of shadowing(note, spans)) once(diagnostic)
    return functions
  }
}

const builtinNames: ReadonlySet<string> = new Set(functionCatalogue.map(({ name }) => name))

function shadowing({ name, shadow, at }: NoteSpec, spans: Spans): readonly Diagnostic[] {
  if (shadow || !builtinNames.has(name)) return []
  const path = `${at}.name`
  const message = `the note "${name}" hides the built-in function of this name`
  const help = 'rename it, or add "shadow: true"'
  return [{ severity: "warning", code: "ORK0320", message, help, path, ...withSpan(spans.locate(path, "value")) }]
}

/** Contexts for one CRD entry, whose own content may call `notes`. */
export function contextsOf(
  notes: readonly NoteSpec[],
  compileNotes: (notes: readonly NoteSpec[]) => FunctionLookup | undefined,
  { spans, report }: { readonly spans: Spans; readonly report: Report },
): Contexts {
  const plans = new Map<MotifSpec, InputsPlan>()
  const said = new Set<string>()
  const of = (motif: MotifSpec | undefined, allowRandom: boolean): CompileContext => {
    const functions = compileNotes(motif?.notes ?? notes)
    const base = { spans, allowRandom, report, ...(functions && { functions }) }
    if (motif === undefined) return base
    const chained = inChain(motif, said, report)
    return {
      ...base,
      report: chained,
      inspect: (refs, locate) => checkInputs(motif, refs, { report: chained, locate }),
    }
  }
  const inputs = (motif: MotifSpec | undefined): InputsPlan | undefined => {
    if (motif === undefined) return undefined
    const plan =
      plans.get(motif) ??
      compileInputs(motif, inputs(motif.parent), { outer: of(motif.parent, false), inner: of(motif, false) })
    plans.set(motif, plan)
    return plan
  }
  return { of, inputs }
}

/** A mistake in a Motif is reported once, with the way on which it came into the Katalog. */
function inChain(motif: MotifSpec, said: Set<string>, report: Report): Report {
  return (diagnostic) => {
    const { span, path, code } = diagnostic
    const key = `${code} ${span ? `${span.file.path} ${span.start}` : path} ${diagnostic.message}`
    if (said.has(key)) return
    said.add(key)
    report({
      ...diagnostic,
      message: `${diagnostic.message} (Motif "${motif.id}", imported at ${motif.chain.join(", from ")})`,
    })
  }
}

interface Place {
  readonly report: Report
  readonly locate: (start: number, end: number) => { readonly path: string; readonly span: Diagnostic["span"] }
}

function checkInputs(motif: MotifSpec, refs: readonly TemplateRef[], { report, locate }: Place): void {
  for (const { path, start, end, by } of refs) {
    const [root, name] = path
    if (root !== "inputs" || name === undefined || by !== undefined) continue
    const { path: at, span } = locate(start, end)
    const mistake = unknownInput(motif, name)
    if (mistake) report({ ...mistake, path: at, ...withSpan(span) })
  }
}

function unknownInput(motif: MotifSpec, name: string): Diagnostic | undefined {
  const names = motif.inputs.map((input) => input.name)
  if (names.includes(name)) return undefined
  const near = didYouMean(name, names)
  const help = near === undefined ? `declare it: inputs: [{ name: ${name} }]` : `did you mean "${near}"?`
  return { severity: "error", code: "ORK0322", message: `the Motif has no input "${name}"`, help }
}

/** Content of the author's with conditions. */
interface Conditional {
  readonly at: string
  readonly when: readonly ConditionSpec[]
  readonly or: readonly ConditionSpec[]
  readonly must?: ConditionSpec
  readonly forEach?: EntrySpec["forEach"]
  readonly motif?: MotifSpec
}

/** Inputs that conditions and loops of a Motif's content name without a template. */
export function checkBareInputs(part: Conditional, context: CompileContext): void {
  const { motif } = part
  if (motif === undefined) return
  const loop = part.forEach ? [{ field: part.forEach.field, at: `${part.at}.forEach` }] : []
  const must = part.must ? [part.must] : []
  const conditions: readonly Pick<ConditionSpec, "field" | "at">[] = [...part.when, ...part.or, ...must, ...loop]
  for (const { field, at } of conditions) {
    const name = /^\.?inputs\.([^.[\]]+)/.exec(field)?.[1]
    const mistake = name === undefined ? undefined : unknownInput(motif, name)
    const path = `${at}.field`
    if (mistake) context.report({ ...mistake, path, ...withSpan(context.spans.locate(path, "value")) })
  }
}

/** What the functions mean that content may call: part of a fingerprint. */
export function notesSource(notes: readonly NoteSpec[]): unknown {
  return Object.fromEntries(notes.toReversed().map(({ name, expression }) => [name, expression]))
}
