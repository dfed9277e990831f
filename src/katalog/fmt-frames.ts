import type { Diagnostic } from "../base/mod.ts"
import { formatPath, isRecord, parsePath, withPath } from "../kube/mod.ts"
import type { Place } from "./fault.ts"
import { placeOfContent } from "./include.ts"
import { type Canonical, canonical, type Edit } from "./legacy-rewrite.ts"
import { entered, inside, inWordsOfMotif, outside } from "./motif-page.ts"
import { recordOf } from "./read.ts"
import type { YamlDocument } from "./yaml-document.ts"

type Steps = readonly (string | number)[]

/** Reads a kind of file as `canonical` reads a Katalog; places and edits are those of the file. */
export type Reading = (data: unknown, locate: (written: string) => Place) => Canonical

/** How the content of a file becomes that of a Katalog; undefined: as it stands. */
export function readingOf({ data }: YamlDocument): Reading | undefined {
  if (!isRecord(data)) return undefined
  if (data["kind"] === "Motif")
    return framed({
      enter: (content) => entered(recordOf(content)),
      outside: (steps) => {
        const way = outside(steps)
        return formatPath(inside(way)) === formatPath(steps) ? way : undefined
      },
      said: inWordsOfMotif,
    })
  const place = placeOfContent(data)
  if (place === undefined) return undefined
  const { prefix, root } = place
  return framed({
    enter: (content) => placedAt(prefix, root === undefined ? content : recordOf(content)[root]),
    outside: (steps) => {
      const isBelow = prefix.every((step, index) => steps[index] === step) && steps.length > prefix.length
      return isBelow ? [...(root === undefined ? [] : [root]), ...steps.slice(prefix.length)] : undefined
    },
  })
}

function placedAt(prefix: readonly string[], content: unknown): unknown {
  return prefix.length === 0 ? content : withPath({}, prefix, content)
}

interface Frame {
  /** The content as that of a Katalog. */
  readonly enter: (data: unknown) => unknown
  /** The way in the file for one in the Katalog; undefined where it has none. */
  readonly outside: (steps: Steps) => Steps | undefined
  /** Puts a note into the words of the file. */
  readonly said?: (note: Diagnostic) => Diagnostic
}

function framed({ enter, outside: wayOut, said = (note) => note }: Frame): Reading {
  return (data, locate) => {
    const read = canonical(enter(data), (written) => locate(formatPath(wayOut(parsePath(written)) ?? [])))
    const moved = read.edits.map((edit) => editOutside(edit, wayOut))
    // There is one note for each edit, in the same order. What has no place in this file stays as it is.
    let note = 0
    const isKept = ({ code }: { readonly code: string }) => code !== "ORK0120" || moved[note++] !== undefined
    return {
      ...read,
      edits: moved.flatMap((edit) => edit ?? []),
      diagnostics: read.diagnostics.filter(isKept).map(said),
    }
  }
}

function editOutside(edit: Edit, wayOut: Frame["outside"]): Edit | undefined {
  if (edit.kind !== "move") {
    const at = wayOut(edit.at)
    return at && { ...edit, at }
  }
  const [from, to] = [wayOut(edit.from), wayOut(edit.to)]
  return from && to && { ...edit, from, to }
}
