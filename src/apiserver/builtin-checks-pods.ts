import { parseQuantity, type StatusCause } from "../kube/mod.ts"
import {
  anyTexts,
  type Checks,
  each,
  label,
  labels,
  members,
  qualified,
  subdomain,
  texts,
  tooLong,
  unique,
  within,
} from "./builtin-check.ts"
import { containerResource, isExtended, resourceName } from "./builtin-checks-amounts.ts"
import { pathProblem } from "./builtin-validate-volumes.ts"
import { type Fields, listAt, mapAt, textAt } from "./fields.ts"
import { duplicate, forbidden, invalidValue, notThere, required, unsupported } from "./names.ts"

/** What Pods and their containers say, wherever a Pod is described. */
export const podChecks: Checks = {
  "core.v1.PodSpec": podCauses,
  "core.v1.PodTemplateSpec": (template, at) =>
    listAt(mapAt(template, "spec"), "ephemeralContainers").length === 0
      ? []
      : [forbidden(`${at}.spec.ephemeralContainers`, "ephemeral containers not allowed in pod template")],
  "core.v1.PodReadinessGate": (gate, at) => anyTexts(qualified)(textAt(gate, "conditionType"), `${at}.conditionType`),
  "core.v1.PodResourceClaim": claimCauses,
  "core.v1.Container": (container, at) => [...restartCauses(container, at), ...graceless(container, at)],
  "core.v1.GRPCAction": (action, at) => within(1, 65_535)(action["port"] ?? 0, `${at}.port`),
  "core.v1.HTTPGetAction": (action, at) => listAt(action, "httpHeaders").flatMap((header) => headerCauses(header, at)),
  "core.v1.HostAlias": members({ hostnames: each(anyTexts(subdomain)) }),
  "core.v1.SeccompProfile": (profile, at) => {
    const { type, localhostProfile: path } = profile
    const field = `${at}.localhostProfile`
    if (type !== "Localhost") {
      const shown = { Type: type ?? "", LocalhostProfile: path ?? null }
      return path === undefined ? [] : [invalidValue(field, shown, "can only be set when seccomp type is Localhost")]
    }
    if (path === undefined) return [required(field, "must be set when seccomp type is Localhost")]
    const problem = pathProblem(String(path))
    return problem === undefined ? [] : [invalidValue(field, path, problem)]
  },
  "core.v1.AppArmorProfile": armorCauses,
}

const resizable = ["cpu", "memory"]
const resizes = ["NotRequired", "RestartContainer"]

function podCauses(spec: Fields, at: string): readonly StatusCause[] {
  const never = spec["restartPolicy"] === "Never"
  const grace = Number(spec["terminationGracePeriodSeconds"] ?? 30)
  const claims = listAt(spec, "resourceClaims").map((claim) => textAt(claim, "name"))
  const containers = ["containers", "initContainers"].flatMap((name) =>
    listAt(spec, name).map((container, index) => [container, `${at}.${name}[${index}]`] as const),
  )
  return [
    ...members({
      runtimeClassName: anyTexts(subdomain),
      priorityClassName: texts(subdomain),
      subdomain: texts(label),
      nodeSelector: labels,
    })(spec, at, noRoot),
    ...hostCauses(spec, at),
    ...systemCauses(spec, at),
    ...gateCauses(listAt(spec, "schedulingGates"), `${at}.schedulingGates`),
    ...unique("name")(spec["resourceClaims"], `${at}.resourceClaims`),
    ...amountCauses(mapAt(spec, "overhead"), `${at}.overhead.limits`, containerResource),
    ...resourceCauses(spec, at),
    ...containers.flatMap(([container, place]) => [
      ...resizeCauses(container, place, never),
      ...claimedCauses(container, place, claims),
      ...sleepCauses(container, place, grace),
    ]),
  ]
}

const noRoot = { apiVersion: "", kind: "", metadata: {} }

function hostCauses(spec: Fields, at: string): readonly StatusCause[] {
  const field = `${at}.hostnameOverride`
  const name = spec["hostnameOverride"]
  if (typeof name !== "string") return []
  const says = (why: string) => forbidden(field, `may not be specified when ${why} is true`)
  return [
    ...(spec["setHostnameAsFQDN"] === true ? [says("setHostnameAsFQDN")] : []),
    ...(spec["hostNetwork"] === true ? [says("hostNetwork")] : []),
    ...(name.length > 64 ? [tooLong(field, 64)] : []),
    ...anyTexts(subdomain)(name, field),
  ]
}

