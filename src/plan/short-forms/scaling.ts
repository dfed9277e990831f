import { apiVersionOf, isRecord } from "../../kube/mod.ts"
import { blockOf, derivedFrom, field, memberOf, type Skeleton } from "../entry.ts"
import { setting } from "../profiles.ts"
import { childPath } from "../value.ts"
import { blockSettings, type Form } from "./context.ts"
import { onlyWorkloadLabels } from "./network.ts"

/** A HorizontalPodAutoscaler; without a target it means the only workload of its CR. */
export function horizontalPodAutoscaler(form: Form): Skeleton {
  const { entry } = form
  const settings = blockSettings(form, "behavior", "hpa")
  const cpu = field(entry, "targetCPUUtilizationPercentage") ?? setting(settings, "targetCPUUtilizationPercentage")
  return {
    spec: {
      scaleTargetRef: scaleTarget(form),
      minReplicas: field(entry, "minReplicas"),
      maxReplicas: field(entry, "maxReplicas"),
      metrics: cpu && derivedFrom(cpu, (value) => (value === undefined ? undefined : [cpuMetric(value)])),
      behavior: settings && { scaleUp: setting(settings, "scaleUp"), scaleDown: setting(settings, "scaleDown") },
    },
  }
}

function cpuMetric(averageUtilization: unknown): unknown {
  return { type: "Resource", resource: { name: "cpu", target: { type: "Utilization", averageUtilization } } }
}

function scaleTarget({ entry, context }: Form): Skeleton | undefined {
  const key = entry.fields["scaleTargetRef"] === undefined ? "deploymentRef" : "scaleTargetRef"
  const ref = blockOf(entry, key)
  const at = childPath(entry.at, key)
  const only = context.onlyWorkload
  const name = memberOf(ref, "name", at)
  if (name === undefined) {
    return only && { apiVersion: apiVersionOf(only.gvk), kind: only.gvk.kind, name: only.name }
  }
  return {
    apiVersion: memberOf(ref, "apiVersion", at) ?? "apps/v1",
    kind: memberOf(ref, "kind", at) ?? "Deployment",
    name,
  }
}

/** A PodDisruptionBudget; without a selector it means the only workload of its CR. */
export function podDisruptionBudget(form: Form): Skeleton {
  const { entry, context } = form
  const settings = blockSettings(form, "behavior", "pdb")
  const selector = field(entry, "selector")
  const labels = selector ?? onlyWorkloadLabels(context)
  return {
    spec: {
      minAvailable: field(entry, "minAvailable") ?? setting(settings, "minAvailable"),
      maxUnavailable: field(entry, "maxUnavailable") ?? setting(settings, "maxUnavailable"),
      selector: derivedFrom(labels, (value) =>
        isRecord(value) && ("matchLabels" in value || "matchExpressions" in value)
          ? value
          : value && { matchLabels: value },
      ),
    },
  }
}
