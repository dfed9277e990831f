import { apiVersionOf, builtinSchemas, getPath, isRecord, type KubeObject, withPath } from "../../kube/mod.ts"
import { type Call, type Core, refOf, servedOne } from "../core.ts"
import { ageText, nameText } from "../crd-columns.ts"
import type { Target } from "../decode.ts"
import { humanDuration } from "../human-duration.ts"
import { invalidValue } from "../names.ts"
import { badRequest, invalid, notFound } from "../refusal.ts"
import type { PrinterColumn, Scale } from "../resource.ts"
import { updateObject } from "../write.ts"
import { wrongUid } from "./delete.ts"
import { scaleOwners } from "./scale-owners.ts"

const gvk = { group: "autoscaling", version: "v1", kind: "Scale" }

const column = { format: "", priority: 0 }

/** The columns of a scale in a table. */
export const scaleColumns: readonly PrinterColumn[] = [
  { ...column, name: "Name", type: "string", description: nameText, cell: ({ metadata }) => metadata.name ?? "" },
  {
    ...{ ...column, name: "Desired", type: "integer" },
    description: "replicas is the desired number of instances for the scaled object.",
    cell: (object) => numberAt(object, "spec.replicas"),
  },
  {
    ...{ ...column, name: "Available", type: "integer" },
    description: "replicas is the actual number of observed instances of the scaled object.",
    cell: (object) => numberAt(object, "status.replicas"),
  },
  {
    ...{ ...column, name: "Age", type: "string", description: ageText },
    cell: ({ metadata }, nowMs) => humanDuration(nowMs - Date.parse(metadata.creationTimestamp ?? "")),
  },
]

/** The columns of the scale of a custom resource. */
export const customScaleColumns: readonly PrinterColumn[] = scaleColumns.map((one) => {
  if (one.name === "Name") return { ...one, format: "name" }
  if (one.name === "Age") return { ...one, type: "date" }
  return { ...one, description: `Number of ${one.name === "Desired" ? "desired" : "actual"} replicas` }
})

/** What the body of a `/scale` is. */
export function scaleTarget(): Target {
  const set = builtinSchemas()
  return {
    gvr: { group: gvk.group, version: gvk.version, resource: "scales" },
    kind: gvk.kind,
    isCustom: false,
    schema: set.root(gvk),
    set,
  }
}

/** `autoscaling/v1, Kind=Scale` of an object. */
function scaleOf(object: KubeObject, scale: Scale): KubeObject {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata
  const given = { name, namespace, uid, resourceVersion, creationTimestamp }
  const metadata = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined))
  const wanted = numberAt(object, scale.specReplicas)
  const selector = selectorText(scale.labelSelector === undefined ? undefined : at(object, scale.labelSelector))
  return {
    kind: gvk.kind,
    apiVersion: "autoscaling/v1",
    metadata,
    spec: wanted === 0 ? {} : { replicas: wanted },
    status: { replicas: numberAt(object, scale.statusReplicas), ...(selector === "" ? {} : { selector }) },
  }
}

/** Reads an object's scale. */
export async function getScale(core: Core, call: Call, scale: Scale): Promise<KubeObject> {
  const stored = core.storage.get(refOf(call, call.name))
  if (stored === undefined) throw notFound(call.resource, call.name)
  return scaleOf(await servedOne(call.resource, stored), scale)
}

/** How a scale shall be. */
export interface ScaleChange {
  readonly scale: Scale
  readonly next: (now: KubeObject) => KubeObject
  /** Set for an apply. */
  readonly apply?: { readonly force: boolean } | undefined
}

/** Changes how many replicas an object wants. */
export async function changeScale(core: Core, call: Call, { scale, next, apply }: ScaleChange): Promise<KubeObject> {
  const { object } = await updateObject(core, call, {
    next: (live) => {
      const wanted = next(scaleOf(live, scale))
      mustFit(call, wanted, live)
      const spec = isRecord(wanted["spec"]) ? wanted["spec"] : {}
      const replicas = spec["replicas"] ?? 0
      const path = stepsOf(scale.specReplicas)
      const changed = withPath(live, path, replicas) as KubeObject // a member deeper down was set
      const isChange = numberAt(live, scale.specReplicas) !== replicas
      const { manager, resource } = call
      const write = { manager, apiVersion: apiVersionOf(resource.gvr), path, isChange, apply }
      const { resourceVersion } = wanted.metadata
      const version = resourceVersion === undefined || resourceVersion === "" ? {} : { resourceVersion }
      const { resourceVersion: _, ...metadata } = changed.metadata
      const managedFields = scaleOwners(live, write)
      return { object: { ...changed, metadata: { ...metadata, ...version, managedFields } }, isOwned: true }
    },
  })
  return scaleOf(object, scale)
}

function mustFit(call: Call, wanted: KubeObject, live: KubeObject): void {
  const { resource, name } = call
  const { uid = "", name: called = "" } = wanted.metadata
  if (called !== name) {
    throw badRequest(`the name of the object (${called}) does not match the name on the URL (${name})`)
  }
  if (uid !== "" && uid !== live.metadata.uid) throw wrongUid(call, uid, live.metadata.uid ?? "")
  const replicas = numberAt(wanted, "spec.replicas")
  if (replicas >= 0) return
  if (resource.isCustom) {
    throw invalid(resource, name, [invalidValue(".spec.replicas", replicas, "should be a non-negative integer")])
  }
  const target = { gvr: { group: gvk.group, version: gvk.version, resource: "" }, kind: gvk.kind }
  throw invalid(target, name, [invalidValue("spec.replicas", replicas, "must be greater than or equal to 0")])
}

function stepsOf(path: string): readonly string[] {
  return path.split(".").filter((step) => step !== "")
}

function at(object: KubeObject, path: string): unknown {
  return getPath(object, stepsOf(path))
}

function numberAt(object: KubeObject, path: string): number {
  const value = at(object, path)
  return typeof value === "number" ? value : 0
}

/** A label selector in one line, whatever form it has. */
function selectorText(value: unknown): string {
  if (typeof value === "string") return value
  if (!isRecord(value)) return ""
  const hasForm = isRecord(value["matchLabels"]) || Array.isArray(value["matchExpressions"])
  const labels = hasForm ? (isRecord(value["matchLabels"]) ? value["matchLabels"] : {}) : value
  const parts = Object.entries(labels).map(([key, text]) => `${key}=${text}`)
  const expressions = Array.isArray(value["matchExpressions"]) ? value["matchExpressions"].filter(isRecord) : []
  for (const { key, operator, values } of expressions) {
    const list = Array.isArray(values) ? [...values].sort().join(",") : ""
    if (operator === "In") parts.push(`${key} in (${list})`)
    else if (operator === "NotIn") parts.push(`${key} notin (${list})`)
    else parts.push(operator === "Exists" ? String(key) : `!${key}`)
  }
  return parts.sort().join(",")
}
