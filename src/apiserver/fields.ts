import { isRecord, type KubeObject } from "../kube/mod.ts"

/** A JSON object, to read from. */
export type Fields = Readonly<Record<string, unknown>>

const none: Fields = {}

/** The member of a value as an object; an empty one where it is none. */
export function mapAt(value: unknown, ...path: readonly string[]): Fields {
  let at: unknown = value
  for (const step of path) at = isRecord(at) ? at[step] : undefined
  return isRecord(at) ? at : none
}

/** The member of a value as a number. */
export function numberAt(fields: Fields, name: string, absent = 0): number {
  const value = fields[name]
  return typeof value === "number" ? value : absent
}

/** The member of a value as a text. */
export function textAt(fields: Fields, name: string): string {
  const value = fields[name]
  return typeof value === "string" ? value : ""
}

/** The objects in a list that is a member of a value. */
export function listAt(fields: Fields, name: string): readonly Fields[] {
  const value = fields[name]
  return Array.isArray(value) ? value.filter(isRecord) : []
}

/** The texts of a map of texts: labels, annotations, matchLabels. */
export function textsAt(fields: Fields, name: string): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(mapAt(fields, name)).flatMap(([key, value]) => (typeof value === "string" ? [[key, value]] : [])),
  )
}

/** The spec of an object. */
export function specOf(object: KubeObject): Fields {
  return mapAt(object, "spec")
}

/** The status of an object. */
export function statusOf(object: KubeObject): Fields {
  return mapAt(object, "status")
}

/** `object` with these members in its metadata. */
export function withMeta(object: KubeObject, members: Partial<KubeObject["metadata"]>): KubeObject {
  return { ...object, metadata: { ...object.metadata, ...members } }
}

/** A value as a list; an empty one where it is none. */
export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

/** The items of a value as texts; none where it is no list. */
export function textsOf(value: unknown): readonly string[] {
  return listOf(value).map(String)
}

/** What every object has, without its content. */
export function headerOf({
  apiVersion,
  kind,
  metadata,
}: KubeObject): Pick<KubeObject, "apiVersion" | "kind" | "metadata"> {
  return { apiVersion, kind, metadata }
}
