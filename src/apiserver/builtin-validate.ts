import { isRecord, type KubeObject, type StatusCause } from "../kube/mod.ts"
import { changeCauses } from "./builtin-changes.ts"
import { isZero } from "./builtin-complete.ts"
import { podSpecCauses, templateMetaCauses } from "./builtin-validate-pods.ts"
import { serviceCauses } from "./builtin-validate-services.ts"
import {
  chosenCauses,
  daemonStrategyCauses,
  endingCauses,
  scheduleCauses,
  workloadCauses,
} from "./builtin-validate-workloads.ts"
import { listAt, mapAt, specOf, textAt } from "./fields.ts"
import { invalidValue, qualifiedNameProblems, required, unsupported } from "./names.ts"

type Validate = (object: KubeObject, old: KubeObject | undefined) => readonly StatusCause[]

const byKind: Readonly<Record<string, Validate>> = {
  ConfigMap: dataCauses,
  ControllerRevision: (object) => {
    const { data } = object
    if (data === undefined || data === null) return [required("data", "data is mandatory")]
    return isRecord(data) ? [] : [required("data", "data must be a valid JSON object")]
  },
  CronJob: cronJobCauses,
  Event: eventCauses,
  DaemonSet: (object) => [
    ...workloadCauses(object, "daemonset"),
    ...daemonStrategyCauses(object),
    ...templateCauses(object),
  ],
  Deployment: (object) => [...workloadCauses(object, "deployment"), ...templateCauses(object)],
  Ingress: ingressCauses,
  Job: (object) => [
    ...chosenCauses(object),
    ...endingCauses(mapAt(object, "spec", "template", "spec"), "spec.template.spec"),
    ...templateCauses(object),
  ],
  Namespace: (object) => finalizerCauses(specOf(object)["finalizers"]),
  Pod: (object) => podSpecCauses(specOf(object), "spec"),
  PodDisruptionBudget: budgetCauses,
  PodTemplate: (object) => [
    ...templateMetaCauses(mapAt(object, "template"), "template"),
    ...(object["template"] === undefined ? [required("template.spec.containers")] : []),
    ...podSpecCauses(mapAt(object, "template", "spec"), "template.spec"),
  ],
  ReplicaSet: (object) => [...workloadCauses(object, "deployment"), ...templateCauses(object)],
  ReplicationController: (object) => [
    ...(isZero(specOf(object)["selector"]) ? [required("spec.selector")] : []),
    ...templateCauses(object),
  ],
  Role: ruleListCauses,
  RoleBinding: (object) => roleKindCauses(object, ["Role", "ClusterRole"]),
  ClusterRoleBinding: (object) => roleKindCauses(object, ["ClusterRole"]),
  ClusterRole: ruleListCauses,
  Secret: (object) => [...secretCauses(object), ...dataCauses(object)],
  Service: serviceCauses,
  StatefulSet: (object) => [...workloadCauses(object, "statefulset"), ...templateCauses(object)],
}

/** What is wrong with an object beyond the rules of its types, and with a change of it. */
export function kindCauses(object: KubeObject, old: KubeObject | undefined): readonly StatusCause[] {
  return [...(byKind[object.kind]?.(object, old) ?? []), ...(old === undefined ? [] : changeCauses(object, old))]
}

function cronJobCauses(object: KubeObject): readonly StatusCause[] {
  const pods = mapAt(object, "spec", "jobTemplate", "spec", "template", "spec")
  const at = "spec.jobTemplate.spec.template.spec"
  const template = mapAt(object, "spec", "jobTemplate", "spec", "template")
  return [
    ...scheduleCauses(specOf(object)),
    ...endingCauses(pods, at),
    ...templateMetaCauses(template, "spec.jobTemplate.spec.template"),
    ...podSpecCauses(pods, at),
  ]
}

function templateCauses(object: KubeObject): readonly StatusCause[] {
  const pods = mapAt(object, "spec", "template", "spec")
  const volumes = listAt(pods, "volumes")
  // Claims of a StatefulSet are volumes of its Pods, in place of those of the same name.
  const claims = listAt(specOf(object), "volumeClaimTemplates").map((claim) => mapAt(claim, "metadata"))
  const more = claims.filter(({ name }) => volumes.every((volume) => volume["name"] !== name))
  const whole = more.length > 0 ? { ...pods, volumes: [...volumes, ...more] } : pods
  return [
    ...templateMetaCauses(mapAt(object, "spec", "template"), "spec.template"),
    ...podSpecCauses(whole, "spec.template.spec"),
  ]
}

function finalizerCauses(finalizers: unknown): readonly StatusCause[] {
  const known = ["kubernetes", "orphan", "foregroundDeletion"]
  const why = "name is neither a standard finalizer name nor is it fully qualified"
  return (Array.isArray(finalizers) ? finalizers.map(String) : []).flatMap((name) => [
    ...qualifiedNameProblems(name).map((problem) => invalidValue("spec.finalizers", name, problem)),
    ...(name.includes("/") || known.includes(name) ? [] : [invalidValue("spec.finalizers", name, why)]),
  ])
}

function eventCauses(event: KubeObject): readonly StatusCause[] {
  const isNew = event.apiVersion !== "v1"
  const about = mapAt(event, event["regarding"] === undefined ? "involvedObject" : "regarding")
  const [own, home] = [textAt(about, "namespace"), event.metadata.namespace ?? ""]
  const isTimed = (event["eventTime"] ?? null) !== null
  const isLone = own === "" && (home === "default" || (isTimed && home === "kube-system"))
  const isElsewhere = own === "" ? !isLone : !isTimed && own !== home
  const field = "involvedObject.namespace"
  const said = isElsewhere ? [invalidValue(field, own, "does not match event.namespace")] : []
  if (!isTimed) return isNew ? [...said, required("eventTime")] : said
  const controller = isNew ? "reportingController" : "reportingComponent"
  const name = textAt(event, controller)
  const long = (["reportingInstance", "action", "reason"] as const).filter((one) => textAt(event, one).length > 128)
  return [
    ...said,
    ...["reportingInstance", "action", "reason", controller]
      .filter((one) => textAt(event, one) === "")
      .map((one) => required(one)),
    ...qualifiedNameProblems(name).map((why) => invalidValue(controller, name, why)),
    ...long.map((one) => invalidValue(one, "", "can have at most 128 characters")),
  ]
}