function systemCauses(spec: Fields, at: string): readonly StatusCause[] {
  if (spec["os"] === undefined) return []
  const name = textAt(mapAt(spec, "os"), "name")
  if (name === "") return [required(`${at}.os.name`)]
  return name === "linux" || name === "windows" ? [] : [unsupported(`${at}.os`, name, ["linux", "windows"])]
}

function gateCauses(gates: readonly Fields[], at: string): readonly StatusCause[] {
  const names = gates.map((gate) => textAt(gate, "name"))
  return names.flatMap((name, index) => [
    ...anyTexts(qualified)(name, `${at}[${index}]`),
    ...(names.indexOf(name) < index ? [duplicate(`${at}[${index}]`, name)] : []),
  ])
}

type NameCauses = (name: string, field: string) => readonly StatusCause[]

function amountCauses(amounts: Fields, at: string, nameCauses: NameCauses): readonly StatusCause[] {
  return Object.entries(amounts).flatMap(([name, amount]) => {
    const [field, number] = [`${at}[${name}]`, parseQuantity(amount) ?? 0]
    return [
      ...nameCauses(name, field),
      ...(number < 0 ? [invalidValue(field, amount, "must be greater than or equal to 0")] : []),
      ...(isExtended(name) && !Number.isInteger(number) ? [invalidValue(field, amount, "must be an integer")] : []),
    ]
  })
}

function resourceCauses(spec: Fields, at: string): readonly StatusCause[] {
  const resources = mapAt(spec, "resources")
  const field = `${at}.resources`
  const isClaiming = resources["claims"] !== undefined
  return [
    ...(isClaiming ? [forbidden(`${field}.claims`, "claims may not be set for Resources at pod-level")] : []),
    ...["limits", "requests"].flatMap((name) => amountCauses(mapAt(resources, name), `${field}.${name}`, podResource)),
  ]
}

function podResource(name: string, field: string): readonly StatusCause[] {
  const causes = resourceName(name, field)
  if (causes.length > 0) return causes
  const isKnown = resizable.includes(name) || name.startsWith("hugepages-")
  return isKnown ? [] : [unsupported(field, name, ["cpu", "hugepages-", "memory"])]
}

function resizeCauses(container: Fields, at: string, isNever: boolean): readonly StatusCause[] {
  const field = `${at}.resizePolicy`
  const policies = listAt(container, "resizePolicy")
  return policies.flatMap((policy, index): readonly StatusCause[] => {
    const [name, restart] = [textAt(policy, "resourceName"), textAt(policy, "restartPolicy")]
    const isTwice = policies.findIndex((other) => textAt(other, "resourceName") === name) < index
    const known = (value: string, allowed: readonly string[]) =>
      allowed.includes(value) ? [] : [value === "" ? required(field) : unsupported(field, value, allowed)]
    const why = "must be 'NotRequired' when pod `restartPolicy` is 'Never'"
    return [
      ...(isTwice ? [duplicate(`${field}[${index}]`, name)] : []),
      ...known(name, resizable),
      ...known(restart, resizes),
      ...(isNever && restart !== "NotRequired" ? [invalidValue(field, restart, why)] : []),
    ]
  })
}

function claimedCauses(container: Fields, at: string, claims: readonly string[]): readonly StatusCause[] {
  const used = listAt(mapAt(container, "resources"), "claims")
  const end = claims.length === 0 ? " which is empty" : `: ${[...claims].sort().join(", ")}`
  return used.flatMap((claim, index): readonly StatusCause[] => {
    const [field, name] = [`${at}.resources.claims[${index}]`, textAt(claim, "name")]
    if (name === "") return [required(field)]
    const { message = "", ...cause } = notThere(field, name)
    const isThere = claims.includes(name)
    const why = `${message}: must be one of the names in pod.spec.resourceClaims${end}`
    return [...texts(label)(claim["request"], `${field}.request`), ...(isThere ? [] : [{ ...cause, message: why }])]
  })
}

