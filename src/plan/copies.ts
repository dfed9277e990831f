import { err, ok, type Result } from "../base/mod.ts"
import type { EntrySpec } from "../katalog/mod.ts"
import { type Gvk, getPath, type KubeObject } from "../kube/mod.ts"
import { asText, field } from "./entry.ts"
import { mergeOver } from "./resources.ts"
import type { CompileContext, RenderFailure, RenderScope, SourceRef, ValueTemplate } from "./value.ts"
import { compileValue, whereOf } from "./value.ts"

/** What an entry copies, compiled. */
export interface SourcePlan {
  readonly gvk: Gvk
  readonly name: ValueTemplate
  /** Undefined: the namespace of the CR. */
  readonly namespace: ValueTemplate | undefined
  /** Fields of the source that are copied: `data`, `spec`. */
  readonly parts: readonly string[]
  readonly where: string
}

interface Copied {
  readonly key: string
  readonly parts: readonly string[]
}

const copied: Readonly<Record<string, Copied>> = {
  configMaps: { key: "fromConfigMap", parts: ["data", "binaryData"] },
  secrets: { key: "fromSecret", parts: ["type", "data"] },
  networkPolicies: { key: "fromNetworkPolicy", parts: ["spec"] },
  resourceQuotas: { key: "fromResourceQuota", parts: ["spec"] },
  limitRanges: { key: "fromLimitRange", parts: ["spec"] },
}

/** The field that says what an entry copies; undefined for kinds that copy nothing. */
export function copyField(kind: string): string | undefined {
  return copied[kind]?.key
}

/** What `entry` copies; undefined when it copies nothing. */
export function compileSource(entry: EntrySpec, gvk: Gvk, compile: CompileContext): SourcePlan | undefined {
  const kind = copied[entry.kind]
  const name = kind && field(entry, kind.key)
  if (!kind || !name) return undefined
  const context = { ...compile, allowRandom: false }
  const namespace = field(entry, "fromNamespace")
  return {
    gvk,
    name: compileValue(name, entry.at, context),
    namespace: namespace && compileValue(namespace, entry.at, context),
    parts: kind.parts,
    where: whereOf(compile.spans, name.at),
  }
}

/** The object that `source` names for the data in `scope`. */
export function sourceRef(source: SourcePlan, scope: RenderScope): Result<SourceRef, readonly RenderFailure[]> {
  const name = source.name.render(scope)
  if (!name.ok) return name
  const namespace = source.namespace?.render(scope) ?? ok(undefined)
  if (!namespace.ok) return namespace
  const ref = { gvk: source.gvk, name: asText(name.value), namespace: asText(namespace.value ?? home(scope)) }
  if (ref.name !== "" && ref.namespace !== "") return ok(ref)
  const what = ref.name === "" ? "name" : "namespace"
  return err([{ code: "template/missing", where: source.where, message: `the source of the copy has no ${what}` }])
}

/** The namespace of the CR; undefined when it is cluster-scoped. */
export function home(scope: RenderScope): unknown {
  return getPath(scope.data, ["metadata", "namespace"])
}

/** `object` with what `source` has; what the entry itself declares stays on top. */
export function copyInto(object: KubeObject, source: KubeObject, parts: readonly string[]): KubeObject {
  const taken = parts.filter((part) => source[part] !== undefined).map((part) => [part, source[part]] as const)
  // Merging maps gives a map, and the object keeps its apiVersion, kind and metadata.
  return mergeOver(Object.fromEntries(taken), object) as KubeObject
}
