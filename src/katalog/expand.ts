import type { Diagnostic, FileSystem } from "../base/mod.ts"
import { formatPath } from "../kube/mod.ts"
import { diagnose } from "./fault.ts"
import { expandIncludes, type Page } from "./include.ts"
import { direct, type Imports, importMotifs } from "./motif.ts"
import { noteProblems, readNotes, visibleNotes } from "./notes.ts"
import { readProfiles, recordOf } from "./read.ts"
import { readFlag } from "./shape.ts"
import { type Graft, grafted, markOf } from "./spans.ts"
import type { MotifSpec, NoteSpec, ProfileSpec, Spans } from "./spec.ts"

type Plain = Readonly<Record<string, unknown>>

/** What a CRD entry imports. */
export interface Imported {
  readonly motifs: readonly MotifSpec[]
  readonly notes: readonly NoteSpec[]
}

/** A Katalog with the content of all files that it is made of. */
export interface Assembled {
  readonly data: unknown
  readonly spans: Spans
  /** The functions and profiles of the whole Katalog. */
  readonly notes: readonly NoteSpec[]
  readonly profiles: readonly ProfileSpec[]
  readonly crds: ReadonlyMap<string, Imported>
  readonly diagnostics: readonly Diagnostic[]
}

/** Opens every `include` and every Motif of a Katalog in canonical form. */
export function assemble(files: FileSystem, start: Page): Assembled {
  const { page, diagnostics } = expandIncludes(files, start)
  const grafts = new Map<string, Graft>()
  const known = grafted(page.spans, grafts)
  const imports: Imports = { files, spans: known, grafts, pages: new Map(), diagnostics: [...diagnostics], count: 0 }
  const document = recordOf(page.data)
  const spec = recordOf(document["spec"])
  const place = { file: page.file, parent: undefined, way: [page.file.path], forceConflict: true }
  const shared = importMotifs(imports, spec["imports"], { ...place, at: "spec.imports" })
  imports.diagnostics.push(...sharedContent(shared, known))
  const own = visibleNotes(readNotes(document["notes"], "notes"), direct(shared, undefined), known)
  imports.diagnostics.push(...own.diagnostics, ...noteProblems(document["notes"], "notes", known))
  const crds = new Map<string, Imported>()
  for (const [name, value] of Object.entries(recordOf(spec["crds"]))) {
    const entry: Plain = recordOf(value)
    const at = formatPath(["spec", "crds", name, "imports"])
    const forceConflict = readFlag(entry["forceConflict"]) ?? true
    const motifs = importMotifs(imports, entry["imports"], { ...place, at, forceConflict })
    const visible = visibleNotes(own.notes, direct(motifs, undefined), known)
    imports.diagnostics.push(...visible.diagnostics)
    crds.set(name, { motifs, notes: visible.notes })
  }
  const everyMotif = [...shared, ...[...crds.values()].flatMap(({ motifs }) => motifs)]
  return {
    data: page.data,
    spans: known,
    notes: own.notes,
    profiles: withMotifProfiles(
      readProfiles(page.data),
      everyMotif.flatMap(({ profiles }) => profiles),
    ),
    crds,
    diagnostics: imports.diagnostics,
  }
}

/** Objects and status belong to one CRD: for the whole Katalog a Motif brings functions and profiles. */
function sharedContent(motifs: readonly MotifSpec[], spans: Spans): readonly Diagnostic[] {
  return motifs.flatMap((motif) => {
    const { onCreate, onReconcile, status, prepare } = motif
    const rules = [prepare.normalize, prepare.mutations, prepare.validations]
    const parts = [onCreate, onReconcile, status, ...rules]
    if (parts.every((part) => part.length === 0)) return []
    const message = `Motif "${motif.id}" has resources, status or rules, which belong to one CRD`
    const help = "import it on the CRD entry"
    const path = motif.at
    return [diagnose({ code: "ORK0214", message, help }, { path, span: markOf(spans, path) })]
  })
}

/** All of the Katalog's own, then the first of a class and name among those of its Motifs. */
function withMotifProfiles(own: readonly ProfileSpec[], ofMotifs: readonly ProfileSpec[]): readonly ProfileSpec[] {
  const key = (profile: ProfileSpec) => `${profile.class} ${profile.name}`
  const seen = new Set(own.map(key))
  const others = ofMotifs.filter((profile) => {
    const isNew = !seen.has(key(profile))
    seen.add(key(profile))
    return isNew
  })
  return [...own, ...others]
}
