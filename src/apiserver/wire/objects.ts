import { apiVersionOf, type KubeObject } from "../../kube/mod.ts"
import { badRequest } from "../refusal.ts"
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
  throw badRequest(`unrecognized includeObject value: ${JSON.stringify(value)}`)
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
      })
    default:
      return partialOf(object)
  }
}

/** A list in the wanted form. */
export function listBody({ items, metadata }: Page, { resource, form, include, nowMs }: Shown): unknown {
  switch (form.as) {
    case "":
      return {
        kind: resource.listKind,
        apiVersion: apiVersionOf(resource.gvr),
        metadata,
        items: items.map(bare(resource)),
      }
    case "Table":
      return tableOf(resource, items, { nowMs, include, metadata })
    default:
      return {
        kind: "PartialObjectMetadataList",
        apiVersion: "meta.k8s.io/v1",
        metadata,
        items: items.map((object) => partialOf(object)),
      }
  }
}

/** Items of built-in kinds are listed without their header. */
function bare({ isCustom }: Resource): (object: KubeObject) => unknown {
  if (isCustom) return (object) => object
  return ({ apiVersion: _, kind: __, ...rest }) => rest
}
