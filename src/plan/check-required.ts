import type { Schema } from "../kube/mod.ts"
import { isWritten } from "./value.ts"

// Fields that the server refuses to do without, whatever else an object says. The OpenAPI lists of the built-in kinds
// cannot be used: they name fields that the server fills in itself (`roleRef.apiGroup`) or takes as empty.
const workload = ["selector", "template"] as const
const byDefinition: Readonly<Record<string, readonly string[]>> = {
  "apps.v1.DeploymentSpec": workload,
  "apps.v1.StatefulSetSpec": workload,
  "apps.v1.DaemonSetSpec": workload,
  "apps.v1.ReplicaSetSpec": workload,
  "autoscaling.v2.CrossVersionObjectReference": ["kind", "name"],
  "autoscaling.v2.HorizontalPodAutoscalerSpec": ["scaleTargetRef", "maxReplicas"],
  "batch.v1.CronJobSpec": ["schedule", "jobTemplate"],
  "batch.v1.JobSpec": ["template"],
  "core.v1.ConfigMapKeySelector": ["key"],
  "core.v1.Container": ["name", "image"],
  "core.v1.ContainerPort": ["containerPort"],
  "core.v1.EnvVar": ["name"],
  "core.v1.PodSpec": ["containers"],
  "core.v1.SecretKeySelector": ["key"],
  "core.v1.ServicePort": ["port"],
  "core.v1.Volume": ["name"],
  "core.v1.VolumeMount": ["name", "mountPath"],
  "networking.v1.HTTPIngressPath": ["pathType", "backend"],
  "rbac.v1.PolicyRule": ["verbs"],
  "rbac.v1.RoleRef": ["kind", "name"],
  "rbac.v1.Subject": ["kind", "name"],
}

const byKind: Readonly<Record<string, readonly string[]>> = {
  Deployment: ["spec"],
  StatefulSet: ["spec"],
  DaemonSet: ["spec"],
  ReplicaSet: ["spec"],
  Job: ["spec"],
  CronJob: ["spec"],
  Pod: ["spec"],
  HorizontalPodAutoscaler: ["spec"],
  RoleBinding: ["roleRef"],
  ClusterRoleBinding: ["roleRef"],
}

/** The fields without which the server surely refuses a map of this schema. */
export function requiredFields(
  schema: Schema | undefined,
  resolved: Schema,
  place: { readonly kind: string; readonly steps: readonly unknown[] },
): readonly string[] {
  if (resolved["x-ork-builtin"]) {
    if (place.steps.length === 0) return Object.hasOwn(byKind, place.kind) ? (byKind[place.kind] ?? []) : []
    const name = definitionOf(schema).replace(/^io\.k8s\.api\./, "")
    return Object.hasOwn(byDefinition, name) ? (byDefinition[name] ?? []) : []
  }
  const isGiven = (key: string) =>
    resolved.properties?.[key]?.default !== undefined || (place.steps.length === 0 && key !== "spec")
  return (resolved.required ?? []).filter((key) => !isGiven(key))
}

function definitionOf(schema: Schema | undefined): string {
  return schema?.$ref ?? schema?.allOf?.find((part) => part.$ref !== undefined)?.$ref ?? ""
}

/** True for a member that is not written, or written as nothing. */
export function isMissing(value: unknown): boolean {
  return value === undefined || value === null || (isWritten(value) && isMissing(value.value))
}
