import { isRecord, type Schema, type StatusCause } from "../kube/mod.ts"
import { depthMax } from "./crd-complete.ts"
import { invalidValue, qualifiedNameProblems, required } from "./names.ts"

/** What is wrong with the headers of objects inside a custom resource (`x-kubernetes-embedded-resource`). */
export function embeddedCauses(value: unknown, schema: Schema): readonly StatusCause[] {
  const causes: StatusCause[] = []
  const walk = (at: unknown, place: Schema, path: string, depth: number): void => {
    if (depth > depthMax) return
    if (Array.isArray(at)) {
      const { items } = place
      if (items !== undefined) at.forEach((item, i) => void walk(item, items, `${path}[${i}]`, depth + 1))
      return
    }
    if (!isRecord(at)) return
    if (place["x-kubernetes-embedded-resource"] === true && path !== "") causes.push(...headerCauses(at, path))
    for (const [key, child] of Object.entries(at)) {
      const named = place.properties && Object.hasOwn(place.properties, key) ? place.properties[key] : undefined
      const extra = typeof place.additionalProperties === "object" ? place.additionalProperties : undefined
      if (named !== undefined) walk(child, named, path === "" ? key : `${path}.${key}`, depth + 1)
      else if (extra !== undefined) walk(child, extra, `${path}[${key}]`, depth + 1)
    }
  }
  walk(value, schema, "", 0)
  return causes
}

function headerCauses(object: Readonly<Record<string, unknown>>, path: string): readonly StatusCause[] {
  const { apiVersion, kind, metadata } = object
  const causes: StatusCause[] = []
  if (apiVersion === undefined || apiVersion === "") causes.push(required(`${path}.apiVersion`))
  if (kind === undefined || kind === "") causes.push(required(`${path}.kind`))
  if (!isRecord(metadata)) return causes
  const { name, labels } = metadata
  if (typeof name === "string" && name !== "" && !/^[^/%]+$/.test(name)) {
    const part = name.includes("/") ? "/" : "%"
    causes.push(invalidValue(`${path}.metadata.name`, name, `may not contain '${part}'`))
  }
  if (isRecord(labels)) {
    for (const key of Object.keys(labels)) {
      for (const why of qualifiedNameProblems(key)) causes.push(invalidValue(`${path}.metadata.labels`, key, why))
    }
  }
  return causes
}
