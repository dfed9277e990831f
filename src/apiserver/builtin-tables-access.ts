import { conditionOf, isRecord, type KubeObject } from "../kube/mod.ts"
import { convertScaler } from "./builtin-convert.ts"
import type { Row, RowOf } from "./builtin-tables-text.ts"
import { none } from "./builtin-tables-text.ts"
import { compareVersions } from "./discovery.ts"
import { type Fields, listAt, mapAt, numberAt, specOf, statusOf, textAt } from "./fields.ts"
import { humanDuration } from "./human-duration.ts"

/** The rows of access, admission, scaling and the server's own configuration. */
export const accessRows: Readonly<Record<string, RowOf>> = {
  RoleBinding: bindingRow,
  ClusterRoleBinding: bindingRow,
  PodDisruptionBudget: (object) => {
    const spec = specOf(object)
    return {
      "Min Available": numberText(spec["minAvailable"], "N/A"),
      "Max Unavailable": numberText(spec["maxUnavailable"], "N/A"),
      "Allowed Disruptions": numberAt(statusOf(object), "disruptionsAllowed"),
    }
  },
  HorizontalPodAutoscaler: (served) => {
    const object = served.apiVersion === "autoscaling/v1" ? convertScaler(served, "autoscaling/v2") : served
    const [spec, status] = [specOf(object), statusOf(object)]
    const target = mapAt(spec, "scaleTargetRef")
    return {
      Reference: `${textAt(target, "kind")}/${textAt(target, "name")}`,
      Targets: targetsText(spec, status),
      MinPods: numberText(spec["minReplicas"], "<unset>"),
      MaxPods: numberAt(spec, "maxReplicas"),
      Replicas: numberAt(status, "currentReplicas"),
    }
  },
  CertificateSigningRequest: (object) => {
    const spec = specOf(object)
    const seconds = spec["expirationSeconds"]
    return {
      SignerName: textAt(spec, "signerName") || none,
      Requestor: textAt(spec, "username"),
      RequestedDuration: typeof seconds === "number" ? humanDuration(seconds * 1000) : none,
      Condition: requestState(statusOf(object)),
    }
  },
  MutatingWebhookConfiguration: (object) => ({ Webhooks: listAt(object, "webhooks").length }),
  ValidatingWebhookConfiguration: (object) => ({ Webhooks: listAt(object, "webhooks").length }),
  ValidatingAdmissionPolicy: (object) => ({
    Validations: listAt(specOf(object), "validations").length,
    ParamKind: paramKind(specOf(object)),
  }),
  MutatingAdmissionPolicy: (object) => ({
    Mutations: listAt(specOf(object), "mutations").length,
    ParamKind: paramKind(specOf(object)),
  }),
  ValidatingAdmissionPolicyBinding: policyBindingRow,
  MutatingAdmissionPolicyBinding: policyBindingRow,
  CustomResourceDefinition: (object) => {
    const spec = specOf(object)
    const names = mapAt(spec, "names")
    const served = listAt(spec, "versions").filter((version) => version["served"] === true)
    const shortNames = names["shortNames"]
    return {
      Scope: textAt(spec, "scope"),
      Versions: served
        .toSorted((a, b) => compareVersions(textAt(a, "name"), textAt(b, "name")))
        .map(versionText)
        .join(","),
      Group: textAt(spec, "group"),
      Kind: textAt(names, "kind"),
      ShortNames: Array.isArray(shortNames) ? shortNames.join(",") : "",
      Established: conditionOf(statusOf(object), "Established")?.status === "True",
    }
  },
  APIService: (object) => {
    const service = mapAt(object, "spec", "service")
    const available = conditionOf(statusOf(object), "Available")
    const isAvailable = available?.status === "True"
    return {
      Service: isRecord(specOf(object)["service"])
        ? `${textAt(service, "namespace")}/${textAt(service, "name")}`
        : "Local",
      Available: isAvailable ? "True" : available === undefined ? "Unknown" : `False (${available.reason ?? ""})`,
    }
  },
  ResourceClaim: ({ metadata, status }) => {
    const isAllocated = isRecord(mapAt({ status }, "status")["allocation"])
    const isReserved = listAt(mapAt({ status }, "status"), "reservedFor").length > 0
    const states = [
      ...(metadata.deletionTimestamp === undefined ? [] : ["deleted"]),
      isAllocated ? "allocated" : "pending",
      ...(isReserved ? ["reserved"] : []),
    ]
    return { State: states.join(",") }
  },
  FlowSchema: (object) => {
    const spec = specOf(object)
    return {
      PriorityLevel: textAt(mapAt(spec, "priorityLevelConfiguration"), "name"),
      MatchingPrecedence: numberAt(spec, "matchingPrecedence"),
      DistinguisherMethod: textAt(mapAt(spec, "distinguisherMethod"), "type") || none,
      MissingPL: conditionOf(statusOf(object), "Dangling")?.status ?? "?",
    }
  },
  PriorityLevelConfiguration: priorityLevelRow,
}

