import { type Diagnostic, type FileSystem, positionOf, type Result, type SourceFile } from "../base/mod.ts"
import { formatPath, isRecord, parsePath } from "../kube/mod.ts"
import { readPrepare } from "./admission.ts"
import { diagnose, type Fault } from "./fault.ts"
import { resolveMotif } from "./files.ts"
import { bindInputs } from "./motif-inputs.ts"
import { type MotifPage, openMotif } from "./motif-page.ts"
import { noteProblems, readNotes, visibleNotes } from "./notes.ts"
import { readBlock, readProfiles, readStatus, recordOf, textOf } from "./read.ts"
import { type Graft, joinPath, markOf } from "./spans.ts"
import type { EntrySpec, MotifSpec, PrepareSpec, Spans } from "./spec.ts"

/** What imports of one Katalog share: files are read once, and there is a bound on how much one may unfold to. */
export interface Imports {
  readonly files: FileSystem
  /** Knows the content of Motifs through `grafts`. */
  readonly spans: Spans
  readonly grafts: Map<string, Graft>
  readonly pages: Map<string, Result<MotifPage, readonly Diagnostic[]>>
  readonly diagnostics: Diagnostic[]
  count: number
}

/** One place that imports. */
export interface ImportPlace {
  /** The path of the list. */
  readonly at: string
  readonly file: SourceFile
  readonly parent: MotifSpec | undefined
  /** The files on the way here. */
  readonly way: readonly string[]
  readonly forceConflict: boolean
}

/** Bounds on Motifs: one within the other, and all imports of a Katalog together. */
export const motifLimits = { depth: 10, imports: 500 } as const

/** Reads the Motifs of a list of imports and those that they import, in the order in which they merge. */
export function importMotifs(imports: Imports, list: unknown, place: ImportPlace): readonly MotifSpec[] {
  const taken = new Map<string, number>()
  return (Array.isArray(list) ? list : []).flatMap((item: unknown, index) => {
    const at = `${place.at}[${index}]`
    const written = isRecord(item) ? textOf(item["motif"]) : undefined
    if (!isRecord(item) || written === undefined) return []
    const page = pageOf(imports, { written, at, place })
    if (page === undefined) return []
    const count = (taken.get(page.name) ?? 0) + 1
    taken.set(page.name, count)
    return instance(imports, page, {
      place,
      at,
      given: item["with"],
      name: count === 1 ? page.name : `${page.name}#${count}`,
    })
  })
}

interface Mention {
  readonly written: string
  readonly at: string
  readonly place: ImportPlace
}

function pageOf(imports: Imports, { written, at, place }: Mention): MotifPage | undefined {
  const here = { path: `${at}.motif`, span: markOf(imports.spans, `${at}.motif`) }
  const refuse = (fault: Fault) => {
    imports.diagnostics.push(diagnose(fault, here))
    return undefined
  }
  const from = here.span?.file.path ?? place.file.path
  const found = resolveMotif(imports.files, { written, at: here.path, katalog: from })
  if (!found.ok) return refuse(found.error)
  const path = found.value
  if (place.way.includes(path)) {
    const circle = [...place.way.slice(place.way.indexOf(path)), path].join(" -> ")
    return refuse({
      code: "ORK0212",
      message: `Motifs import each other in a circle: ${circle}`,
      help: "remove this import",
    })
  }
  if (place.way.length > motifLimits.depth || ++imports.count > motifLimits.imports) return refuse(tooMany)
  const known = imports.pages.get(path)
  const page = known ?? openMotif(imports.files, path)
  imports.pages.set(path, page)
  if (!page.ok) {
    if (known === undefined) imports.diagnostics.push(...page.error)
    return undefined
  }
  if (known === undefined) imports.diagnostics.push(...page.value.diagnostics)
  return page.value
}

const tooMany: Fault = {
  code: "ORK0213",
  message: `a Katalog imports at most ${motifLimits.imports} Motifs, at most ${motifLimits.depth} within each other`,
  help: "import fewer",
}

interface Instance {
  readonly place: ImportPlace
  readonly at: string
  readonly name: string
  readonly given: unknown
}

type Writable<T> = { -readonly [K in keyof T]: T[K] }

