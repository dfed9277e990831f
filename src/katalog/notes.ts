import type { Diagnostic } from "../base/mod.ts"
import { isRecord } from "../kube/mod.ts"
import { diagnose, type Fault } from "./fault.ts"
import { recordOf, textOf } from "./read.ts"
import { readFlag } from "./shape.ts"
import { markOf } from "./spans.ts"
import type { NoteSpec, Spans } from "./spec.ts"

/** Reads the functions of `notes`; `at` is the path of `notes`. */
export function readNotes(notes: unknown, at: string): readonly NoteSpec[] {
  const functions = recordOf(notes)["functions"]
  if (!Array.isArray(functions)) return []
  return functions.flatMap((item: unknown, index) => {
    const name = isRecord(item) ? textOf(item["name"]) : undefined
    if (!isRecord(item) || name === undefined || !isNoteName(name)) return []
    return [
      {
        name,
        expression: textOf(item["expression"]) ?? "",
        description: textOf(item["description"]) ?? "",
        shadow: readFlag(item["shadow"]) ?? false,
        at: `${at}.functions[${index}]`,
      },
    ]
  })
}

/** True for a name that a template can call. */
function isNoteName(name: string): boolean {
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(name)
}

/** Wrong names, and names that stand twice in one list. */
export function noteProblems(notes: unknown, at: string, spans: Spans): readonly Diagnostic[] {
  const functions = recordOf(notes)["functions"]
  if (!Array.isArray(functions)) return []
  const seen = new Set<string>()
  return functions.flatMap((item: unknown, index) => {
    const name = textOf(recordOf(item)["name"])
    if (name === undefined) return []
    const path = `${at}.functions[${index}].name`
    const wrong = (fault: Fault) => [diagnose(fault, { path, span: markOf(spans, path) })]
    if (!isNoteName(name)) {
      const message = `expected a name of letters, digits and "_", found "${name}"`
      return wrong({
        code: "ORK0113",
        message,
        help: `write "${name.replace(/\W+(\w?)/g, (_, c) => c.toUpperCase())}"`,
      })
    }
    if (seen.has(name)) return wrong({ code: "ORK0206", message: `two notes are called "${name}"`, help: "rename one" })
    seen.add(name)
    return []
  })
}

/** Functions that one place may call: where two have one name, the first counts. */
export interface VisibleNotes {
  readonly notes: readonly NoteSpec[]
  readonly diagnostics: readonly Diagnostic[]
}

/**
 * The functions that content may call: its own, then those of what it imports. One's own wins over an imported one and
 * this is said; the same name from two imports is an error that names both.
 */
export function visibleNotes(
  own: readonly NoteSpec[],
  imported: readonly { readonly motif: string; readonly notes: readonly NoteSpec[] }[],
  spans: Spans,
): VisibleNotes {
  const local = new Map(own.map((note) => [note.name, note]))
  const others = new Map<string, { readonly motif: string; readonly note: NoteSpec }>()
  const diagnostics: Diagnostic[] = []
  for (const { motif, notes } of imported) {
    for (const note of notes) {
      const path = `${note.at}.name`
      const place = { path, span: markOf(spans, path) }
      const mine = local.get(note.name)
      const other = others.get(note.name)
      if (mine !== undefined) {
        const message = `the note "${note.name}" of Motif "${motif}" gives way to the one declared here`
        const at = { path: mine.at, span: markOf(spans, `${mine.at}.name`) }
        diagnostics.push(diagnose({ code: "ORK0408", message }, at, "note"))
      } else if (other === undefined) others.set(note.name, { motif, note })
      // One Motif imported twice brings its notes twice, and they are the same.
      else if (other.note.expression !== note.expression) {
        const message = `the Motifs "${other.motif}" and "${motif}" both declare the note "${note.name}"`
        const help = "declare a note of this name yourself: it wins over both"
        diagnostics.push(diagnose({ code: "ORK0409", message, help }, place))
      }
    }
  }
  return { notes: [...own, ...[...others.values()].map(({ note }) => note)], diagnostics }
}