function versionText(version: Fields): string {
  return `${textAt(version, "name")}${version["storage"] === true ? "(storage)" : ""}`
}

function numberOrNone(value: unknown): number | string {
  return typeof value === "number" ? value : none
}

function priorityLevelRow(object: KubeObject): Row {
  const spec = specOf(object)
  const limited = mapAt(spec, "limited")
  const queuing = mapAt(limited, "limitResponse", "queuing")
  return {
    NominalConcurrencyShares: numberOrNone(limited["nominalConcurrencyShares"]),
    Queues: numberOrNone(queuing["queues"]),
    HandSize: numberOrNone(queuing["handSize"]),
    QueueLengthLimit: numberOrNone(queuing["queueLengthLimit"]),
  }
}

function numberText(value: unknown, absent: string): string {
  return typeof value === "number" || typeof value === "string" ? String(value) : absent
}

function bindingRow(object: KubeObject): Row {
  const role = mapAt(object, "roleRef")
  const named = (kind: string, text: (subject: Fields) => string) =>
    listAt(object, "subjects")
      .filter((subject) => subject["kind"] === kind)
      .map(text)
      .join(", ")
  return {
    Role: `${textAt(role, "kind")}/${textAt(role, "name")}`,
    Users: named("User", ({ name }) => String(name)),
    Groups: named("Group", ({ name }) => String(name)),
    ServiceAccounts: named("ServiceAccount", ({ namespace, name }) => `${namespace}/${name}`),
  }
}

function paramKind(spec: Fields): string {
  const kind = mapAt(spec, "paramKind")
  return isRecord(spec["paramKind"]) ? `${textAt(kind, "apiVersion")}/${textAt(kind, "kind")}` : "<unset>"
}

function policyBindingRow(object: KubeObject): Row {
  const spec = specOf(object)
  const ref = mapAt(spec, "paramRef")
  const text = `${textAt(ref, "namespace") || "*"}/${textAt(ref, "name") || "*"}`
  return {
    PolicyName: textAt(spec, "policyName"),
    ParamRef: isRecord(spec["paramRef"]) ? text : "<unset>",
  }
}

function requestState(status: Fields): string {
  const types = listAt(status, "conditions").map((condition) => condition["type"])
  const judged = types.includes("Denied") ? "Denied" : types.includes("Approved") ? "Approved" : "Pending"
  const failed = types.includes("Failed") ? ",Failed" : ""
  return `${judged}${failed}${textAt(status, "certificate") === "" ? "" : ",Issued"}`
}

function targetsText(spec: Fields, status: Fields): string {
  const current = listAt(status, "currentMetrics")
  const texts = listAt(spec, "metrics").map((metric, index) => metricText(metric, current[index] ?? {}))
  if (texts.length === 0) return none
  const shown = texts.slice(0, 2).join(", ")
  return texts.length > 2 ? `${shown} + ${texts.length - 2} more...` : shown
}

function metricText(metric: Fields, current: Fields): string {
  const type = textAt(metric, "type")
  const member = `${type.charAt(0).toLowerCase()}${type.slice(1)}`
  const [wanted, found] = [mapAt(metric, member), mapAt(current, member, "current")]
  const target = mapAt(wanted, "target")
  const label = type === "Resource" || type === "ContainerResource" ? `${textAt(wanted, "name")}: ` : ""
  if (typeof target["averageUtilization"] === "number") {
    return `${label}${percent(found["averageUtilization"])}/${target["averageUtilization"]}%`
  }
  const isAverage = target["averageValue"] !== undefined
  const value = isAverage ? found["averageValue"] : found["value"]
  const suffix = isAverage && (type === "External" || type === "Object") ? " (avg)" : ""
  return `${label}${numberText(value, "<unknown>")}/${numberText(isAverage ? target["averageValue"] : target["value"], "<unset>")}${suffix}`
}

function percent(value: unknown): string {
  return typeof value === "number" ? `${value}%` : "<unknown>"
}
