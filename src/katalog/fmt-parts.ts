import { dirname } from "node:path"
import type { FileSystem } from "../base/mod.ts"
import { isRecord } from "../kube/mod.ts"
import { katalogPath, resolveFiles, resolveMotif } from "./files.ts"
import { readingOf } from "./fmt-frames.ts"
import { includesOf } from "./include.ts"
import { canonical } from "./legacy-rewrite.ts"
import { readSource } from "./manifests.ts"
import { motifLimits } from "./motif.ts"
import { recordOf, textOf } from "./read.ts"
import { parseYaml } from "./yaml.ts"

/** What `ork fmt PATH` formats: the file; for a folder its Katalog and what that one is made of inside the folder. */
export interface Parts {
  readonly paths: readonly string[]
  /** Files of the Katalog that lie elsewhere. */
  readonly elsewhere: readonly string[]
}

/** Follows the includes and the Motifs of the Katalog in a folder. */
export function partsOf(files: FileSystem, path: string): Parts {
  const found = katalogPath(files, path)
  if (files.kind(path) !== "folder" || !found.ok) return { paths: [path], elsewhere: [] }
  const seen = new Set([found.value])
  // A set that grows is walked to its end: Motifs import Motifs.
  for (const file of seen) {
    for (const named of namedBy(files, file)) if (seen.size <= motifLimits.imports) seen.add(named)
  }
  const folder = dirname(found.value)
  const isInside = (file: string) => (folder === "." ? !/^(\.\.)?\//.test(file) : file.startsWith(`${folder}/`))
  const all = [...seen]
  return { paths: all.filter(isInside), elsewhere: all.filter((file) => !isInside(file)) }
}

/** The files that a Katalog or Motif names and that are there; what is missing is for `ork validate` to say. */
function namedBy(files: FileSystem, path: string): readonly string[] {
  const source = readSource(files, path)
  if (!source.ok) return []
  const [document] = parseYaml(source.value).documents
  if (document === undefined) return []
  const { data } = (readingOf(document) ?? canonical)(document.data, () => ({}))
  const spec = recordOf(recordOf(data)["spec"])
  const lists = [recordOf(data), spec, ...Object.values(recordOf(spec["crds"])).map(recordOf)]
  const motifs = lists
    .flatMap(({ imports }) => (Array.isArray(imports) ? imports : []))
    .flatMap((item: unknown) => (isRecord(item) ? (textOf(item["motif"]) ?? []) : []))
  const mention = (written: string) => ({ written, at: "", katalog: path })
  const included = includesOf(data).flatMap((written) => {
    const found = resolveFiles(files, mention(written))
    return found.ok ? found.value.map((one) => one.path) : []
  })
  const imported = motifs.flatMap((written) => {
    const found = resolveMotif(files, mention(written))
    return found.ok ? [found.value] : []
  })
  return [...included, ...imported].filter((file) => files.kind(file) === "file")
}
