import type { KubeObject, StatusCause } from "../kube/mod.ts"
import {
  address,
  all,
  anyTexts,
  block,
  both,
  type Checks,
  domainPath,
  each,
  label,
  labelKey,
  labels,
  labelValue,
  members,
  mustNot,
  oneOf,
  portName,
  qualified,
  segment,
  strictAddress,
  subdomain,
  texts,
  tooLong,
  unique,
  wildcard,
  within,
} from "./builtin-check.ts"
import { addressOf, cidrOf } from "./cel-net.ts"
import { type Fields, listAt, mapAt, numberAt, textAt } from "./fields.ts"
import { forbidden, invalidValue, required } from "./names.ts"

const port = within(1, 65_535)

/** Selectors, policies, Ingresses and what is behind them. */
export const networkChecks: Checks = {
  "meta.v1.LabelSelector": members({ matchLabels: labels }),
  "meta.v1.LabelSelectorRequirement": requirement,
  "networking.v1.NetworkPolicySpec": (spec, at) => {
    const { policyTypes } = spec
    if (!Array.isArray(policyTypes)) return []
    const field = `${at}.policyTypes`
    if (policyTypes.length > 2) return [invalidValue(field, policyTypes, "may not specify more than two policyTypes")]
    return each(oneOf("Ingress", "Egress"))(policyTypes, field)
  },
  "networking.v1.NetworkPolicyPort": policyPort,
  "networking.v1.NetworkPolicyPeer": (peer, at) => {
    const given = ["podSelector", "namespaceSelector", "ipBlock"].filter((name) => peer[name] !== undefined)
    if (given.length === 0) return [required(at, "must specify a peer")]
    const isMixed = given.length > 1 && peer["ipBlock"] !== undefined
    return isMixed ? [forbidden(at, "may not specify both ipBlock and another peer")] : []
  },
  "networking.v1.IPBlock": (value, at) => {
    const cidr = textAt(value, "cidr")
    if (cidr === "") return []
    const outer = cidrOf(cidr)
    const causes = texts(block)(cidr, `${at}.cidr`)
    if (outer === undefined) return causes
    const except = Array.isArray(value["except"]) ? value["except"].map(String) : []
    return [...causes, ...except.flatMap((inner, index) => exceptCauses(inner, `${at}.except[${index}]`, cidr))]
  },
  "networking.v1.IngressSpec": members({ ingressClassName: anyTexts(subdomain) }),
  "networking.v1.IngressTLS": members({
    hosts: each(anyTexts((host) => (host.includes("*") ? wildcard(host) : subdomain(host)))),
    secretName: texts(subdomain),
  }),
  "networking.v1.IngressRule": members({
    host: texts((host) => [
      ...(addressOf(host) === undefined ? [] : ["must be a DNS name, not an IP address"]),
      ...(host.includes("*") ? wildcard(host) : subdomain(host)),
    ]),
  }),
  "networking.v1.HTTPIngressPath": ingressPath,
  "networking.v1.IngressBackend": (backend, at) => {
    const [resource, service] = [backend["resource"], backend["service"]]
    if (resource === undefined && service === undefined) {
      return [invalidValue(at, "", "resource or service backend is required")]
    }
    if (resource !== undefined && service !== undefined) {
      return [invalidValue(at, "", "cannot set both resource and service backends")]
    }
    return service === undefined
      ? referenceCauses(mapAt(backend, "resource"), `${at}.resource`)
      : serviceCauses(backend, at)
  },
  "networking.v1.IngressServiceBackend": members({ name: texts(label) }),
  "networking.v1.IngressClassSpec": (spec, at) => {
    const field = `${at}.controller`
    const controller = textAt(spec, "controller")
    const long = controller.length > 250 ? [tooLong(field, 250)] : []
    return controller === "" ? [] : [...long, ...domainPath(controller, field)]
  },
  "networking.v1.IngressClassParametersReference": all(referenceFormat, parameterScope),
  "networking.v1.ParentReference": members({
    group: texts(subdomain),
    resource: texts(segment),
    name: texts(segment),
    namespace: texts(segment),
  }),
  "networking.v1.ServiceCIDRSpec": (spec, at) => {
    const list = Array.isArray(spec["cidrs"]) ? spec["cidrs"].map(String) : []
    const field = `${at}.cidrs`
    if (list.length > 2) return [invalidValue(field, { CIDRs: list }, "may only hold up to 2 values")]
    const families = new Set(list.map((cidr) => cidrOf(cidr)?.family))
    const isSame = list.length === 2 && families.size === 1 && !families.has(undefined)
    const why = "may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and 2001:db8::/64"
    return [...each(anyTexts(block))(list, field), ...(isSame ? [invalidValue(field, list, why)] : [])]
  },
  "discovery.v1.EndpointSlice": sliceCauses,
  "discovery.v1.EndpointPort": members({ name: texts(label), appProtocol: anyTexts(qualified) }),
  "discovery.v1.Endpoint": members({
    nodeName: anyTexts(subdomain),
    hostname: anyTexts(label),
  }),
  "discovery.v1.EndpointHints": members({
    forZones: both(
      unique("name"),
      each((zone, at) => texts(labelValue)(mapAt({ zone }, "zone")["name"], `${at}.name`)),
    ),
    forNodes: unique("name"),
  }),
}

