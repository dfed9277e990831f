import { type KubeObject, semanticEqual } from "../kube/mod.ts"
import type { RequestContext, Strategy } from "./resource.ts"

/** What a strategy knows of its kind. */
export interface StrategyKind {
  readonly group: string
  readonly version: string
  readonly kind: string
  readonly hasStatus: boolean
}

/** The rules of one built-in kind. */
export function builtinStrategy(kind: StrategyKind): Strategy {
  return {
    complete: (object) => object,
    prepareCreate: (object) => prepareCreate(object, kind),
    prepareUpdate: (object, old, context) => prepareUpdate(object, old, { kind, context }),
    validate: () => [],
    warnings: () => [],
  }
}

function prepareCreate(object: KubeObject, kind: StrategyKind): KubeObject {
  const { status: _, ...rest } = object
  const fresh: KubeObject = kind.hasStatus ? { ...rest, status: {} } : object
  return withGeneration(fresh, 1)
}

function prepareUpdate(
  object: KubeObject,
  old: KubeObject,
  { kind, context }: { kind: StrategyKind; context: RequestContext },
): KubeObject {
  if (context.subresource === "status") {
    const { status: _, ...kept } = old
    const { generation } = old.metadata
    const metadata = { ...object.metadata, ...(generation === undefined ? {} : { generation }) }
    return { ...kept, metadata, ...(object["status"] === undefined ? {} : { status: object["status"] }) }
  }
  const { status: _, ...rest } = object
  const kept: KubeObject = kind.hasStatus && old["status"] !== undefined ? { ...rest, status: old["status"] } : object
  const generation = old.metadata.generation
  if (generation === undefined) return kept
  const { status: __, metadata: ___, ...before } = old
  const { status: ____, metadata: _____, ...after } = kept
  return withGeneration(kept, semanticEqual(before, after) ? generation : generation + 1)
}

function withGeneration(object: KubeObject, generation: number): KubeObject {
  return { ...object, metadata: { ...object.metadata, generation } }
}
