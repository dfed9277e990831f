import { type Diagnostic, err, type FileSystem, hasErrors, ok, type Result, type SourceFile } from "../base/mod.ts"
import { formatPath, isRecord, parsePath, withPath } from "../kube/mod.ts"
import { apiVersion, oldApiVersion } from "./api-version.ts"
import { explain } from "./explain.ts"
import { diagnose, type Fault } from "./fault.ts"
import { motif } from "./format.ts"
import { expandIncludes } from "./include.ts"
import { canonical } from "./legacy-rewrite.ts"
import { readSource } from "./manifests.ts"
import { recordOf, textOf } from "./read.ts"
import { describe, issuesOf } from "./shape.ts"
import { markOf, spansOf } from "./spans.ts"
import type { Spans } from "./spec.ts"
import { beyondVolume } from "./volume.ts"
import { parseYaml } from "./yaml.ts"
import type { YamlDocument } from "./yaml-document.ts"

type Steps = readonly (string | number)[]

/** A Motif file in canonical form, with its includes in place. Paths are the file's own: `resources.services[0]`. */
export interface MotifPage {
  readonly file: SourceFile
  readonly name: string
  readonly data: Readonly<Record<string, unknown>>
  readonly spans: Spans
  /** What is wrong with the file, whoever imports it. */
  readonly diagnostics: readonly Diagnostic[]
}

/** Reads a Motif file; fails where nothing in it can be used. */
export function openMotif(files: FileSystem, path: string): Result<MotifPage, readonly Diagnostic[]> {
  const source = readSource(files, path)
  if (!source.ok) return err([diagnose(source.error)])
  const file = source.value
  const text = parseYaml(file)
  if (!text.isReadable && hasErrors(text.diagnostics)) return err(text.diagnostics)
  const [document, second] = text.documents
  const fault = document && second === undefined ? kindFault(document.data) : oneDocument
  if (document === undefined || fault !== undefined) {
    const span = document && markOf(spansOf(document), "kind")
    return err([
      ...text.diagnostics,
      diagnose(fault ?? oneDocument, { span: span ?? { file, start: 0, end: 0 }, path: "kind" }),
    ])
  }
  const page = pageOf(files, document, file)
  return ok({ ...page, diagnostics: [...text.diagnostics, ...page.diagnostics] })
}

const oneDocument: Fault = {
  code: "ORK0105",
  message: "expected one document in a Motif file",
  help: "make each Motif a file of its own",
}

function kindFault(data: unknown): Fault | undefined {
  const kind = recordOf(data)["kind"]
  if (kind === "Motif") return undefined
  return { code: "ORK0109", message: `expected kind Motif, found ${describe(kind)}`, help: 'write "kind: Motif"' }
}

/**
 * A Motif's content is read as that of a Katalog with one entry, so that every published spelling means the same in
 * both. `outside` and `inside` translate between the file's paths and those of that Katalog.
 */
const box: Steps = ["spec", "crds", "motif", "operatorBox"]

const moves: readonly (readonly [outside: Steps, inside: Steps])[] = [
  [
    ["resources", "onCreate"],
    [...box, "onCreate"],
  ],
  [["resources"], [...box, "onReconcile"]],
  [["status"], [...box, "status"]],
  ...["admission", "normalize", "mutation", "validation"].map((key): readonly [Steps, Steps] => [
    [key],
    [...box.slice(0, -1), key],
  ]),
]

function moved(steps: Steps, from: 0 | 1): Steps {
  for (const move of moves) {
    const [old, young] = from === 0 ? move : [move[1], move[0]]
    if (old.every((step, i) => steps[i] === step)) return [...young, ...steps.slice(old.length)]
  }
  return steps
}

/** The way of a Motif's content in that Katalog. */
export function inside(steps: Steps): Steps {
  return moved(steps, 0)
}

/** The way back: where the content of that Katalog stands in the Motif. */
export function outside(steps: Steps): Steps {
  return moved(steps, 1)
}

