import { apiVersionOf, type KubeObject } from "../../kube/mod.ts"
import { internalType } from "../go-text.ts"
import { badRequest, Refusal } from "../refusal.ts"
import type { Resource } from "../resource.ts"
import { partialOf, type RowObject, tableOf } from "../table.ts"
import type { Page } from "../verbs/list.ts"
import type { Form } from "./accept.ts"

/** How a request wants its objects. */
export interface Shown {
  readonly resource: Resource
  readonly form: Form
  readonly include: RowObject
  readonly nowMs: number
}

/** `includeObject` of a table; refuses another value. */
export function includeOf(query: URLSearchParams): RowObject {
  const value = query.get("includeObject") ?? ""
  if (value === "") return "Metadata"
  if (value === "Metadata" || value === "Object" || value === "None") return value
  const unconverted = "Unable to convert to Table as requested"
  const why = "must be 'Metadata', 'Object', 'None', or empty"
  throw badRequest(`${unconverted}: includeObject: Invalid value: ${JSON.stringify(value)}: ${why}`)
}

/** One object in the wanted form. */
export function oneBody(object: KubeObject, { resource, form, include, nowMs }: Shown): unknown {
  const { resourceVersion } = object.metadata
  switch (form.as) {
    case "":
      return object
    case "Table":
      return tableOf(resource, [object], {
        nowMs,
        include,
        metadata: resourceVersion === undefined ? {} : { resourceVersion },
        version: form.version,
      })
    case "PartialObjectMetadataList":
      throw unfit(form, `is not a list (*${internalType(resource)})`)
    default:
      return partialOf(object, form.version)
  }
}

/** A list in the wanted form. */
export function listBody({ items, metadata }: Page, { resource, form, include, nowMs }: Shown): unknown {
  switch (form.as) {
    case "":
      return {
        kind: resource.listKind,
        apiVersion: apiVersionOf(resource.gvr),
        // Lists of custom resources always say how to go on.
        metadata: resource.isCustom ? { continue: "", ...metadata } : metadata,
        items: items.map(bare(resource)),
      }
    case "Table":
      return tableOf(resource, items, { nowMs, include, metadata, version: form.version })
    case "PartialObjectMetadata":
      throw unfit(form, `is a list (*${internalType(resource, resource.listKind)})`)
    default:
      return {
        kind: "PartialObjectMetadataList",
        apiVersion: `meta.k8s.io/${form.version}`,
        metadata,
        items: items.map((object) => partialOf(object, form.version)),
      }
  }
}

/** 406: a list is no object, an object no list. */
function unfit({ as }: Form, why: string): Refusal {
  return new Refusal(406, "NotAcceptable", `you requested ${as}, but the requested object ${why}`)
}

/** Items of built-in kinds are listed without their header. */
function bare({ isCustom }: Resource): (object: KubeObject) => unknown {
  if (isCustom) return (object) => object
  return ({ apiVersion: _, kind: __, ...rest }) => rest
}
