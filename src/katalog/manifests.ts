import {
  type Diagnostic,
  err,
  type FileSystem,
  hasErrors,
  messageOf,
  ok,
  type Result,
  type SourceFile,
} from "../base/mod.ts"
import { isKubeObject, isRecord, type KubeObject } from "../kube/mod.ts"
import { diagnose, type Fault } from "./fault.ts"
import type { FileRef } from "./spec.ts"
import { parseYaml } from "./yaml.ts"
import type { YamlDocument } from "./yaml-document.ts"

/** The text of a file, without a byte order mark. */
export function readSource(files: FileSystem, path: string): Result<SourceFile, Fault> {
  try {
    return ok({ path, text: files.read(path).replace(/^\uFEFF/, "") })
  } catch (error) {
    // Whoever reads files begins with the path.
    const said = messageOf(error)
    const reason = said.startsWith(`${path}: `) ? said.slice(path.length + 2) : said
    return err({ code: "ORK0101", message: `cannot read ${path}: ${reason}` })
  }
}

/** All objects of a manifest: several documents, YAML or JSON, lists opened. Order as written. */
export function readManifests(
  files: FileSystem,
  ref: FileRef | string,
): Result<readonly KubeObject[], readonly Diagnostic[]> {
  const source = readSource(files, typeof ref === "string" ? ref : ref.path)
  if (!source.ok) return err([diagnose(source.error)])
  const text = parseYaml(source.value)
  if (hasErrors(text.diagnostics)) return err(text.diagnostics)
  const objects: KubeObject[] = []
  const diagnostics: Diagnostic[] = []
  for (const document of text.documents) {
    for (const item of opened(document.data)) {
      const fault = manifestFault(item.value)
      if (fault === undefined && isKubeObject(item.value)) objects.push(item.value)
      else if (fault !== undefined) diagnostics.push(diagnose(fault, { span: spanOf(document, item.steps) }))
    }
  }
  return diagnostics.length > 0 ? err(diagnostics) : ok(objects)
}

function spanOf(document: YamlDocument, steps: readonly (string | number)[]) {
  const span = document.locate(steps, "value")
  return span && { ...span, end: span.start + 1 }
}

interface Item {
  readonly value: unknown
  readonly steps: readonly (string | number)[]
}

/** The document itself, or the items of a list, which may leave out what their list says. */
function opened(document: unknown): readonly Item[] {
  if (!isRecord(document)) return [{ value: document, steps: [] }]
  const kind = document["kind"]
  const items = document["items"]
  if (typeof kind !== "string" || !kind.endsWith("List") || !Array.isArray(items))
    return [{ value: document, steps: [] }]
  const inherited = kind === "List" ? {} : { apiVersion: document["apiVersion"], kind: kind.slice(0, -"List".length) }
  return items.map((item: unknown, index) => ({
    value: isRecord(item) ? { ...inherited, ...item } : item,
    steps: ["items", index],
  }))
}

function manifestFault(value: unknown): Fault | undefined {
  const help = "a manifest has apiVersion, kind and metadata.name"
  if (!isKubeObject(value)) return { code: "ORK0202", message: "expected a Kubernetes object", help }
  const { name } = value.metadata
  if (typeof name === "string" && name !== "") return undefined
  return { code: "ORK0202", message: `expected a name for this ${value.kind}`, help }
}
