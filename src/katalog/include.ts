import { type Diagnostic, type FileSystem, hasErrors, type SourceFile } from "../base/mod.ts"
import { formatPath, getPath, isRecord, withPath } from "../kube/mod.ts"
import { diagnose, type Fault } from "./fault.ts"
import { resolveFiles } from "./files.ts"
import { canonical, matches } from "./legacy-rewrite.ts"
import { readSource } from "./manifests.ts"
import { textOf } from "./read.ts"
import { describe } from "./shape.ts"
import { type Graft, grafted, markOf, spansOf } from "./spans.ts"
import type { Spans } from "./spec.ts"
import { parseYaml } from "./yaml.ts"
import type { YamlDocument } from "./yaml-document.ts"

type Steps = readonly (string | number)[]
type Plain = Readonly<Record<string, unknown>>

/** Canonical data, where its values stand, and the file that it begins in. */
export interface Page {
  readonly data: unknown
  readonly spans: Spans
  readonly file: SourceFile
}

/** A page without `include`, and what was wrong with them. */
export interface Expanded {
  readonly page: Page
  readonly diagnostics: readonly Diagnostic[]
}

/** A place that takes `include`. */
interface Row {
  readonly at: string
  /** The key that the included file begins with. */
  readonly roots: readonly string[]
  /** How many steps above the place the root key belongs. */
  readonly up: 0 | 1
  /** All of the roots may stand in one file, each a key of the place. */
  readonly together?: boolean
  /** An included item gives way to one of the same name that stands in the document itself. */
  readonly byName?: boolean
}

const crd = "spec.crds.*"
const box = `${crd}.operatorBox`

/** Every published place, from the outside in; the paths are canonical. */
const rows: readonly Row[] = [
  { at: "notes", roots: ["functions"], up: 0, byName: true },
  ...["profiles", "spec.profiles"].map((at) => ({ at, roots: ["profiles"], up: 1 as const })),
  { at: box, roots: ["reconcile", "reconciler"], up: 0 },
  ...["onCreate", "onReconcile", "onDelete"].map((key) => ({ at: `${box}.${key}`, roots: [key], up: 1 as const })),
  { at: `${box}.status`, roots: ["fields"], up: 0 },
  { at: `${box}.observe`, roots: ["watch", "events"], up: 0, together: true },
  { at: `${crd}.validation`, roots: ["rules"], up: 0 },
  { at: `${crd}.mutation`, roots: ["rules"], up: 0 },
  { at: `${crd}.conversion`, roots: ["paths"], up: 0 },
]

/** Where the content of an included file stands in a Katalog; `root` is a key that is no place of its own there. */
export interface ContentPlace {
  readonly prefix: readonly string[]
  readonly root?: string
}

/** The place of a file that holds nothing but what places include; undefined for any other file. */
export function placeOfContent(data: Plain): ContentPlace | undefined {
  const keys = Object.keys(data)
  const row = rows.find(({ roots }) => keys.length > 0 && keys.every((key) => roots.includes(key)))
  if (row === undefined) return undefined
  const way = row.at.replace("*", "included").split(".")
  const [root] = keys
  // `reconcile` and `observe` are read as what they hold.
  if (row.at === box && root !== undefined) return { prefix: way, root }
  if (row.together) return { prefix: way.slice(0, -1) }
  return { prefix: row.up === 1 ? way.slice(0, -1) : way }
}

/** The files that a canonical document includes, as written. */
export function includesOf(data: unknown): readonly string[] {
  return rows.flatMap((row) =>
    placesOf(data, row).flatMap(({ steps }) => textOf(recordAt(data, steps)["include"]) ?? []),
  )
}

/**
 * Puts the content of included files where they are included. Maps are merged key by key, and what stands in the
 * document itself wins; lists begin with the included items. Afterwards there is no `include` left.
 */
export function expandIncludes(files: FileSystem, start: Page): Expanded {
  let page = start
  const diagnostics: Diagnostic[] = []
  for (const row of rows) {
    // One layer of grafts for all places of a row: they lie beside each other, never in each other.
    const grafts = new Map<string, Graft>()
    let data = page.data
    for (const { steps } of placesOf(page.data, row)) {
      data = without(data, steps)
      const found = included(files, page, { row, steps })
      diagnostics.push(...found.diagnostics)
      if (found.data === undefined) continue
      data = merged(data, found.data, { steps: [], inline: page.spans, included: found.spans, grafts, row })
    }
    page = { ...page, data, spans: grafts.size > 0 ? grafted(page.spans, grafts) : page.spans }
  }
  return { page, diagnostics }
}

function placesOf(data: unknown, row: Row): readonly { readonly steps: Steps }[] {
  return matches(data, row.at).filter(({ steps }) => {
    const place = getPath(data, steps)
    return isRecord(place) && Object.hasOwn(place, "include")
  })
}

function without(data: unknown, steps: Steps): unknown {
  const { include: _expanded, ...rest } = recordAt(data, steps)
  return withPath(data, steps.map(String), rest)
}

function recordAt(data: unknown, steps: Steps): Plain {
  const found = getPath(data, steps)
  return isRecord(found) ? found : {}
}

interface Content {
  readonly data: unknown
  readonly spans: Spans
  readonly diagnostics: readonly Diagnostic[]
}

