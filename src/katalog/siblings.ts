import type { Diagnostic } from "../base/mod.ts"
import { getPath, isRecord } from "../kube/mod.ts"
import { explain } from "./explain.ts"
import { diagnose, type Fault } from "./fault.ts"
import { e2e, komposer, simulate } from "./format-files.ts"
import { canonical } from "./legacy-rewrite.ts"
import { recordOf, textOf } from "./read.ts"
import { issuesOf, notYet, type Shape } from "./shape.ts"
import { markOf, spansOf } from "./spans.ts"
import type { YamlDocument } from "./yaml-document.ts"

const shapes: Readonly<Record<string, Shape>> = { Komposer: komposer, Simulate: simulate, E2E: e2e }

const pathsMax = 3

/** What is said about a file of ours that is no Katalog: how to get at its Katalog, and what is wrong with it. */
export function siblingProblems(document: YamlDocument): readonly Diagnostic[] | undefined {
  const data = recordOf(document.data)
  const kind = textOf(data["kind"])
  const shape = kind !== undefined && Object.hasOwn(shapes, kind) ? shapes[kind] : undefined
  const fault = kind === "Motif" ? motifFault : shape && notYet(`kind ${kind}`, helpFor(data))
  if (fault === undefined) return undefined
  const asWritten = spansOf(document)
  const rewritten = canonical(document.data, (path) => ({ span: markOf(asWritten, path, "key"), path }))
  const spans = spansOf(document, rewritten)
  const issues = shape ? issuesOf(shape, withoutOldNames(recordOf(rewritten.data))) : []
  return [
    diagnose(fault, { span: markOf(spans, "kind"), path: "kind" }),
    ...issues.map((issue) => explain(issue, spans)).filter(({ code, span }) => code !== "ORK0110" && span),
  ]
}

const motifFault: Fault = {
  code: "ORK0109",
  message: "expected kind Katalog, found Motif",
  help: "name the Katalog that imports it; a Motif is checked there, with what it is given",
}

function helpFor(data: Readonly<Record<string, unknown>>): string {
  const tested = getPath(data, ["spec", "katalog"])
  const files = getPath(data, ["imports", "files"])
  const paths = typeof tested === "string" ? [tested] : pathsOf(files)
  if (paths.length === 0) return "name a Katalog file"
  const named = paths.slice(0, pathsMax).map((path) => `-f ${path}`)
  return `name ${data["kind"] === "Komposer" ? "the Katalogs that it imports" : "the Katalog that it tests"}: ${named.join(" ")}`
}

function pathsOf(files: unknown): readonly string[] {
  return (Array.isArray(files) ? files : []).flatMap(
    (file: unknown) => textOf(isRecord(file) ? file["url"] : file) ?? [],
  )
}

/** The oldest files name their imports differently. */
function withoutOldNames({ sources, ...data }: Readonly<Record<string, unknown>>): unknown {
  return sources === undefined ? data : { imports: sources, ...data }
}
