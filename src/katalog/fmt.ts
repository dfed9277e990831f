import { type Diagnostic, err, type FileSystem, hasErrors, ok, type Result, type SourceFile } from "../base/mod.ts"
import { diagnose } from "./fault.ts"
import {
  changedInPlace,
  crossingOf,
  expanded,
  isRename,
  isSameMeaning,
  type Page,
  type Placed,
  placed,
} from "./fmt-edits.ts"
import { type Reading, readingOf } from "./fmt-frames.ts"
import { lifted } from "./fmt-lifts.ts"
import { crossings } from "./fmt-places.ts"
import { type TextEdit, withEdits } from "./fmt-text.ts"
import { type Canonical, canonical, type Edit } from "./legacy-rewrite.ts"
import { type Opened, openKatalog } from "./load.ts"
import { recordOf } from "./read.ts"
import { markOf, spansOf } from "./spans.ts"
import { parseYaml } from "./yaml.ts"

/** A file, before and after. Equal texts: the file is canonical. */
export interface Formatted {
  readonly path: string
  readonly before: string
  readonly after: string
  /** What is not canonical, one note each. */
  readonly diagnostics: readonly Diagnostic[]
}

/** More rounds than any file needs: each one does everything that can be done at once. */
const roundsMax = 40

const mark = "\uFEFF"

/**
 * The file at `path` in the canonical form, a Katalog, a Motif or what a Katalog includes: only what has another
 * spelling is touched, byte for byte. Fails for any other file, for one that sets one thing twice, and for one that
 * cannot be rewritten without another meaning.
 */
export function formatKatalog(files: FileSystem, path: string): Result<Formatted, readonly Diagnostic[]> {
  const opened = openFile(files, path)
  if (!opened.ok) return err(opened.error)
  const { file, document } = opened.value
  const spans = spansOf(document)
  const read = readingOf(document)
  const reading = read ?? canonical
  const wanted = reading(document.data, (at) => ({ span: markOf(spans, at, "key"), path: at }))
  if (hasErrors(wanted.diagnostics)) return err(wanted.diagnostics)
  const text =
    (read === undefined ? asJson(file.text, wanted) : undefined) ??
    rewritten(file, wanted, { reading, opened: false }) ??
    rewritten(file, wanted, { reading, opened: true })
  if (text === undefined) return err([diagnose(impossible, { span: wanted.diagnostics[0]?.span })])
  const start = files.read(file.path).startsWith(mark) ? mark : ""
  return ok({
    path: file.path,
    before: start + file.text,
    after: start + text,
    diagnostics: wanted.diagnostics,
  })
}

/** Motifs are no Katalogs, but written in the same spellings. */
function openFile(files: FileSystem, path: string): Result<Opened, readonly Diagnostic[]> {
  const opened = openKatalog(files, path)
  if (opened.ok) return hasErrors(opened.value.problems) ? err(opened.value.problems) : ok(opened.value)
  const { file, document, diagnostics } = opened.error
  if (recordOf(document?.data)["kind"] !== "Motif") return err(diagnostics)
  const others = diagnostics.filter(({ code }) => code !== "ORK0109")
  return others.length === 0 && file && document ? ok({ file, document, problems: [] }) : err(others)
}

const impossible = {
  code: "ORK0123",
  message: "the file cannot be rewritten without changing what it means",
  help: "write this place as `key: value`, or move it by hand",
}

/** A JSON file stays one: it has no comments to keep, only its indentation. */
function asJson(text: string, wanted: Canonical): string | undefined {
  if (wanted.edits.length === 0 || !text.trimStart().startsWith("{")) return undefined
  try {
    JSON.parse(text)
  } catch {
    return undefined
  }
  const indent = /^[ \t]+/m.exec(text)?.[0] ?? ""
  return JSON.stringify(wanted.data, null, indent) + (text.endsWith("\n") ? "\n" : "")
}

/** The new text, if it means the same; with `opened` every alias is written out first. */
function rewritten(
  file: SourceFile,
  wanted: Canonical,
  { reading, opened }: { readonly reading: Reading; readonly opened: boolean },
): string | undefined {
  if (wanted.edits.length === 0) return file.text
  const hasEnd = file.text.endsWith("\n")
  let text = hasEnd ? file.text : `${file.text}\n`
  for (let round = 0; round < roundsMax; round++) {
    const page = pageOf(text)
    if (page === undefined) return undefined
    const { edits, data, diagnostics } = reading(page.data, () => ({}))
    // A key that got its new name may uncover the old one in a merge.
    if (hasErrors(diagnostics)) return undefined
    const steps = opened ? crossings(page.root).flatMap((one) => expanded(page, one)) : []
    if (edits.length === 0 && steps.length === 0) {
      if (!isSameMeaning(data, wanted.data)) return undefined
      return hasEnd ? text : text.replace(/\r?\n$/, "")
    }
    const next = withEdits(text, steps.length > 0 ? steps : roundOf(page, edits))
    if (next === undefined || next === text) return undefined
    text = next
  }
  return undefined
}

function pageOf(text: string): Page | undefined {
  const { documents, diagnostics } = parseYaml({ path: "", text })
  const [document] = documents
  return document === undefined || hasErrors(diagnostics)
    ? undefined
    : { text, root: document.outline(), data: document.data }
}

/** What is done in one go: aliases first, then the list of entries, then changes in place, then moves. */
function roundOf(page: Page, edits: readonly Edit[]): readonly TextEdit[] {
  const list = edits.find((edit) => edit.kind === "value" && edit.at.join(".") === "spec.crds")
  const all = placed(page, list === undefined ? outermost(edits) : [list])
  const shared = new Map(all.flatMap((one) => crossingOf(one) ?? []).map((one) => [crossingNode(one), one] as const))
  if (shared.size > 0) return [...shared.values()].flatMap((one) => expanded(page, one))
  const inPlace = distinct(all.filter(({ edit }) => edit.kind !== "move" || isRename(edit)))
  if (inPlace.length > 0) return inPlace.flatMap((one) => changedInPlace(page, one))
  return lifted(
    page,
    all.flatMap(({ edit, way }) => (edit.kind === "move" ? [{ edit, way }] : [])),
  )
}

/** Without what lies inside of a part that moves as a whole: its turn comes when that part has arrived. */
function outermost(edits: readonly Edit[]): readonly Edit[] {
  const moving = new Set<string>()
  return edits.filter((edit) => {
    if (edit.kind !== "move" || isRename(edit)) return true
    const ways = edit.from.map((_, index) => JSON.stringify(edit.from.slice(0, index + 1)))
    if (ways.some((way) => moving.has(way))) return false
    moving.add(ways.at(-1) ?? "")
    return true
  })
}

function crossingNode(crossing: NonNullable<ReturnType<typeof crossingOf>>): unknown {
  return crossing.kind === "alias" ? crossing.alias : crossing.map
}

/** One edit for each place: several paths may lead there through aliases. */
function distinct(all: readonly Placed[]): readonly Placed[] {
  return [...new Map(all.map((one) => [one.way.at(-1)?.pair, one])).values()]
}
