import {
  controllerOf,
  gvkOf,
  isRecord,
  isTerminating,
  type KubeObject,
  ownerReferenceTo,
  shortenName,
  stableHash,
} from "../kube/mod.ts"
import type { Rendered } from "../plan/mod.ts"

/** The UID of the CR that a child belongs to: what the inventory is found by. */
export const ownerUidLabel = "orkestra.orkspace.io/owner-uid"
/** `group/Kind/namespace/name` of the CR; a label alone is copied too easily to authorise anything. */
export const ownerAnnotation = "orkestra.orkspace.io/owner"
/** The entry that declared the child. */
export const entryAnnotation = "orkestra.orkspace.io/entry"
/** `once` or `managed`. */
export const lifecycleAnnotation = "orkestra.orkspace.io/lifecycle"
/** `retain` or `no-prune`: the author wants the child to stay. */
export const keepAnnotation = "orkestra.orkspace.io/keep"
/** Hash of what was last applied, so that a restart writes nothing. */
export const hashAnnotation = "orkestra.orkspace.io/applied"
/** When the content of a Secret was generated, in RFC 3339. */
export const generatedAtAnnotation = "orkestra.orkspace.io/generated-at"
/** When a workload was last scaled by its `autoscale`, in RFC 3339. */
export const scaledAtAnnotation = "orkestra.orkspace.io/scaled-at"
/** On the CR: which `once` entries have been created. */
export const createdAnnotation = "orkestra.orkspace.io/created"
/** On the CR while its deletion takes time: since when, and which Jobs have run. */
export const deletionAnnotation = "orkestra.orkspace.io/deletion"
/** On the CR: held while deletion has work that the garbage collector cannot do. */
export const cleanupFinalizer = "orkestra.orkspace.io/cleanup"
/** On the CR, with `finalizer: always`. */
export const managedLabel = "orkestra.orkspace.io/managed"
/** On the CR, with `finalizer: always`: the Katalog's name. */
export const managedByAnnotation = "orkestra.orkspace.io/managed-by"

/** `apps.example.io/Website/default/shop`: how a child names its CR. A cluster-scoped CR has an empty namespace. */
export function ownerText(cr: KubeObject): string {
  const { group, kind } = gvkOf(cr)
  return [group, kind, cr.metadata.namespace ?? "", cr.metadata.name ?? ""].join("/")
}

/** Takes an owner text apart; undefined when it is not one. */
export function parseOwner(
  text: string | undefined,
): { readonly group: string; readonly kind: string; readonly namespace: string; readonly name: string } | undefined {
  const [group, kind, namespace, name, more] = text?.split("/") ?? []
  if (group === undefined || !kind || namespace === undefined || !name || more !== undefined) return undefined
  return { group, kind, namespace, name }
}

/** True when deleting the CR lets the garbage collector delete the child: same namespace, or a cluster-scoped owner. */
export function collectable(cr: KubeObject, child: { readonly metadata: { readonly namespace?: string } }): boolean {
  return cr.metadata.namespace === undefined || cr.metadata.namespace === child.metadata.namespace
}

/** `object` with everything that says whose child it is. */
export function stamp(cr: KubeObject, rendered: Rendered, object: KubeObject): KubeObject {
  const { resource, id } = rendered
  const keep = resource.retain ? "retain" : resource.prune ? undefined : "no-prune"
  // What a CR that goes still makes must outlive it: the garbage collector may be on its way.
  const owned = !resource.retain && collectable(cr, object) && !isTerminating(cr)
  const stamped: KubeObject = {
    ...object,
    metadata: {
      ...object.metadata,
      labels: {
        ...object.metadata.labels,
        "managed-by": "orkestra",
        "orkestra-owner": shortenName(cr.metadata.name ?? "", 63),
        [ownerUidLabel]: cr.metadata.uid ?? "",
      },
      annotations: {
        ...object.metadata.annotations,
        [ownerAnnotation]: ownerText(cr),
        [entryAnnotation]: id,
        [lifecycleAnnotation]: resource.lifecycle,
        ...(keep ? { [keepAnnotation]: keep } : {}),
      },
      ...(owned ? { ownerReferences: [ownerReferenceTo(cr)] } : {}),
    },
  }
  return withAnnotation(stamped, hashAnnotation, stableHash(stamped))
}

function withAnnotation(object: KubeObject, key: string, value: string): KubeObject {
  const annotations = { ...object.metadata.annotations, [key]: value }
  return { ...object, metadata: { ...object.metadata, annotations } }
}

/**
 * Whose child an object is. `ours`: label, annotation and managedFields agree. `claimed`: the label names the CR, but
 * the rest does not agree, so nothing may be done to it. `other`: it belongs to another CR.
 */
export function ownershipOf(child: KubeObject, cr: KubeObject, fieldManager: string): "ours" | "claimed" | "other" {
  if (child.metadata.labels?.[ownerUidLabel] !== cr.metadata.uid) return "other"
  const named = child.metadata.annotations?.[ownerAnnotation] === ownerText(cr)
  return named && isManagedBy(child, fieldManager) ? "ours" : "claimed"
}

/** True when the child is of an earlier custom resource of this name. */
export function isFormerLife(child: KubeObject, cr: KubeObject): boolean {
  return child.metadata.annotations?.[ownerAnnotation] === ownerText(cr)
}

/** Who an object belongs to, for a message; "nobody" when nothing says so. */
export function ownerNamed(object: KubeObject): string {
  const uid = object.metadata.labels?.[ownerUidLabel]
  const controller = controllerOf(object)
  if (object.metadata.annotations?.[ownerAnnotation]) return object.metadata.annotations[ownerAnnotation]
  if (controller) return `${controller.kind}/${controller.name}`
  // Without its annotation the label still says that it is another custom resource's.
  return uid === undefined ? "nobody" : `the object with UID ${uid}, as its label ${ownerUidLabel} says`
}

/** True when server-side apply by `fieldManager` left its entry on the object. */
export function isManagedBy(object: KubeObject, fieldManager: string): boolean {
  return object.metadata.managedFields?.some((e) => e.manager === fieldManager && e.operation === "Apply") ?? false
}

/** Names of other managers that own a field at or below `path` (`spec.replicas`), for a message; "" when none is named. */
export function otherManagers(object: KubeObject, path: string, fieldManager: string): string {
  const steps = (/^[^[]*/.exec(path)?.[0] ?? "").split(".").filter((step) => step !== "")
  const names = (object.metadata.managedFields ?? [])
    .filter(
      (entry) => entry.manager !== fieldManager && entry.subresource !== "status" && ownsPath(entry.fieldsV1, steps),
    )
    .map((entry) => entry.manager ?? "unknown")
  return [...new Set(names)].join(", ")
}

function ownsPath(fields: unknown, steps: readonly string[]): boolean {
  let at = fields
  for (const step of steps) {
    if (!isRecord(at)) return false
    at = at[`f:${step}`]
  }
  return at !== undefined
}
