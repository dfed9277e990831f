import { isRecord, type KubeObject } from "../kube/mod.ts"
import { humanDuration } from "./human-duration.ts"
import { compileJsonPath } from "./json-path.ts"
import type { PrinterColumn, TableCell } from "./resource.ts"

/** What the column of a name says. */
export const nameText =
  "Name must be unique within a namespace. Is required when creating resources, although some resources may allow a client to request the generation of an appropriate name automatically. Name is primarily intended for creation idempotence and configuration definition. Cannot be updated. More info: https://kubernetes.io/docs/concepts/overview/working-with-objects/names#names"
/** What the column of an age says. */
export const ageText =
  "CreationTimestamp is a timestamp representing the server time when this object was created. It is not guaranteed to be set in happens-before order across separate operations. Clients may not set this value. It is represented in RFC3339 form and is in UTC.\n\nPopulated by the system. Read-only. Null for lists. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata"

/** The columns of a custom resource: its name, then what the CRD's version declares; without a declaration its age. */
export function crdColumns(version: Readonly<Record<string, unknown>>): readonly PrinterColumn[] {
  const declared = version["additionalPrinterColumns"]
  const name: PrinterColumn = {
    name: "Name",
    type: "string",
    format: "name",
    description: nameText,
    priority: 0,
    cell: (object) => object.metadata.name ?? "",
  }
  if (!Array.isArray(declared) || declared.length === 0) {
    const age = { name: "Age", type: "date", jsonPath: ".metadata.creationTimestamp" }
    return [name, column({ ...age, description: ageText })]
  }
  return [name, ...declared.filter(isRecord).map(column)]
}

function column(declared: Readonly<Record<string, unknown>>): PrinterColumn {
  const path = String(declared["jsonPath"])
  const type = String(declared["type"])
  const compiled = compileJsonPath(path)
  return {
    name: String(declared["name"]),
    type,
    format: typeof declared["format"] === "string" ? declared["format"] : "",
    description:
      typeof declared["description"] === "string" && declared["description"] !== ""
        ? declared["description"]
        : `Custom resource definition column (in JSONPath format): ${path}`,
    priority: typeof declared["priority"] === "number" ? declared["priority"] : 0,
    cell: (object: KubeObject, nowMs: number) => {
      const found = compiled.ok ? compiled.value(object)[0] : undefined
      return found === undefined || found === null ? null : cellOf(found, type, nowMs)
    },
  }
}

function cellOf(value: unknown, type: string, nowMs: number): TableCell {
  switch (type) {
    case "integer":
      return typeof value === "number" ? Math.trunc(value) : null
    case "number":
      return typeof value === "number" ? value : null
    case "boolean":
      return typeof value === "boolean" ? value : null
    case "date": {
      if (typeof value !== "string") return null
      const time = Date.parse(value)
      return Number.isNaN(time) ? "<invalid>" : humanDuration(nowMs - time)
    }
    default:
      return typeof value === "string" ? value : JSON.stringify(value)
  }
}
