import { builtinSchemas, getPath, isRecord, type KubeObject, withPath } from "../../kube/mod.ts"
import { type Call, type Core, refOf, servedOne } from "../core.ts"
import type { Target } from "../decode.ts"
import { invalidValue } from "../names.ts"
import { badRequest, invalid, notFound } from "../refusal.ts"
import type { Scale } from "../resource.ts"
import { updateObject } from "../write.ts"
import { wrongUid } from "./delete.ts"

const gvk = { group: "autoscaling", version: "v1", kind: "Scale" }

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

/** Changes how many replicas an object wants. */
export async function changeScale(
  core: Core,
  call: Call,
  { scale, next }: { readonly scale: Scale; readonly next: (now: KubeObject) => KubeObject },
): Promise<KubeObject> {
  const { object } = await updateObject(core, call, {
    next: (live) => {
      const wanted = next(scaleOf(live, scale))
      mustFit(call, wanted, live)
      const spec = isRecord(wanted["spec"]) ? wanted["spec"] : {}
      const replicas = spec["replicas"] ?? 0
      const changed = withPath(live, stepsOf(scale.specReplicas), replicas) as KubeObject // a member deeper down was set
      const { resourceVersion } = wanted.metadata
      const version = resourceVersion === undefined || resourceVersion === "" ? {} : { resourceVersion }
      const { resourceVersion: _, ...metadata } = changed.metadata
      return { object: { ...changed, metadata: { ...metadata, ...version } }, isOwned: false }
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
