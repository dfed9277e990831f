import {
  type Diagnostic,
  didYouMean,
  err,
  type FileSystem,
  hasErrors,
  ok,
  type Result,
  type SourceFile,
} from "../base/mod.ts"
import { builtinSchemas, formatPath, gvkOf, type KubeObject } from "../kube/mod.ts"
import { apiTypesOf, soleCrd } from "./api-types.ts"
import { diagnose, type Fault } from "./fault.ts"
import { resolveFiles } from "./files.ts"
import { readManifests } from "./manifests.ts"
import { recordOf, textOf, type FromFiles as WithImports } from "./read.ts"
import { readFlag } from "./shape.ts"
import { markOf } from "./spans.ts"
import type { ApiTypes, FileRef, Spans } from "./spec.ts"

type Plain = Readonly<Record<string, unknown>>
type FromFiles = Omit<WithImports, "motifs" | "notes">

/** A CRD entry and the Katalog around it. */
export interface EntryPlace {
  readonly name: string
  readonly entry: Plain
  readonly file: SourceFile
  readonly spans: Spans
}

/** A CRD entry with what its files say; `fromFiles` is undefined when that could not be found out. */
export interface Resolved {
  readonly name: string
  readonly entry: Plain
  readonly fromFiles: FromFiles | undefined
  readonly diagnostics: readonly Diagnostic[]
}

/** Opens the files that a CRD entry names and finds its types. Malformed values are left to the shape. */
export function resolveCrd(files: FileSystem, place: EntryPlace): Resolved {
  const { name, entry } = place
  const crd = readCrdFile(files, place)
  const setup = readFileList(files, place, "setup")
  const crFiles = readFileList(files, place, "crFiles")
  const types = crd.ok ? findTypes(place, crd.value) : err([])
  const diagnostics = [
    ...(crd.ok ? [] : crd.error),
    ...(types.ok ? [] : types.error),
    ...setup.diagnostics,
    ...crFiles.diagnostics,
    ...(types.ok ? foreignSamples(place, crFiles, types.value) : []),
  ]
  const fromFiles =
    crd.ok && types.ok ? { apiTypes: types.value, crd: crd.value, crFiles: crFiles.refs, setup: setup.refs } : undefined
  return { name, entry, fromFiles, diagnostics }
}

function at({ name, spans }: EntryPlace, key: string) {
  const path = `${formatPath(["spec", "crds", name])}.${key}`
  return { path, span: markOf(spans, path) }
}

function readCrdFile(files: FileSystem, place: EntryPlace): Result<FromFiles["crd"], readonly Diagnostic[]> {
  const written = place.entry["crdFile"]
  if (typeof written !== "string" || written === "") return ok(undefined)
  const fail = (fault: Fault) => err([diagnose(fault, at(place, "crdFile"))])
  const found = resolveFiles(files, { written, at: at(place, "crdFile").path, katalog: place.file.path })
  if (!found.ok) return fail(found.error)
  const [ref, ...more] = found.value
  if (ref === undefined || more.length > 0) {
    return fail({
      code: "ORK0202",
      message: `expected one file, but "${written}" matches ${found.value.length}`,
      help: "name one file",
    })
  }
  const objects = readManifests(files, ref)
  if (!objects.ok) return objects
  const crd = soleCrd(objects.value, written)
  return crd.ok ? ok({ file: ref, object: crd.value }) : fail(crd.error)
}

