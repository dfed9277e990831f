import { isTerminating, type KubeObject } from "../../kube/mod.ts"
import type { Action, Pass, ServerController } from "../controllers.ts"
import { mapAt, specOf, statusOf, textAt, withMeta } from "../fields.ts"
import { gvrs, prefixOf } from "../gvrs.ts"
import { event, getByKey, type PretendDeps, statusUpdate } from "./workload.ts"

/** The StorageClass that claims get when they name none, and who would provide its volumes. */
export const standardClass: KubeObject = {
  apiVersion: "storage.k8s.io/v1",
  kind: "StorageClass",
  metadata: { name: "standard", annotations: { "storageclass.kubernetes.io/is-default-class": "true" } },
  provisioner: "orkestra.orkspace.io/pretend",
  reclaimPolicy: "Delete",
  volumeBindingMode: "Immediate",
}

const component = "persistentvolume-controller"
const madeBy = "pv.kubernetes.io/provisioned-by"
const bindAnnotations = { "pv.kubernetes.io/bind-completed": "yes", "pv.kubernetes.io/bound-by-controller": "yes" }

/** Binds every claim to a volume made for it, and takes such volumes away with their claims. */
export function claimController(deps: PretendDeps): ServerController {
  const volumes = prefixOf(gvrs.volumes)
  return {
    name: "volume claims",
    manager: "kube-controller-manager",
    prefixes: [prefixOf(gvrs.claims), volumes],
    keys: ({ prefix, namespace, name, object }) => {
      if (prefix !== volumes) return [`${namespace}/${name}`]
      const claim = mapAt(specOf(object), "claimRef")
      return claim["name"] === undefined ? [] : [`${textAt(claim, "namespace")}/${textAt(claim, "name")}`]
    },
    look: (key) => {
      const claim = getByKey(deps.api, gvrs.claims, key)
      if (claim === undefined) return { actions: released(deps, key) }
      return isTerminating(claim) ? { actions: [] } : bind(deps, claim)
    },
  }
}

function bind({ api }: PretendDeps, claim: KubeObject): Pass {
  const given = textAt(specOf(claim), "volumeName")
  const name = given || `pvc-${claim.metadata.uid}`
  const volume = api.get(gvrs.volumes, { namespace: "", name })
  // A claim that asks for a volume by name waits until somebody makes it.
  if (volume === undefined) return { actions: given === "" ? made(claim, name) : [] }
  if (given === "") return { actions: [bound(claim, name)] }
  const { capacity } = specOf(volume)
  const status = { phase: "Bound", accessModes: specOf(claim)["accessModes"], capacity }
  const phase = { ...statusOf(volume), phase: "Bound" }
  return {
    actions: [...statusUpdate(gvrs.volumes, volume, phase), ...statusUpdate(gvrs.claims, claim, status)],
  }
}

function bound(claim: KubeObject, volumeName: string): Action {
  const { storageClassName = standardClass.metadata.name } = specOf(claim)
  const annotations = { ...claim.metadata.annotations, ...bindAnnotations }
  const spec = { ...specOf(claim), storageClassName, volumeName }
  return { do: "update", gvr: gvrs.claims, object: { ...withMeta(claim, { annotations }), spec } }
}

function made(claim: KubeObject, name: string): readonly Action[] {
  const { namespace, uid, name: claimName } = claim.metadata
  const spec = specOf(claim)
  const { accessModes, volumeMode = "Filesystem", storageClassName = standardClass.metadata.name } = spec
  const object: KubeObject = {
    apiVersion: "v1",
    kind: "PersistentVolume",
    metadata: { name, annotations: { [madeBy]: String(standardClass["provisioner"]) } },
    spec: {
      ...{ accessModes, volumeMode, storageClassName, persistentVolumeReclaimPolicy: "Delete" },
      capacity: { storage: mapAt(spec, "resources", "requests")["storage"] ?? "1Gi" },
      claimRef: { apiVersion: "v1", kind: "PersistentVolumeClaim", namespace, name: claimName, uid },
      hostPath: { path: `/pretend/${name}`, type: "" },
    },
  }
  const message = `Successfully provisioned volume ${name}`
  return [
    { do: "create", gvr: gvrs.volumes, object },
    event(claim, component, { reason: "ProvisioningSucceeded", message }),
  ]
}

/** Only volumes that were made here go with their claims. */
function released({ api }: PretendDeps, key: string): readonly Action[] {
  return api
    .list(gvrs.volumes)
    .filter(({ metadata }) => metadata.annotations?.[madeBy] === standardClass["provisioner"])
    .filter((volume) => {
      const claim = mapAt(specOf(volume), "claimRef")
      return `${textAt(claim, "namespace")}/${textAt(claim, "name")}` === key
    })
    .map(({ metadata: { name = "", uid = "" } }): Action => {
      return { do: "delete", gvr: gvrs.volumes, ref: { namespace: "", name }, options: { uid } }
    })
}
