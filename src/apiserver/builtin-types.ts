import { type Fields, listAt, mapAt, textAt } from "./fields.ts"

type Complete = (value: Fields) => Fields

// Structs that are no pointers are there even when nobody wrote them.
const noPods: Fields = { metadata: {}, spec: {} }
const noJob: Fields = { metadata: {}, spec: { template: noPods } }

/** What the server computes for a type from more than one member, where data cannot say it. */
const rules: Readonly<Record<string, Complete>> = {
  "core.v1.Container": pullPolicy,
  "core.v1.EphemeralContainer": pullPolicy,
  "core.v1.LimitRangeItem": limitRangeItem,
  "core.v1.ProjectedVolumeSource": (source) => ("sources" in source ? source : { ...source, sources: null }),
  "core.v1.LimitRangeSpec": (spec) => fill(spec, { limits: null }),
  "core.v1.PodSpec": account,
  "core.v1.TypedObjectReference": (reference) => fill(reference, { apiGroup: null }),
  "apps.v1.ControllerRevision": (revision) => fill(revision, { revision: 0 }),
  "discovery.v1.EndpointSlice": (slice) => fill(slice, { endpoints: null, ports: null }),
  "rbac.v1.ClusterRole": (role) => fill(role, { rules: null }),
  "resource.v1.DeviceClaim": (claim) => fill(claim, { requests: null }),
  "storage.v1.CSINodeSpec": (spec) => fill(spec, { drivers: null }),
  "core.v1.PodTemplateSpec": (template) => fill(template, noPods),
  "core.v1.ReplicationControllerSpec": (spec) => {
    const labels = mapAt(spec, "template", "metadata")["labels"]
    return labels === undefined || Object.keys(mapAt(spec, "selector")).length > 0
      ? spec
      : { ...spec, selector: labels }
  },
  "core.v1.ServiceSpec": serviceSpec,
  "core.v1.ServicePort": (port) => fill(port, { targetPort: port["port"] }),
  "batch.v1.CronJobSpec": (spec) => fill(spec, { jobTemplate: noJob }),
  "batch.v1.JobSpec": withTemplate,
  "batch.v1.JobTemplateSpec": (template) => fill(template, noJob),
  "apps.v1.DaemonSetSpec": withTemplate,
  "apps.v1.DeploymentSpec": withTemplate,
  "apps.v1.ReplicaSetSpec": withTemplate,
  "apps.v1.StatefulSetSpec": (spec) => claimTemplates(withTemplate(spec)),
  // A strategy that names its type gets no parameters.
  "apps.v1.StatefulSetUpdateStrategy": (strategy) =>
    "type" in strategy ? strategy : fill(strategy, { rollingUpdate: { partition: 0, maxUnavailable: 1 } }),
  "networking.v1.IngressClassParametersReference": (value) => fill(value, { scope: "Cluster" }),
  "networking.v1.NetworkPolicySpec": (spec) =>
    fill(spec, {
      podSelector: {},
      policyTypes: listAt(spec, "egress").length > 0 ? ["Ingress", "Egress"] : ["Ingress"],
    }),
  "autoscaling.v2.HorizontalPodAutoscalerBehavior": scalingBehavior,
}

/** `value` of the named definition with what the server computes for it. */
export function completeTyped(definition: string, value: Fields): Fields {
  const parts = definition.split(".")
  const rule = rules[parts.slice(-3).join(".")]
  return rule === undefined ? value : rule(value)
}

/** `value` with the members that it lacks. */
export function fill(value: Fields, members: Fields): Fields {
  const missing = Object.entries(members).filter(([key, member]) => member !== undefined && value[key] === undefined)
  return missing.length === 0 ? value : { ...value, ...Object.fromEntries(missing) }
}

function withTemplate(spec: Fields): Fields {
  return fill(spec, { template: noPods })
}

function serviceSpec(given: Fields): Fields {
  const { sessionAffinityConfig, ...rest } = given
  const isLoose = sessionAffinityConfig !== undefined && (given["sessionAffinity"] ?? "None") === "None"
  const spec = isLoose ? rest : given
  const { externalIPs, type } = spec
  const isOutside = Array.isArray(externalIPs) && externalIPs.length > 0 && type === "ClusterIP"
  return isOutside ? fill(spec, { externalTrafficPolicy: "Cluster" }) : spec
}

// The older name of it says what the newer one says.
function account(spec: Fields): Fields {
  const name = textAt(spec, "serviceAccountName") || textAt(spec, "serviceAccount")
  const isSame = spec["serviceAccountName"] === name && spec["serviceAccount"] === name
  return name === "" || isSame ? spec : { ...spec, serviceAccountName: name, serviceAccount: name }
}

function pullPolicy(container: Fields): Fields {
  const image = textAt(container, "image")
  const tag = image.includes("@") ? "digest" : (/:([^/:]+)$/.exec(image)?.[1] ?? "latest")
  return fill(container, { imagePullPolicy: tag === "latest" ? "Always" : "IfNotPresent" })
}

function limitRangeItem(item: Fields): Fields {
  if (item["type"] !== "Container") return item
  const limits = { ...mapAt(item, "max"), ...mapAt(item, "default") }
  const requests = { ...mapAt(item, "min"), ...limits, ...mapAt(item, "defaultRequest") }
  const some = (map: Fields) => (Object.keys(map).length > 0 ? map : undefined)
  return { ...item, ...fill({}, { default: some(limits), defaultRequest: some(requests) }) }
}

function claimTemplates(spec: Fields): Fields {
  if (!Array.isArray(spec["volumeClaimTemplates"])) return spec
  const header = { apiVersion: "v1", kind: "PersistentVolumeClaim" }
  const templates = listAt(spec, "volumeClaimTemplates").map((claim) => ({
    ...header,
    ...claim,
    metadata: mapAt(claim, "metadata"),
    status: { phase: "Pending", ...mapAt(claim, "status") },
  }))
  return { ...spec, volumeClaimTemplates: templates }
}

const downPolicies = [{ type: "Percent", value: 100, periodSeconds: 15 }]
const upPolicies = [{ type: "Pods", value: 4, periodSeconds: 15 }, ...downPolicies]

function scalingBehavior(behavior: Fields): Fields {
  const up = { stabilizationWindowSeconds: 0, selectPolicy: "Max", policies: upPolicies }
  const down = { selectPolicy: "Max", policies: downPolicies }
  return {
    ...behavior,
    scaleUp: fill(mapAt(behavior, "scaleUp"), up),
    scaleDown: fill(mapAt(behavior, "scaleDown"), down),
  }
}