function instance(imports: Imports, page: MotifPage, { place, at, name, given }: Instance): readonly MotifSpec[] {
  const { spans } = imports
  const { parent } = place
  const content = `${at}.motif`
  for (const key of Object.keys(page.data)) {
    imports.grafts.set(joinPath(content, [key]), { spans: page.spans, path: formatPath([key]) })
  }
  const { inputs, diagnostics } = bindInputs({
    motif: page.name,
    inputs: page.data["inputs"],
    content,
    importAt: at,
    given,
    spans,
  })
  imports.diagnostics.push(...diagnostics)
  const id = parent === undefined ? name : `${parent.id}/${name}`
  const resources = recordOf(page.data["resources"])
  const block = { at: [...parsePath(content), "resources"], forceConflict: place.forceConflict }
  const own = readNotes(page.data["notes"], `${content}.notes`)
  // The Motifs that it imports know it as their parent, and their functions are among its own: so it is made in two steps.
  const motif: Writable<MotifSpec> = {
    id,
    chain: [whereIs(spans, content), ...(parent?.chain ?? [])],
    parent,
    inputs,
    notes: own,
    onCreate: [],
    onReconcile: [],
    status: [],
    prepare: nothing,
    profiles: readProfiles({ profiles: page.data["profiles"] }).map((p) => ({ ...p, at: `${content}.${p.at}` })),
    at: content,
  }
  const { onCreate, ...lists } = resources
  motif.onReconcile = owned(readBlock(lists, { ...block, name: "onReconcile" }).entries, motif)
  motif.onCreate = owned(
    readBlock(recordOf(onCreate), { ...block, at: [...block.at, "onCreate"], name: "onCreate" }).entries,
    motif,
  )
  imports.diagnostics.push(...sameIds([...motif.onCreate, ...motif.onReconcile], spans))
  const { fields } = readStatus(recordOf(page.data["status"]), [...parsePath(content), "status"])
  motif.status = fields.map((field) => ({ ...field, motif }))
  motif.prepare = ownRules(readPrepare(page.data, parsePath(content)), motif)
  const nested = importMotifs(imports, page.data["imports"], {
    ...place,
    at: `${content}.imports`,
    parent: motif,
    way: [...place.way, page.file.path],
  })
  const visible = visibleNotes(own, direct(nested, motif), spans)
  motif.notes = visible.notes
  imports.diagnostics.push(...visible.diagnostics, ...noteProblems(page.data["notes"], `${content}.notes`, spans))
  return [...nested, motif]
}

function sameIds(entries: readonly EntrySpec[], spans: Spans): readonly Diagnostic[] {
  const seen = new Set<string>()
  return entries.flatMap(({ id, at }) => {
    const isTaken = seen.has(id)
    seen.add(id)
    if (!isTaken) return []
    const path = `${at}.id`
    const fault = { code: "ORK0206", message: `the id of another entry is "${id}", too`, help: "choose another id" }
    return [diagnose(fault, { path, span: markOf(spans, path) })]
  })
}

function owned(entries: readonly EntrySpec[], motif: MotifSpec): readonly EntrySpec[] {
  return entries.map((entry) => ({ ...entry, id: `${motif.id}.${entry.id}`, motif }))
}

const nothing: PrepareSpec = { normalize: [], mutations: [], persist: false, validations: [] }

function ownRules({ normalize, mutations, persist, validations }: PrepareSpec, motif: MotifSpec): PrepareSpec {
  const own = <T>(parts: readonly T[]) => parts.map((part) => ({ ...part, motif }))
  return { normalize: own(normalize), mutations: own(mutations), persist, validations: own(validations) }
}

/** The functions that each Motif of a list hands to its importer: those imported by `parent` itself. */
export function direct(
  motifs: readonly MotifSpec[],
  parent: MotifSpec | undefined,
): readonly { readonly motif: string; readonly notes: MotifSpec["notes"] }[] {
  return motifs.filter((motif) => motif.parent === parent).map(({ id, notes }) => ({ motif: id, notes }))
}

function whereIs(spans: Spans, path: string): string {
  const span = spans.locate(path, "value")
  if (span === undefined) return path
  const { line, column } = positionOf(span.file, span.start)
  return `${span.file.path}:${line}:${column}`
}