function requirement(value: Fields, at: string): readonly StatusCause[] {
  const operator = textAt(value, "operator")
  const values = Array.isArray(value["values"]) ? value["values"] : []
  const causes: StatusCause[] = []
  if (operator === "In" || operator === "NotIn") {
    const why = "must be specified when `operator` is 'In' or 'NotIn'"
    if (values.length === 0) causes.push(required(`${at}.values`, why))
  } else if (operator === "Exists" || operator === "DoesNotExist") {
    const why = "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"
    if (values.length > 0) causes.push(forbidden(`${at}.values`, why))
  } else causes.push(invalidValue(`${at}.operator`, operator, "not a valid selector operator"))
  return [
    ...causes,
    ...anyTexts(labelKey)(textAt(value, "key"), `${at}.key`),
    ...each(texts(labelValue))(values, `${at}.values`),
  ]
}

/** Whether a selector can be used at all. */
export function isUsable(selector: Fields): boolean {
  const expressions = listAt(selector, "matchExpressions")
  return (
    labels(selector["matchLabels"], "").length === 0 && expressions.every((one) => requirement(one, "").length === 0)
  )
}

function policyPort(value: Fields, at: string): readonly StatusCause[] {
  const [target, end] = [value["port"], value["endPort"]]
  const field = `${at}.endPort`
  if (target === undefined) {
    return end === undefined ? [] : [invalidValue(field, end, "may not be specified when `port` is not specified")]
  }
  if (typeof target === "string") {
    const why = "may not be specified when `port` is non-numeric"
    return [...(end === undefined ? [] : [invalidValue(field, end, why)]), ...anyTexts(portName)(target, `${at}.port`)]
  }
  const isBelow = typeof end === "number" && typeof target === "number" && end < target
  return [
    ...port(target, `${at}.port`),
    ...(isBelow ? [invalidValue(field, end, "must be greater than or equal to `port`")] : []),
    ...(end === undefined ? [] : port(end, field)),
  ]
}

function exceptCauses(inner: string, field: string, cidr: string): readonly StatusCause[] {
  const [outer, found] = [cidrOf(cidr), cidrOf(inner)]
  const causes = anyTexts(block)(inner, field)
  if (outer === undefined || found === undefined) return causes
  const isInside = outer.contains(found.family, found.address.value, found.prefix) && found.prefix > outer.prefix
  return isInside ? causes : [...causes, invalidValue(field, inner, "must be a strict subset of `cidr`")]
}

const wrongParts = ["//", "/./", "/../", "%2f", "%2F"]
const wrongEnds = ["/..", "/."]

function ingressPath(value: Fields, at: string): readonly StatusCause[] {
  const [path, type, field] = [textAt(value, "path"), textAt(value, "pathType"), `${at}.path`]
  if (type === "") return []
  const isExact = type === "Exact" || type === "Prefix"
  const causes: StatusCause[] = []
  const isJudged = isExact || (type === "ImplementationSpecific" && path !== "")
  if (isJudged && !path.startsWith("/")) causes.push(invalidValue(field, path, "must be an absolute path"))
  if (isExact) {
    const parts = wrongParts.filter((part) => path.includes(part))
    const ends = wrongEnds.filter((end) => path.endsWith(end))
    causes.push(...parts.map((part) => invalidValue(field, path, `must not contain '${part}'`)))
    causes.push(...ends.map((end) => invalidValue(field, path, `cannot end with '${end}'`)))
  }
  if (value["backend"] === undefined) {
    causes.push(invalidValue(`${at}.backend`, "", "resource or service backend is required"))
  }
  return causes
}

