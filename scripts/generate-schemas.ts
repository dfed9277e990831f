/** Writes src/kube/data/schemas.json: the schemas of the kinds that a user declares, from a real API server's OpenAPI. */

import { rmSync } from "node:fs"
import { join } from "node:path"
import { kubernetesVersion } from "../tests/cluster/build.ts"
import { ControlPlane, stopControlPlane } from "../tests/cluster/control-plane.ts"
import { definitionOf, type Json, reachable, readDefinitions, renderSchemas, type Schema, sorted } from "./openapi.ts"

const kindsByVersion: Readonly<Record<string, string>> = {
  v1: "ConfigMap Secret Service ServiceAccount Pod Namespace PersistentVolumeClaim PersistentVolume ResourceQuota LimitRange ReplicationController PodTemplate",
  "apps/v1": "Deployment StatefulSet DaemonSet ReplicaSet",
  "batch/v1": "Job CronJob",
  "networking.k8s.io/v1": "Ingress NetworkPolicy IngressClass",
  "rbac.authorization.k8s.io/v1": "Role ClusterRole RoleBinding ClusterRoleBinding",
  "autoscaling/v2": "HorizontalPodAutoscaler",
  "policy/v1": "PodDisruptionBudget",
  "coordination.k8s.io/v1": "Lease",
  "apiextensions.k8s.io/v1": "CustomResourceDefinition",
  "storage.k8s.io/v1": "StorageClass",
  "scheduling.k8s.io/v1": "PriorityClass",
  "node.k8s.io/v1": "RuntimeClass",
  "flowcontrol.apiserver.k8s.io/v1": "PriorityLevelConfiguration",
}

function kindsOf(definitions: Schema, version: string): Schema {
  const entries = kindsByVersion[version]!.split(" ").map((kind): [string, Json] => {
    const found = definitionOf(definitions, version, kind)
    if (found === undefined) throw new Error(`OpenAPI of ${version} has no kind ${kind}`)
    return [`${version}/${kind}`, found]
  })
  return Object.fromEntries(entries)
}

const plane = await ControlPlane.startOwned({})
try {
  let all: Schema = {}
  let kinds: Schema = {}
  for (const version of Object.keys(kindsByVersion)) {
    const definitions = await readDefinitions(plane, version)
    all = { ...all, ...definitions }
    kinds = { ...kinds, ...kindsOf(definitions, version) }
  }
  const definitions = reachable(all, Object.values(kinds).map(String), { keepsBeside: false })
  const path = join(import.meta.dir, "../src/kube/data/schemas.json")
  const bytes = await Bun.write(path, renderSchemas(kubernetesVersion, sorted(kinds), definitions))
  console.log(`${Object.keys(kinds).length} kinds, ${Object.keys(definitions).length} definitions, ${bytes} bytes`)
} finally {
  await stopControlPlane(plane.dir)
  rmSync(plane.dir, { recursive: true, force: true })
}