const keyPattern = /^[-._a-zA-Z0-9]+$/
const keyText =
  "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')"
const dataBytesMax = 1_048_576

function* keyCauses(object: KubeObject, member: string): Generator<StatusCause> {
  for (const key of Object.keys(mapAt(object, member))) {
    const field = `${member}[${key}]`
    if (key.length > 253) yield invalidValue(field, key, "must be no more than 253 characters")
    if (!keyPattern.test(key)) yield invalidValue(field, key, keyText)
    if (key === "." || key === "..") yield invalidValue(field, key, `must not be '${key}'`)
    else if (key.startsWith("..")) yield invalidValue(field, key, "must not start with '..'")
  }
}

function dataCauses(object: KubeObject): readonly StatusCause[] {
  const binary = mapAt(object, "binaryData")
  const twice = Object.keys(mapAt(object, "data")).filter((key) => Object.hasOwn(binary, key))
  const values = [...Object.values(mapAt(object, "data")), ...Object.values(binary)]
  const bytes = values.reduce<number>((sum, value) => sum + Buffer.byteLength(String(value)), 0)
  const isLarge = object.kind === "Secret" ? bytes * 0.75 > dataBytesMax : bytes > dataBytesMax
  const message = `Too long: may not be more than ${dataBytesMax} bytes`
  return [
    ...keyCauses(object, "data"),
    ...twice.map((key) => invalidValue(`data[${key}]`, key, "duplicate of key present in binaryData")),
    ...keyCauses(object, "binaryData"),
    ...(isLarge ? [{ reason: "FieldValueTooLong", message, field: object.kind === "Secret" ? "data" : "" }] : []),
  ]
}

/** What Secrets of a known type must have. */
const secretKeys: Readonly<Record<string, readonly string[]>> = {
  "kubernetes.io/tls": ["tls.crt", "tls.key"],
  "kubernetes.io/dockerconfigjson": [".dockerconfigjson"],
  "kubernetes.io/dockercfg": [".dockercfg"],
  "kubernetes.io/ssh-auth": ["ssh-privatekey"],
}

function secretCauses(secret: KubeObject): readonly StatusCause[] {
  const data = mapAt(secret, "data")
  const type = textAt(secret, "type")
  const missing = (secretKeys[type] ?? []).filter((key) => data[key] === undefined)
  if (type === "kubernetes.io/basic-auth" && data["username"] === undefined && data["password"] === undefined) {
    return [required("data[username]"), required("data[password]")]
  }
  const account = "kubernetes.io/service-account.name"
  if (type === "kubernetes.io/service-account-token" && secret.metadata.annotations?.[account] === undefined) {
    return [required(`metadata.annotations[${account}]`)]
  }
  return missing.map((key) => required(`data[${key}]`))
}

function ingressCauses(ingress: KubeObject): readonly StatusCause[] {
  const spec = specOf(ingress)
  if (spec["defaultBackend"] === undefined && listAt(spec, "rules").length === 0) {
    return [invalidValue("spec", null, "either `defaultBackend` or `rules` must be specified")]
  }
  return []
}

function budgetCauses(budget: KubeObject): readonly StatusCause[] {
  const { minAvailable, maxUnavailable, selector, unhealthyPodEvictionPolicy } = specOf(budget)
  if (minAvailable === undefined || maxUnavailable === undefined) return []
  const shown = {
    MinAvailable: minAvailable,
    Selector: selector ?? null,
    MaxUnavailable: maxUnavailable,
    UnhealthyPodEvictionPolicy: unhealthyPodEvictionPolicy ?? null,
  }
  return [invalidValue("spec", shown, "minAvailable and maxUnavailable cannot be both set")]
}

function roleKindCauses(binding: KubeObject, allowed: readonly string[]): readonly StatusCause[] {
  const kind = textAt(mapAt(binding, "roleRef"), "kind")
  return allowed.includes(kind) ? [] : [unsupported("roleRef.kind", kind, allowed)]
}

function ruleListCauses(role: KubeObject): readonly StatusCause[] {
  return listAt(role, "rules").flatMap((rule, index) => {
    const at = `rules[${index}]`
    const [groups, resources, urls] = [
      listed(rule["apiGroups"]),
      listed(rule["resources"]),
      listed(rule["nonResourceURLs"]),
    ]
    if (urls) {
      const here = `${at}.nonResourceURLs`
      const lost = "namespaced rules cannot apply to non-resource URLs"
      const namespaced = role.kind === "Role" ? [invalidValue(here, rule["nonResourceURLs"], lost)] : []
      const mixed = groups || resources || listed(rule["resourceNames"])
      const why = "rules cannot apply to both regular resources and non-resource URLs"
      return [...namespaced, ...(mixed ? [invalidValue(here, rule["nonResourceURLs"], why)] : [])]
    }
    return [
      ...(groups ? [] : [required(`${at}.apiGroups`, "resource rules must supply at least one api group")]),
      ...(resources ? [] : [required(`${at}.resources`, "resource rules must supply at least one resource")]),
    ]
  })
}

function listed(value: unknown): boolean {
  return Array.isArray(value) && value.length > 0
}
