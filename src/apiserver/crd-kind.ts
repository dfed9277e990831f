import { isRecord, type KubeObject, semanticEqual } from "../kube/mod.ts"
import { storageVersionOf, versionsOf } from "./crd.ts"
import { depthMax } from "./crd-complete.ts"
import { definitionCauses } from "./crd-definition.ts"
import { schemaWarnings } from "./crd-version-rules.ts"
import type { Strategy } from "./resource.ts"

type Node = Readonly<Record<string, unknown>>

/** The rules of the kind CustomResourceDefinition. */
export const crdKindStrategy: Strategy = {
  complete(object) {
    const spec = isRecord(object["spec"]) ? object["spec"] : {}
    const { versions } = spec
    return {
      ...object,
      spec: {
        ...spec,
        names: namesOf(isRecord(spec["names"]) ? spec["names"] : {}),
        ...(Array.isArray(versions) ? { versions: versions.map(completeVersion) } : {}),
        conversion: conversionOf(isRecord(spec["conversion"]) ? spec["conversion"] : {}),
      },
    }
  },
  prepareCreate(object) {
    const hasStorage = versionsOf(object).some(({ storage }) => storage === true)
    const storedVersions = hasStorage ? [storageVersionOf(object)] : null
    const status = { conditions: null, acceptedNames: { plural: "", kind: "" }, storedVersions }
    return { ...object, metadata: { ...object.metadata, generation: 1 }, status }
  },
  prepareUpdate(object, old, { subresource }) {
    if (subresource === "status") {
      const { metadata, spec } = old
      const kept = { ...object.metadata, generation: metadata.generation ?? 1 }
      return { ...object, metadata: kept, spec }
    }
    const isSame = semanticEqual(object["spec"], old["spec"])
    const generation = (old.metadata.generation ?? 1) + (isSame ? 0 : 1)
    return { ...object, metadata: { ...object.metadata, generation }, status: statusAfter(object, old) }
  },
  validate: (object, old) => definitionCauses(object, old),
  warnings(object, old) {
    if (old !== undefined && semanticEqual(object["spec"], old["spec"])) return []
    const schemas = versionsOf(object).map(({ schema }) => (isRecord(schema) ? schema["openAPIV3Schema"] : undefined))
    return [...new Set(schemas.flatMap((schema) => [...schemaWarnings(schema)]))]
  },
}

function namesOf(names: Node): Node {
  const kind = typeof names["kind"] === "string" ? names["kind"] : ""
  if (kind === "") return names
  return { ...names, singular: names["singular"] || kind.toLowerCase(), listKind: names["listKind"] || `${kind}List` }
}

function conversionOf(conversion: Node): Node {
  const { webhook } = conversion
  const strategy = conversion["strategy"] ?? "None"
  const client = isRecord(webhook) ? webhook["clientConfig"] : undefined
  const service = isRecord(client) ? client["service"] : undefined
  if (!isRecord(webhook) || !isRecord(client) || !isRecord(service)) return { ...conversion, strategy }
  const clientConfig = { ...client, service: { ...service, port: service["port"] ?? 443 } }
  return { ...conversion, strategy, webhook: { ...webhook, clientConfig } }
}

function completeVersion(version: unknown): unknown {
  if (!isRecord(version)) return version
  const holder = version["schema"]
  const schema = isRecord(holder) ? holder["openAPIV3Schema"] : undefined
  return schema === undefined ? version : { ...version, schema: { openAPIV3Schema: tidied(schema, 0) } }
}

// A default of null is no default to the server, and members that are none are not kept.
function tidied(schema: unknown, depth: number): unknown {
  if (!isRecord(schema) || depth > depthMax) return schema
  const rest = Object.fromEntries(Object.entries(schema).filter(([key, value]) => key !== "default" || value !== null))
  const { properties, items, additionalProperties } = schema
  if (isRecord(properties)) {
    const members = Object.entries(properties).map(([key, value]) => [key, tidied(value, depth + 1)])
    if (members.length === 0) delete rest["properties"]
    else rest["properties"] = Object.fromEntries(members)
  }
  if (items !== undefined) rest["items"] = tidied(items, depth + 1)
  if (additionalProperties !== undefined) {
    rest["additionalProperties"] = tidied(additionalProperties, depth + 1)
  }
  return rest
}

function statusAfter(object: KubeObject, old: KubeObject): unknown {
  const status = isRecord(old["status"]) ? old["status"] : {}
  const stored = Array.isArray(status["storedVersions"]) ? status["storedVersions"] : []
  const storage = storageVersionOf(object)
  return storage === "" || stored.includes(storage) ? status : { ...status, storedVersions: [...stored, storage] }
}
