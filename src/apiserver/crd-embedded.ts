import { isRecord, nameProblem, type Schema, type StatusCause } from "../kube/mod.ts"
import { depthMax } from "./crd-complete.ts"
import { missing } from "./crd-validate.ts"

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
  if (apiVersion === undefined || apiVersion === "") causes.push(missing(`${path}.apiVersion`))
  if (kind === undefined || kind === "") causes.push(missing(`${path}.kind`))
  if (!isRecord(metadata)) return causes
  const { name, labels } = metadata
  if (typeof name === "string" && name !== "" && !/^[^/%]+$/.test(name)) {
    const part = name.includes("/") ? "/" : "%"
    causes.push(wrong(`${path}.metadata.name`, name, `may not contain '${part}'`))
  }
  if (isRecord(labels)) {
    for (const key of Object.keys(labels)) {
      const why = labelKeyProblem(key)
      if (why !== undefined) causes.push(wrong(`${path}.metadata.labels`, key, why))
    }
  }
  return causes
}

const namePart = "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]"

/** Why a text cannot be a label's key, in the server's words. */
export function labelKeyProblem(key: string): string | undefined {
  const [first = "", second, ...more] = key.split("/")
  const name = second ?? first
  if (more.length > 0) {
    return `a valid label key must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '${namePart}') with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`
  }
  if (second !== undefined && nameProblem(first) !== undefined) {
    return "prefix part a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
  }
  if (name.length > 63) return "name part must be no more than 63 bytes"
  if (new RegExp(`^${namePart}$`).test(name)) return undefined
  return `name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '${namePart}')`
}

function wrong(field: string, value: string, why: string): StatusCause {
  return { reason: "FieldValueInvalid", message: `Invalid value: ${JSON.stringify(value)}: ${why}`, field }
}