function sleepCauses(container: Fields, at: string, grace: number): readonly StatusCause[] {
  const why = `must be non-negative and less than terminationGracePeriodSeconds (${grace})`
  return ["postStart", "preStop"].flatMap((hook) => {
    const action = mapAt(container, "lifecycle", hook)
    const seconds = Number(mapAt(action, "sleep")["seconds"] ?? 0)
    const isWrong = action["sleep"] !== undefined && (seconds < 0 || seconds > grace)
    return isWrong ? [invalidValue(`${at}.lifecycle.${hook}.sleep`, seconds, why)] : []
  })
}

const actions = ["Restart", "RestartAllContainers"]

function restartCauses(container: Fields, at: string): readonly StatusCause[] {
  const rules = listAt(container, "restartPolicyRules")
  const isOpen = rules.length > 0 && container["restartPolicy"] === undefined
  const why = "must specify restartPolicy when restart rules are used"
  return [
    ...(isOpen ? [required(`${at}.restartPolicy`, why)] : []),
    ...rules.flatMap((rule, index): readonly StatusCause[] => {
      const [field, action] = [`${at}.restartPolicyRules[${index}]`, textAt(rule, "action")]
      const operator = textAt(mapAt(rule, "exitCodes"), "operator")
      const isWrong = rule["exitCodes"] !== undefined && operator !== "In" && operator !== "NotIn"
      return [
        ...(actions.includes(action) ? [] : [unsupported(`${field}.action`, action, actions)]),
        ...(isWrong ? [unsupported(`${field}.exitCodes.operator`, operator, ["In", "NotIn"])] : []),
        ...(rule["exitCodes"] === undefined ? [required(`${field}.exitCodes`, "must be specified")] : []),
      ]
    }),
  ]
}

function graceless(container: Fields, at: string): readonly StatusCause[] {
  const seconds = mapAt(container, "readinessProbe")["terminationGracePeriodSeconds"]
  const field = `${at}.readinessProbe.terminationGracePeriodSeconds`
  return seconds === undefined ? [] : [invalidValue(field, seconds, "must not be set for readinessProbes")]
}

function headerCauses(header: Fields, at: string): readonly StatusCause[] {
  const name = textAt(header, "name")
  if (/^[-A-Za-z0-9]+$/.test(name)) return []
  const why =
    "a valid HTTP header must consist of alphanumeric characters or '-' (e.g. 'X-Header-Name', regex used for validation is '[-A-Za-z0-9]+')"
  return [invalidValue(`${at}.httpHeaders`, name, why)]
}

function claimCauses(claim: Fields, at: string): readonly StatusCause[] {
  const { name, resourceClaimName, resourceClaimTemplateName } = claim
  const isNone = resourceClaimName === undefined && resourceClaimTemplateName === undefined
  const isBoth = resourceClaimName !== undefined && resourceClaimTemplateName !== undefined
  const shown = {
    Name: name ?? "",
    ResourceClaimName: resourceClaimName ?? null,
    ResourceClaimTemplateName: resourceClaimTemplateName ?? null,
  }
  const none = "must specify one of: `resourceClaimName`, `resourceClaimTemplateName`"
  const both = "at most one of `resourceClaimName` or `resourceClaimTemplateName` may be specified"
  return [
    ...(textAt(claim, "name") === "" ? [required(`${at}.name`)] : texts(label)(name, `${at}.name`)),
    ...(isBoth ? [invalidValue(at, shown, both)] : []),
    ...(isNone ? [invalidValue(at, shown, none)] : []),
    ...anyTexts(subdomain)(resourceClaimName, `${at}.resourceClaimName`),
    ...anyTexts(subdomain)(resourceClaimTemplateName, `${at}.resourceClaimTemplateName`),
  ]
}

const armors = ["Localhost", "RuntimeDefault", "Unconfined"]

function armorCauses(profile: Fields, at: string): readonly StatusCause[] {
  const [type, path, field] = [textAt(profile, "type"), profile["localhostProfile"], `${at}.localhostProfile`]
  if (type === "") return [required(`${at}.type`, "type is required when appArmorProfile is set")]
  if (!armors.includes(type)) return [unsupported(`${at}.type`, type, armors)]
  if (type !== "Localhost") {
    return path === undefined ? [] : [invalidValue(field, path, "can only be set when AppArmor type is Localhost")]
  }
  const text = String(path ?? "")
  if (text.trim() !== text) return [invalidValue(field, text, "must not be padded with whitespace")]
  return text === "" ? [required(field, "must be set when AppArmor type is Localhost")] : []
}