function findTypes(place: EntryPlace, crd: FromFiles["crd"]): Result<ApiTypes, readonly Diagnostic[]> {
  if (crd !== undefined) {
    const types = apiTypesOf(crd.object, place.entry, crd.file.written)
    return types.ok ? types : err(types.error.map((fault) => diagnose(fault, at(place, fault.about))))
  }
  const { group, version, kind, plural } = recordOf(place.entry["apiTypes"])
  // The core group is the empty text.
  const missing = Object.entries({ group: group === "" ? "core" : group, version, kind }).filter(
    ([, value]) => textOf(value) === undefined,
  )
  if (missing.length > 0) {
    const keys = missing.map(([key]) => key)
    return err(isMisspelt(place.entry) ? [] : [missingTypes(place, keys)])
  }
  const gvk = { group: String(group), version: String(version), kind: String(kind) }
  if (builtinSchemas().root(gvk) !== undefined && Object.keys(recordOf(place.entry["labelSelector"])).length === 0) {
    return err([unselected(place, gvk.kind)])
  }
  const namespaced = readFlag(place.entry["namespaced"])
  return ok({ group: String(group), version: String(version), kind: String(kind), plural: textOf(plural), namespaced })
}

/** An unknown key that was meant to say which CRD is reported as such. */
function isMisspelt(entry: EntryPlace["entry"]): boolean {
  const unknown = Object.keys(entry).filter((key) => !["crdFile", "apiTypes", "crFiles"].includes(key))
  return unknown.some((key) => didYouMean(key, ["crdFile", "apiTypes"]) !== undefined)
}

/** Without a selector an operator of a built-in kind would take every such object of the cluster. */
function unselected(place: EntryPlace, kind: string): Diagnostic {
  const path = formatPath(["spec", "crds", place.name])
  const message = `${kind} is a built-in kind: without a labelSelector the operator would take every one in the cluster`
  const help = 'add "labelSelector:" with labels that only your objects have'
  return diagnose({ code: "ORK0216", message, help }, { path, span: markOf(place.spans, path, "key") })
}

function missingTypes(place: EntryPlace, keys: readonly string[]): Diagnostic {
  const path = formatPath(["spec", "crds", place.name])
  const hasTypes = place.spans.locate(`${path}.apiTypes`, "key") !== undefined
  const what = hasTypes ? `apiTypes of "${place.name}" lacks ${keys.join(" and ")}` : `"${place.name}" names no CRD`
  const help = 'add "crdFile:", or "apiTypes: { group, version, kind }"'
  const span = markOf(place.spans, hasTypes ? `${path}.apiTypes` : path, "key")
  return diagnose({ code: "ORK0108", message: what, help }, { path, span })
}

interface FileList {
  readonly refs: readonly FileRef[]
  /** The objects of each file that could be read. */
  readonly objects: ReadonlyMap<FileRef, readonly KubeObject[]>
  readonly diagnostics: readonly Diagnostic[]
}

function readFileList(files: FileSystem, place: EntryPlace, key: "setup" | "crFiles"): FileList {
  const value = place.entry[key]
  const isList = Array.isArray(value)
  const refs: FileRef[] = []
  const diagnostics: Diagnostic[] = []
  for (const [index, written] of (isList ? value : [value]).entries()) {
    if (typeof written !== "string" || written === "") continue
    const where = at(place, isList ? `${key}[${index}]` : key)
    const found = resolveFiles(files, { written, at: where.path, katalog: place.file.path })
    if (found.ok) refs.push(...found.value)
    else diagnostics.push(diagnose(found.error, where))
  }
  const objects = new Map<FileRef, readonly KubeObject[]>()
  for (const ref of refs) {
    const read = readManifests(files, ref)
    if (read.ok) objects.set(ref, read.value)
    else diagnostics.push(...read.error)
  }
  return { refs: hasErrors(diagnostics) ? [] : refs, objects, diagnostics }
}

/** A sample may hold any object, but a first one of another kind is mostly the wrong file. */
function foreignSamples(place: EntryPlace, list: FileList, types: ApiTypes): readonly Diagnostic[] {
  return [...list.objects].flatMap(([ref, [first]]) => {
    if (first === undefined) return []
    const { group, kind } = gvkOf(first)
    if (group === types.group && kind === types.kind) return []
    const message = `the first object in "${ref.written}" is a ${kind}, expected a ${types.kind}`
    const help = 'move other objects to "setup:"'
    const span = markOf(place.spans, ref.at)
    return [diagnose({ code: "ORK0208", message, help }, { path: ref.at, span }, "warning")]
  })
}
