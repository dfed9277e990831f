import { type Diagnostic, type FileSystem, hasErrors, orderDiagnostics, type SourceFile } from "../base/mod.ts"
import { formatPath, isRecord } from "../kube/mod.ts"
import { apiVersion } from "./api-version.ts"
import { explain } from "./explain.ts"
import { diagnose, type Fault } from "./fault.ts"
import { katalogPath } from "./files.ts"
import { katalog } from "./format.ts"
import { canonical } from "./legacy-rewrite.ts"
import { readSource } from "./manifests.ts"
import { readCrd, readMetadata, recordOf, textOf } from "./read.ts"
import { type Resolved, resolveCrd } from "./resolve.ts"
import { checkRules } from "./rules.ts"
import { issuesOf, notYet } from "./shape.ts"
import { markOf, spansOf } from "./spans.ts"
import type { KatalogSpec, Spans } from "./spec.ts"
import { parseYaml, type YamlDocument } from "./yaml.ts"

/** One Katalog file, read: what its author meant, or every mistake in it. */
export interface Loaded {
  /** Undefined when there are errors. */
  readonly spec: KatalogSpec | undefined
  readonly spans: Spans
  readonly diagnostics: readonly Diagnostic[]
  /** Plain data as written. */
  readonly raw: unknown
  readonly file: SourceFile | undefined
}

/** Reads the Katalog at `path`: a file, or a folder with a katalog.yaml. Never throws for what a user wrote. */
export function load(files: FileSystem, path: string): Loaded {
  const found = katalogPath(files, path)
  const source = found.ok ? readSource(files, found.value) : found
  if (!source.ok) return failed(undefined, [diagnose(source.error)])
  const file = source.value
  const text = parseYaml(file)
  const [document, second] = text.documents
  if (hasErrors(text.diagnostics)) return failed(file, text.diagnostics, document)
  if (document === undefined) return failed(file, [diagnose(emptyFile, { span: { file, start: 0, end: 0 } })])
  if (second !== undefined) return failed(file, [severalDocuments(second)], document)
  return loadDocument(files, document, file)
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

function failed(file: SourceFile | undefined, diagnostics: readonly Diagnostic[], document?: YamlDocument): Loaded {
  const spans = spansOf(document)
  return { spec: undefined, spans, diagnostics: orderDiagnostics(diagnostics), raw: document?.data, file }
}

function loadDocument(files: FileSystem, document: YamlDocument, file: SourceFile): Loaded {
  const asWritten = spansOf(document)
  const wrongKind = kindFault(document.data)
  if (wrongKind !== undefined) {
    return failed(file, [diagnose(wrongKind, { span: markOf(asWritten, "kind"), path: "kind" })], document)
  }
  const rewritten = canonical(document.data, (path) => ({ span: markOf(asWritten, path, "key"), path }))
  const { data } = rewritten
  const spans = spansOf(document, rewritten)
  const crds = Object.entries(recordOf(recordOf(recordOf(data)["spec"])["crds"])).filter(
    ([, entry]) => entry !== undefined,
  )
  const resolved = crds.map(([name, entry]) => resolveCrd(files, { name, entry: recordOf(entry), file, spans }))
  const diagnostics = orderDiagnostics([
    ...rewritten.diagnostics,
    ...versionProblems(data, spans),
    ...issuesOf(katalog, data).map((issue) => explain(issue, spans)),
    ...resolved.flatMap((one) => one.diagnostics),
    ...checkRules(Object.fromEntries(crds), spans),
    ...sameCrdTwice(resolved, spans),
  ])
  return {
    spec: hasErrors(diagnostics) ? undefined : specOf(data, resolved),
    spans,
    diagnostics,
    raw: document.data,
    file,
  }
}

function specOf(data: unknown, resolved: readonly Resolved[]): KatalogSpec {
  const crds = resolved.flatMap(({ name, entry, fromFiles }) => (fromFiles ? [readCrd(name, entry, fromFiles)] : []))
  return { ...readMetadata(data), crds }
}

const siblings: readonly string[] = ["Komposer", "Motif", "Simulate", "E2E"]

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
  if (typeof kind === "string" && siblings.includes(kind)) return notYet(`kind ${kind}`, "name a Katalog file")
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