/** The content of one included file as a canonical document that holds nothing else. */
function included(
  files: FileSystem,
  page: Page,
  { row, steps }: { readonly row: Row; readonly steps: Steps },
): Content {
  const at = formatPath([...steps, "include"])
  const here = { path: at, span: markOf(page.spans, at) }
  const fail = (...diagnostics: readonly Diagnostic[]): Content => ({ data: undefined, spans: page.spans, diagnostics })
  const value = recordAt(page.data, steps)["include"]
  const written = textOf(value)
  if (written === undefined) {
    return fail(
      diagnose({ code: "ORK0106", message: `expected a file, found ${describe(value)}`, help: "name one file" }, here),
    )
  }
  const found = resolveFiles(files, { written, at, katalog: here.span?.file.path ?? page.file.path })
  if (!found.ok) return fail(diagnose(found.error, here))
  const [ref, ...more] = found.value
  if (ref === undefined || more.length > 0) {
    const message = `expected one file, but "${written}" matches ${found.value.length}`
    return fail(diagnose({ code: "ORK0210", message, help: "name one file" }, here))
  }
  const source = readSource(files, ref.path)
  if (!source.ok) return fail(diagnose(source.error, here))
  const text = parseYaml(source.value)
  if (!text.isReadable && hasErrors(text.diagnostics)) return fail(...text.diagnostics)
  const [document, ...others] = text.documents
  const fault = rootFault(written, row, [document, ...others])
  if (document === undefined || fault !== undefined)
    return fail(...text.diagnostics, diagnose(fault ?? wrongRoot(written, row), here))
  const content = canonicalContent(document, steps.slice(0, steps.length - row.up))
  const notes = content.diagnostics.filter((diagnostic) => !isRootMove(diagnostic))
  return { ...content, diagnostics: [...text.diagnostics, ...notes] }
}

/** That a root key is no place of its own needs no words: the file has to begin with it. */
function isRootMove({ code, message }: Diagnostic): boolean {
  return code === "ORK0120" && /^"operatorBox\.(reconcile|observe\.watch)/.test(message)
}

function wrongRoot(written: string, row: Row, found = "nothing"): Fault {
  const wanted = row.roots.map((root) => `"${root}:"`).join(" or ")
  const message = `expected ${wanted} at the top of "${written}", found ${found}`
  return { code: "ORK0210", message, help: `begin the file with "${row.roots[0]}:"` }
}

function rootFault(written: string, row: Row, documents: readonly (YamlDocument | undefined)[]): Fault | undefined {
  if (documents.length > 1) return wrongRoot(written, row, "several documents")
  const data = documents[0]?.data
  if (!isRecord(data)) return wrongRoot(written, row, documents[0] && describe(data))
  const keys = Object.keys(data)
  const stray = keys.find((key) => !row.roots.includes(key))
  if (stray !== undefined) return wrongRoot(written, row, `"${stray}"`)
  return keys.length === 1 || (row.together && keys.length > 0)
    ? undefined
    : wrongRoot(written, row, keys.length === 0 ? "nothing" : "both")
}

/** The file's data at its place in a Katalog, so that older spellings in it are read as in the Katalog itself. */
function canonicalContent(document: YamlDocument, prefix: Steps): Content {
  const keys = prefix.map(String)
  const below = (steps: Steps) =>
    keys.every((key, i) => String(steps[i]) === key) ? steps.slice(keys.length) : undefined
  const placed = {
    locate(steps: Steps, part: "key" | "value") {
      const rest = below(steps)
      return rest && rest.length > 0 ? document.locate(rest, part) : undefined
    },
    locateIn(steps: Steps, start: number, end: number) {
      const rest = below(steps)
      return rest && document.locateIn(rest, start, end)
    },
  }
  const asWritten = spansOf(placed)
  const wrapped = keys.length === 0 ? document.data : withPath({}, keys, document.data)
  const rewritten = canonical(wrapped, (path) => ({ span: markOf(asWritten, path, "key"), path }))
  const spans = spansOf(placed, rewritten)
  let data = rewritten.data
  const nested = rows.flatMap((row) => placesOf(data, row))
  const diagnostics = nested.map(({ steps }) => {
    data = without(data, steps)
    const path = formatPath([...steps, "include"])
    const fault = {
      code: "ORK0211",
      message: "an included file cannot include another one",
      help: "include both files",
    }
    return diagnose(fault, { path, span: markOf(spans, path, "key") })
  })
  return { data, spans, diagnostics: [...rewritten.diagnostics, ...diagnostics] }
}

interface Merge {
  readonly steps: Steps
  readonly inline: Spans
  readonly included: Spans
  readonly grafts: Map<string, Graft>
  readonly row: Row
}

/** Both documents in one; notes for each branch where it stands. */
function merged(inline: unknown, below: unknown, merge: Merge): unknown {
  const { steps, grafts, included } = merge
  const path = formatPath(steps)
  if (isRecord(inline) && isRecord(below)) {
    const result: Record<string, unknown> = { ...inline }
    for (const [key, value] of Object.entries(below)) {
      const way = [...steps, key]
      if ((inline[key] ?? null) !== null) result[key] = merged(inline[key], value, { ...merge, steps: way })
      else {
        result[key] = value
        grafts.set(formatPath(way), { spans: included, path: formatPath(way) })
      }
    }
    return result
  }
  if (!Array.isArray(inline) || !Array.isArray(below)) return inline
  const names = new Set(merge.row.byName ? inline.map(nameOf) : [])
  const parts = [
    ...below.map((value: unknown, index) => ({ value, spans: included, path: `${path}[${index}]` })),
    ...inline.map((value: unknown, index) => ({ value, spans: merge.inline, path: `${path}[${index}]` })),
  ].filter((part, index) => index >= below.length || !names.has(nameOf(part.value)))
  for (const [index, part] of parts.entries()) grafts.set(`${path}[${index}]`, { spans: part.spans, path: part.path })
  return parts.map((part) => part.value)
}

/** The name of a list's item; an item without one is like no other. */
function nameOf(item: unknown): unknown {
  return isRecord(item) ? (item["name"] ?? item) : item
}
