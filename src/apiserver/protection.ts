import { hasFinalizer, isTerminating, type KubeObject, withoutFinalizer } from "../kube/mod.ts"
import type { Api } from "./api.ts"
import type { Action, Pass, ServerController } from "./controllers.ts"
import { listAt, mapAt, specOf, statusOf, textAt } from "./fields.ts"
import { gvrs, prefixOf } from "./gvrs.ts"

const claimFinalizer = "kubernetes.io/pvc-protection"
const volumeFinalizer = "kubernetes.io/pv-protection"
const classFinalizer = "kubernetes.io/vac-protection"

/** Lets go of claims that no Pod uses, of volumes that no claim has, and of attributes classes that no claim names. */
export function protectionController(api: Api): ServerController {
  const [claims, volumes, classes, pods] = [gvrs.claims, gvrs.volumes, gvrs.attributesClasses, gvrs.pods].map(prefixOf)
  return {
    name: "storage protection",
    manager: "kube-controller-manager",
    prefixes: [gvrs.claims, gvrs.volumes, gvrs.attributesClasses, gvrs.pods].map(prefixOf),
    keys: ({ prefix, namespace, name, type, object }) => {
      if (prefix === pods) return claimsOf(object).map((claim) => `${claims} ${namespace} ${claim}`)
      if (prefix === claims && type === "DELETED") {
        const { volumeName, volumeAttributesClassName } = specOf(object)
        return [`${volumes}  ${volumeName ?? ""}`, `${classes}  ${volumeAttributesClassName ?? ""}`]
      }
      return isTerminating(object) && type !== "DELETED" ? [`${prefix} ${namespace} ${name}`] : []
    },
    look: (key) => {
      const [prefix, namespace = "", name = ""] = key.split(" ")
      if (prefix === claims) return release(api, { gvr: gvrs.claims, namespace, name }, claimFinalizer, isUnused)
      if (prefix === volumes) return release(api, { gvr: gvrs.volumes, namespace, name }, volumeFinalizer, isUnbound)
      return release(api, { gvr: gvrs.attributesClasses, namespace, name }, classFinalizer, isUnnamed)
    },
  }
}

interface Target {
  readonly gvr: (typeof gvrs)["claims" | "volumes" | "attributesClasses"]
  readonly namespace: string
  readonly name: string
}

function release(
  api: Api,
  { gvr, ...ref }: Target,
  finalizer: string,
  isFree: (api: Api, object: KubeObject) => boolean,
): Pass {
  const object = api.get(gvr, ref)
  const isHeld = object && isTerminating(object) && hasFinalizer(object, finalizer)
  if (!isHeld || !isFree(api, object)) return { actions: [] }
  const action: Action = { do: "update", gvr, object: withoutFinalizer(object, finalizer) }
  return { actions: [action] }
}

function claimsOf(pod: KubeObject): readonly string[] {
  return listAt(specOf(pod), "volumes")
    .map((volume) => textAt(mapAt(volume, "persistentVolumeClaim"), "claimName"))
    .filter((name) => name !== "")
}

function isUnused(api: Api, { metadata }: KubeObject): boolean {
  const ended = (pod: KubeObject) => ["Succeeded", "Failed"].includes(textAt(statusOf(pod), "phase"))
  const users = api.list(gvrs.pods, metadata.namespace).filter((pod) => claimsOf(pod).includes(metadata.name ?? ""))
  return users.every(ended)
}

function isUnbound(api: Api, volume: KubeObject): boolean {
  const claim = mapAt(specOf(volume), "claimRef")
  const found = api.get(gvrs.claims, { namespace: textAt(claim, "namespace"), name: textAt(claim, "name") })
  return found === undefined || found.metadata.uid !== claim["uid"]
}

function isUnnamed(api: Api, { metadata }: KubeObject): boolean {
  return api.list(gvrs.claims).every((claim) => specOf(claim)["volumeAttributesClassName"] !== metadata.name)
}
