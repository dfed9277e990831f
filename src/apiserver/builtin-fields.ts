import { getPath, type KubeObject, parsePath } from "../kube/mod.ts"
import { otherEventField } from "./builtin-convert.ts"

type ReadField = (object: KubeObject) => string

/** Field labels that are more than the text of a field. */
const special: Readonly<Record<string, ReadField>> = {
  source: (event) => text(event, "source.component") || eventText(event, "reportingComponent"),
  "spec.hostNetwork": (pod) => String(getPath(pod, ["spec", "hostNetwork"]) === true),
  "spec.unschedulable": (node) => String(getPath(node, ["spec", "unschedulable"]) === true),
  "status.podIPs": (pod) => text(pod, "status.podIP"),
  "status.replicas": (object) => text(object, "status.replicas") || "0",
  "status.successful": (job) => text(job, "status.succeeded") || "0",
}

/** How the fields that a field selector may name are read from an object of a kind. */
export function selectableFields(kind: string, fields: readonly string[]): Readonly<Record<string, ReadField>> {
  // Events are kept as they were written, in the words of either group.
  const read = kind === "Event" ? eventText : text
  const entries = fields.map((field): [string, ReadField] => [
    field,
    special[field] ?? ((object) => read(object, field)),
  ])
  return Object.fromEntries(entries)
}

function eventText(event: KubeObject, path: string): string {
  return text(event, path) || text(event, otherEventField(path) ?? path)
}

function text(object: KubeObject, path: string): string {
  const value = getPath(object, parsePath(path))
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean" ? String(value) : ""
}
