import {
  type Diagnostic,
  err,
  type FileSystem,
  hasErrors,
  ok,
  orderDiagnostics,
  type Result,
  type SourceFile,
} from "../base/mod.ts"
import { formatPath, isRecord } from "../kube/mod.ts"
import { apiVersion } from "./api-version.ts"
import { firstOf } from "./bounded.ts"
import { type Assembled, assemble } from "./expand.ts"
import { explain } from "./explain.ts"
import { readAllowedHosts } from "./external.ts"
import { diagnose, type Fault } from "./fault.ts"
import { katalogPath } from "./files.ts"
import { katalog } from "./format.ts"
import { withSecurity } from "./guards.ts"
import { canonical } from "./legacy-rewrite.ts"
import { readSource } from "./manifests.ts"
import { readFinalizers } from "./marks.ts"
import { readNotification } from "./notification.ts"
import { checkOperatorProfiles, withProfile } from "./operator-profiles.ts"
import { readCrd, readMetadata, recordOf, textOf } from "./read.ts"
import { type Resolved, resolveCrd } from "./resolve.ts"
import { checkRules } from "./rules.ts"
import { salvage } from "./salvage.ts"
import { issuesOf } from "./shape.ts"
import { siblingProblems } from "./siblings.ts"
import { markOf, spansOf } from "./spans.ts"
import type { KatalogSpec, Spans } from "./spec.ts"
import { checkTopBlocks } from "./top-blocks.ts"
import { beyondVolume } from "./volume.ts"
import { parseYaml } from "./yaml.ts"
import type { YamlDocument } from "./yaml-document.ts"

/** One Katalog file, read: what its author meant, or every mistake in it. */
export interface Loaded {
  /** Undefined when there are errors. */
  readonly spec: KatalogSpec | undefined
  /** Where there are errors: what is right of the rest, good for finding more mistakes and for nothing else. */
  readonly partial: KatalogSpec | undefined
  readonly spans: Spans
  readonly diagnostics: readonly Diagnostic[]
  /** Plain data as written. */
  readonly raw: unknown
  readonly file: SourceFile | undefined
}

/** A Katalog file as text and document, before anything is known about what it means. */
export interface Opened {
  readonly file: SourceFile
  readonly document: YamlDocument
  /** Mistakes in its YAML that leave the rest to be judged. */
  readonly problems: readonly Diagnostic[]
}

/** A file that is no Katalog: why, and what could be read of it. */
export interface Unopened {
  readonly file: SourceFile | undefined
  readonly document: YamlDocument | undefined
  readonly diagnostics: readonly Diagnostic[]
}

/** Opens the Katalog at `path`: a file, or a folder with a katalog.yaml. One document of kind Katalog, in valid YAML. */
export function openKatalog(files: FileSystem, path: string): Result<Opened, Unopened> {
  const found = katalogPath(files, path)
  const source = found.ok ? readSource(files, found.value) : found
  if (!source.ok) return err({ file: undefined, document: undefined, diagnostics: [diagnose(source.error)] })
  const file = source.value
  const text = parseYaml(file)
  const [document, second] = text.documents
  const problems = text.diagnostics
  const fail = (...diagnostics: readonly Diagnostic[]) =>
    err({ file, document, diagnostics: [...problems, ...diagnostics] })
  if (!text.isReadable && hasErrors(problems)) return fail()
  if (document === undefined) return fail(diagnose(emptyFile, { span: { file, start: 0, end: 0 } }))
  if (second !== undefined) return fail(severalDocuments(second))
  const sibling = siblingProblems(document)
  if (sibling !== undefined) return fail(...sibling)
  const wrongKind = kindFault(document.data)
  if (wrongKind === undefined) return ok({ file, document, problems })
  const whole = document.locate([], "value")
  const span = markOf(spansOf(document), "kind") ?? (whole && { ...whole, end: whole.start + 1 })
  return fail(diagnose(wrongKind, { span, path: "kind" }))
}

/** Reads the Katalog at `path`. Never throws for what a user wrote. */
export function load(files: FileSystem, path: string): Loaded {
  const opened = openKatalog(files, path)
  if (opened.ok) return loadDocument(files, opened.value)
  const { file, document, diagnostics } = opened.error
  const ordered = orderDiagnostics(diagnostics)
  return {
    spec: undefined,
    partial: undefined,
    spans: spansOf(document),
    diagnostics: ordered,
    raw: document?.data,
    file,
  }
}

const emptyFile: Fault = {
  code: "ORK0111",
  message: "the file is empty",
  help: `begin with "apiVersion: ${apiVersion}"`,
}

function severalDocuments(second: YamlDocument): Diagnostic {
  const span = second.locate([], "value")
  const fault = {
    code: "ORK0105",
    message: "expected one document in a Katalog file, found more",
    help: "make it a file of its own",
  }
  return diagnose(fault, { span: span && { ...span, end: span.start + 1 } })
}

function loadDocument(files: FileSystem, { document, file, problems }: Opened): Loaded {
  const asWritten = spansOf(document)
  const rewritten = canonical(document.data, (path) => ({ span: markOf(asWritten, path, "key"), path }))
  const start = { data: rewritten.data, spans: spansOf(document, rewritten), file }
  const assembled = assemble(files, start)
  const { data, spans } = assembled
  const beyond = beyondVolume(data, spans)
  if (beyond.length > 0)
    return {
      spec: undefined,
      partial: undefined,
      spans,
      diagnostics: [...problems, ...beyond],
      raw: document.data,
      file,
    }
  const crds = Object.entries(recordOf(recordOf(recordOf(data)["spec"])["crds"])).filter(
    ([, entry]) => entry !== undefined,
  )
  const resolved = crds.map(([name, entry]) => resolveCrd(files, { name, entry: recordOf(entry), file, spans }))
  const diagnostics = firstOf([
    ...problems,
    ...rewritten.diagnostics,
    ...versionProblems(data, spans),
    ...issuesOf(katalog, data).map((issue) => explain(issue, spans)),
    ...assembled.diagnostics,
    ...resolved.flatMap((one) => one.diagnostics),
    ...checkRules(Object.fromEntries(crds), spans),
    ...checkTopBlocks(data, spans),
    ...checkOperatorProfiles(Object.fromEntries(crds), assembled.profiles, spans),
    ...sameCrdTwice(resolved, spans),
  ])
  const wrong = hasErrors(diagnostics)
  return {
    spec: wrong ? undefined : specOf(assembled, resolved),
    partial: wrong ? partialSpec(assembled, resolved) : undefined,
    spans,
    diagnostics,
    raw: document.data,
    file,
  }
}

