import type { KubeObject } from "../kube/mod.ts"
import { badRequest } from "./refusal.ts"
import type { Resource } from "./resource.ts"

/** One condition on a field. */
export interface FieldTerm {
  readonly field: string
  readonly isEqual: boolean
  readonly value: string
}

/** Reads `metadata.name=a,status.phase!=Running`; backslashes escape. Refuses what cannot be read or selected. */
export function parseFieldSelector(text: string, resource: Resource): readonly FieldTerm[] {
  const terms: FieldTerm[] = []
  for (const part of split(text)) {
    if (part === "") continue
    const match = /^((?:[^=!\\]|\\.)*?)(!=|==|=)(.*)$/s.exec(part)
    if (match === null) throw badRequest(`invalid selector: '${text}'; can't understand '${part}'`)
    const [, field = "", operator, value = ""] = match
    terms.push({ field: checked(field, resource), isEqual: operator !== "!=", value: unescaped(value) })
  }
  return terms
}

/** True when an object meets every term. */
export function matchesFields(terms: readonly FieldTerm[], object: KubeObject, resource: Resource): boolean {
  return terms.every(({ field, isEqual, value }) => (fieldOf(object, field, resource) === value) === isEqual)
}

function fieldOf(object: KubeObject, field: string, resource: Resource): string {
  if (field === "metadata.name") return object.metadata.name ?? ""
  if (field === "metadata.namespace") return object.metadata.namespace ?? ""
  return resource.selectable[field]?.(object) ?? ""
}

function checked(field: string, resource: Resource): string {
  const isKnown =
    field === "metadata.name" || field === "metadata.namespace" || Object.hasOwn(resource.selectable, field)
  if (isKnown) return field
  if (!resource.isCustom && Object.keys(resource.selectable).length === 0) {
    throw badRequest(`"${field}" is not a known field selector: only "metadata.name", "metadata.namespace"`)
  }
  throw badRequest(`field label not supported: ${field}`)
}

function split(text: string): readonly string[] {
  const parts: string[] = []
  let part = ""
  for (let i = 0; i < text.length; i++) {
    if (text[i] === "\\") part += `\\${text[++i] ?? ""}`
    else if (text[i] === ",") {
      parts.push(part)
      part = ""
    } else part += text[i]
  }
  return [...parts, part]
}

function unescaped(text: string): string {
  return text.replace(/\\([\\,=])/g, "$1")
}
