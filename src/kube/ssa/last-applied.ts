import { isRecord, type KubeObject } from "../object.ts"
import { compareFields } from "./compare.ts"
import { difference, encodeJson, type FieldSet, noFields } from "./field-set.ts"
import type { Shape } from "./shape.ts"
import { fieldsOf, typeErrors } from "./walk.ts"

const annotation = "kubectl.kubernetes.io/last-applied-configuration"

/** True when a client-side apply left its configuration on the object. */
export function hasLastApplied(object: KubeObject): boolean {
  return (object.metadata.annotations?.[annotation] ?? "") !== ""
}

/** The fields that a client-side apply declared and that still have its values; undefined without one. */
export function lastAppliedFields(live: KubeObject, shape: Shape): FieldSet | undefined {
  const config = parse(live.metadata.annotations?.[annotation] ?? "")
  if (config?.["apiVersion"] !== live.apiVersion) return undefined
  if (typeErrors(config, shape, { allowDuplicates: false }).length > 0) return undefined
  const { added, modified, removed } = compareFields(config, live, shape, noFields)
  return [added, modified, removed].reduce(difference, fieldsOf(config, shape))
}

/** `object` with the annotation of a client-side apply of `config`. */
export function withLastApplied(object: KubeObject, config: KubeObject): KubeObject {
  const { [annotation]: _, ...annotations } = config.metadata.annotations ?? {}
  const metadata = { ...config.metadata, ...(config.metadata.annotations === undefined ? {} : { annotations }) }
  const text = `${encodeJson(sorted({ ...config, metadata }))}\n`
  const all = { ...object.metadata.annotations, [annotation]: text }
  return { ...object, metadata: { ...object.metadata, annotations: all } }
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (!isRecord(value)) return value
  const keys = Object.keys(value).sort()
  return Object.fromEntries(keys.map((key) => [key, sorted(value[key])]))
}

function parse(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return isRecord(value) ? value : undefined
  } catch {
    return undefined
  }
}