/** Where the files of an entry could not be read: templates and conditions are judged all the same. */
const unknownFiles: NonNullable<Resolved["fromFiles"]> = {
  apiTypes: { group: "unknown.invalid", version: "v1", kind: "Unknown", plural: undefined, namespaced: undefined },
  crd: undefined,
  crFiles: [],
  setup: [],
}

/** What can be understood of a document with mistakes. */
function partialSpec(assembled: Assembled, resolved: readonly Resolved[]): KatalogSpec | undefined {
  const data = salvage(assembled.data)
  if (data === undefined) return undefined
  const crds = recordOf(recordOf(recordOf(data)["spec"])["crds"])
  const kept = resolved.flatMap(({ fromFiles = unknownFiles, ...one }) =>
    isRecord(crds[one.name]) ? [{ ...one, fromFiles, entry: recordOf(crds[one.name]) }] : [],
  )
  return specOf({ ...assembled, data }, kept)
}

function specOf({ data, notes, profiles, crds }: Assembled, resolved: readonly Resolved[]): KatalogSpec {
  const nothing = { motifs: [], notes }
  const allowedHosts = readAllowedHosts(data)
  const crossAccess = recordOf(recordOf(data)["spec"])["crossAccess"] ?? recordOf(data)["crossAccess"]
  const finalizers = readFinalizers(recordOf(recordOf(data)["spec"])["finalizers"])
  const entries = resolved.flatMap(({ name, entry, fromFiles }) =>
    fromFiles
      ? [
          readCrd(name, withSecurity(withProfile(entry, profiles), data), {
            ...fromFiles,
            ...(crds.get(name) ?? nothing),
            finalizers,
            profiles,
            crossAccess,
            allowedHosts,
          }),
        ]
      : [],
  )
  return { ...readMetadata(data), notes, profiles, crds: entries, notification: readNotification(data) }
}

/** A file of another kind gets this one diagnostic: everything else would follow from it. */
function kindFault(data: unknown): Fault | undefined {
  if (!isRecord(data))
    return {
      code: "ORK0106",
      message: "expected a Katalog, found no map",
      help: `begin with "apiVersion: ${apiVersion}"`,
    }
  const kind = data["kind"] ?? undefined
  if (kind === undefined || kind === "Katalog") return undefined
  return {
    code: "ORK0109",
    message: `expected kind Katalog, found ${textOf(kind) ?? "something else"}`,
    help: `write "kind: Katalog"`,
  }
}

function versionProblems(data: unknown, spans: Spans): readonly Diagnostic[] {
  const found = textOf(recordOf(data)["apiVersion"])
  if (found === undefined || found === apiVersion) return []
  const message = `expected apiVersion ${apiVersion}, found ${found}`
  const fault = { code: "ORK0109", message, help: `write "apiVersion: ${apiVersion}"` }
  return [diagnose(fault, { span: markOf(spans, "apiVersion"), path: "apiVersion" })]
}

function sameCrdTwice(resolved: readonly Resolved[], spans: Spans): readonly Diagnostic[] {
  const first = new Map<string, string>()
  return resolved.flatMap(({ name, entry, fromFiles }) => {
    if (fromFiles === undefined || String(entry["enabled"]) === "false") return []
    const { group, kind } = fromFiles.apiTypes
    const other = first.get(`${kind}.${group}`)
    if (other === undefined) {
      first.set(`${kind}.${group}`, name)
      return []
    }
    const path = formatPath(["spec", "crds", name])
    const message = `"${name}" and "${other}" run the same CRD, ${kind}.${group}`
    const fault = { code: "ORK0207", message, help: "merge the two entries, or disable one" }
    return [diagnose(fault, { span: markOf(spans, path, "key"), path })]
  })
}

/** Reads several Katalogs that one process is to run. One CRD in two of them is an error that names both. */
export function loadAll(
  files: FileSystem,
  paths: readonly string[],
): { readonly katalogs: readonly Loaded[]; readonly diagnostics: readonly Diagnostic[] } {
  const katalogs = paths.map((path) => load(files, path))
  const owners = new Map<string, string>()
  const clashes: Diagnostic[] = []
  for (const { spec, spans, file } of katalogs) {
    for (const crd of spec?.crds ?? []) {
      if (!crd.enabled) continue
      const key = `${crd.apiTypes.kind}.${crd.apiTypes.group}`
      const owner = owners.get(key)
      if (owner === undefined) {
        owners.set(key, file?.path ?? "")
        continue
      }
      const path = formatPath(["spec", "crds", crd.name])
      const fault = {
        code: "ORK0207",
        message: `${key} is already run by ${owner}`,
        help: "run each CRD from one Katalog",
      }
      clashes.push(diagnose(fault, { span: markOf(spans, path, "key"), path }))
    }
  }
  return { katalogs, diagnostics: orderDiagnostics([...katalogs.flatMap((one) => one.diagnostics), ...clashes]) }
}