function pageOf(files: FileSystem, document: YamlDocument, file: SourceFile): MotifPage {
  const placed = {
    locate: (steps: Steps, part: "key" | "value") => document.locate(outside(steps), part),
    locateIn: (steps: Steps, start: number, end: number) => document.locateIn(outside(steps), start, end),
  }
  const asWritten = spansOf(document)
  const rewritten = canonical(entered(recordOf(document.data)), (written) => {
    const path = formatPath(outside(parsePath(written)))
    return { path, span: markOf(asWritten, path, "key") }
  })
  const start = { data: rewritten.data, spans: spansOf(placed, rewritten), file }
  const { page, diagnostics } = expandIncludes(files, start)
  const translated = (path: string) => formatPath(inside(parsePath(path)))
  const spans: Spans = {
    locate: (path, part) => page.spans.locate(translated(path), part),
    locateIn: (path, from, to) => page.spans.locateIn(translated(path), from, to),
  }
  const data = left(recordOf(page.data))
  const beyond = beyondVolume(data, spans)
  return {
    file,
    name: textOf(recordOf(data["metadata"])["name"]) ?? "motif",
    data,
    spans,
    diagnostics: [
      ...[...rewritten.diagnostics, ...diagnostics].map(inWordsOfMotif),
      ...versionProblem(data, spans),
      ...specProblem(document, asWritten),
      ...(beyond.length > 0 ? beyond : issuesOf(motif, data).map((issue) => explain(issue, spans))),
    ],
  }
}

/** The document as a Katalog with one entry. */
export function entered(document: Readonly<Record<string, unknown>>): unknown {
  const { resources, status, admission, normalize, mutation, validation, ...rest } = document
  const operatorBox: Record<string, unknown> = {}
  if (isRecord(resources)) {
    const { onCreate, ...lists } = resources
    operatorBox["onReconcile"] = lists
    if (onCreate !== undefined) operatorBox["onCreate"] = onCreate
  } else if (resources !== undefined) operatorBox["onReconcile"] = resources
  if (status !== undefined) operatorBox["status"] = status
  const rules = Object.entries({ admission, normalize, mutation, validation }).filter(([, part]) => part !== undefined)
  const entry = { ...Object.fromEntries(rules), operatorBox }
  return withPath(rest, box.slice(0, -1).map(String), entry)
}

/** The way back. */
function left(data: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const { spec, ...rest } = data
  const { operatorBox, ...stray } = recordOf(recordOf(recordOf(spec)["crds"])["motif"])
  const { onCreate, onReconcile, status, ...more } = recordOf(operatorBox)
  const resources = isRecord(onReconcile) && onCreate !== undefined ? { ...onReconcile, onCreate } : onReconcile
  return {
    ...rest,
    ...stray,
    ...more,
    ...(resources !== undefined && { resources }),
    ...(status !== undefined && { status }),
  }
}

/** Notes about older spellings name places of the Katalog that the Motif is read as. */
export function inWordsOfMotif(diagnostic: Diagnostic): Diagnostic {
  const message = diagnostic.message.replace(/"operatorBox\.(onReconcile|onCreate|status)/g, (_, block: string) =>
    block === "onReconcile" ? '"resources' : block === "onCreate" ? '"resources.onCreate' : '"status',
  )
  return { ...diagnostic, message }
}

/** The one key that the way in and out would lose. */
function specProblem(document: YamlDocument, spans: Spans): readonly Diagnostic[] {
  if (!Object.hasOwn(recordOf(document.data), "spec")) return []
  const fault = {
    code: "ORK0107",
    message: 'unknown field "spec" in a Motif',
    help: 'its content stands under "resources:" and "status:"',
  }
  return [diagnose(fault, { span: markOf(spans, "spec", "key"), path: "spec" })]
}

function versionProblem(data: Readonly<Record<string, unknown>>, spans: Spans): readonly Diagnostic[] {
  const found = textOf(data["apiVersion"])
  if (found === undefined || found === apiVersion || found === oldApiVersion) return []
  const message = `expected apiVersion ${apiVersion}, found ${found}`
  const fault = { code: "ORK0109", message, help: `write "apiVersion: ${apiVersion}"` }
  return [diagnose(fault, { span: markOf(spans, "apiVersion"), path: "apiVersion" })]
}