function serviceCauses(backend: Fields, at: string): readonly StatusCause[] {
  const target = mapAt(backend, "service", "port")
  const [name, number] = [textAt(target, "name"), numberAt(target, "number")]
  if (name !== "" && number !== 0) return [invalidValue(at, "", "cannot set both port name & port number")]
  if (name !== "") return texts(portName)(name, `${at}.service.port.name`)
  return number === 0 ? [required(at, "port name or number is required")] : port(number, `${at}.service.port.number`)
}

function referenceFormat(value: Fields, at: string): readonly StatusCause[] {
  return members({ apiGroup: anyTexts(subdomain), kind: texts(segment), name: texts(segment) })(value, at, noRoot)
}

const noRoot = { apiVersion: "", kind: "", metadata: {} }

function referenceCauses(value: Fields, at: string): readonly StatusCause[] {
  const missing = ["kind", "name"].filter((name) => textAt(value, name) === "" && name !== "name")
  return [...missing.map((name) => required(`${at}.${name}`)), ...referenceFormat(value, at)]
}

function parameterScope(value: Fields, at: string): readonly StatusCause[] {
  const scope = textAt(value, "scope")
  if (scope === "Cluster" || scope === "")
    return mustNot(value, at, ["namespace"], "`parameters.scope` is set to 'Cluster'")
  if (scope !== "Namespace") return []
  if (value["namespace"] === undefined) {
    return [required(`${at}.namespace`, "`parameters.scope` is set to 'Namespace'")]
  }
  return anyTexts(label)(value["namespace"], `${at}.namespace`)
}

function sliceCauses(slice: Fields, _: string, { metadata }: KubeObject): readonly StatusCause[] {
  const type = textAt(slice, "addressType")
  // The server itself is behind a loopback address here.
  const isOurs = metadata.name === "kubernetes" && metadata.namespace === "default"
  const addresses = listAt(slice, "endpoints").flatMap((endpoint, index) =>
    each((one, at) => endpointAddress(String(one), at, type))(endpoint["addresses"], `endpoints[${index}].addresses`),
  )
  return [...unique("name")(slice["ports"], "ports"), ...(isOurs ? [] : addresses)]
}

function endpointAddress(text: string, at: string, type: string): readonly StatusCause[] {
  if (type === "FQDN") return domainCauses(text, at)
  if (type !== "IPv4" && type !== "IPv6") return []
  const causes = anyTexts(type === "IPv4" ? address : strictAddress)(text, at)
  if (causes.length > 0) return causes
  const isOther = addressOf(text)?.family !== (type === "IPv4" ? 4 : 6)
  const field = at.replace(/\[\d+\]$/, "")
  return [
    ...(isOther ? [invalidValue(field, text, `must be an ${type} address`)] : []),
    ...reachable(text).map((why) => invalidValue(at, text, why)),
  ]
}

/** Why nobody elsewhere can be reached at an address. */
export function reachable(text: string): readonly string[] {
  const found = addressOf(text)
  if (found === undefined) return ["must be a valid IP address"]
  const problems: string[] = []
  if (found.value === 0n) problems.push(`may not be unspecified (${text})`)
  if (found.isIn(["127.0.0.0/8", "::1/128"])) {
    problems.push("may not be in the loopback range (127.0.0.0/8, ::1/128)")
  }
  if (found.isIn(["169.254.0.0/16", "fe80::/10"])) {
    problems.push("may not be in the link-local range (169.254.0.0/16, fe80::/10)")
  }
  if (found.isIn(["224.0.0.0/24", "ff02::/16"])) {
    problems.push("may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)")
  }
  return problems
}

function domainCauses(text: string, field: string): readonly StatusCause[] {
  if (text === "") return [required(field)]
  const name = text.replace(/\.$/, "")
  const problems = subdomain(name)
  if (problems.length > 0) return [invalidValue(field, name, problems.join(","))]
  if (!name.includes(".")) {
    return [invalidValue(field, name, "should be a domain with at least two segments separated by dots")]
  }
  const wrong = name.split(".").find((part) => label(part).length > 0)
  return wrong === undefined ? [] : [invalidValue(field, wrong, label(wrong).join(","))]
}
