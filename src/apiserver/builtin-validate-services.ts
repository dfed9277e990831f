import { isIP } from "node:net"
import type { KubeObject, StatusCause } from "../kube/mod.ts"
import { address, anyTexts, block, each } from "./builtin-check.ts"
import { reachable } from "./builtin-checks-network.ts"
import { isOutside } from "./builtin-services.ts"
import { type Fields, listAt, numberAt, specOf, textAt } from "./fields.ts"
import {
  duplicate,
  forbidden,
  invalidValue,
  portNameProblems,
  qualifiedNameProblems,
  required,
  subdomainProblem,
  unsupported,
} from "./names.ts"

const indicated = "value as indicated by"
const range = "must be between 1 and 65535, inclusive"

/** What is wrong with a Service: its ports, and what its type wants. */
export function serviceCauses(service: KubeObject, old?: KubeObject): readonly StatusCause[] {
  const spec = specOf(service)
  const type = textAt(spec, "type")
  const ports = listAt(spec, "ports")
  const isExternal = type === "ExternalName"
  const needsPorts = !isExternal && spec["clusterIP"] !== "None"
  return [
    ...(needsPorts && ports.length === 0 ? [required("spec.ports")] : []),
    ...(isExternal ? externalCauses(spec) : []),
    ...outsideCauses(spec),
    ...ports.flatMap((port, index) => portCauses(port, { index, ports, type })),
    ...portTwins(ports),
    ...(isExternal ? [] : addressCauses(spec, old === undefined)),
    ...(isExternal ? [] : typeCauses(spec)),
  ]
}

function externalCauses(spec: Fields): readonly StatusCause[] {
  const name = textAt(spec, "externalName").replace(/\.$/, "")
  const problem = subdomainProblem(name)
  const given = ["clusterIPs", "ipFamilies", "ipFamilyPolicy"].filter((member) => spec[member] !== undefined)
  return [
    ...given.map((member) => forbidden(`spec.${member}`, "may not be set for ExternalName services")),
    ...(name === "" ? [required("spec.externalName")] : []),
    ...(name === "" || problem === undefined ? [] : [invalidValue("spec.externalName", name, problem)]),
  ]
}

function outsideCauses(spec: Fields): readonly StatusCause[] {
  const { externalIPs, loadBalancerSourceRanges: ranges } = spec
  const field = "spec.LoadBalancerSourceRanges"
  const isGiven = Array.isArray(ranges) && ranges.length > 0
  const isBalanced = textAt(spec, "type") === "LoadBalancer"
  return [
    ...each(anyTexts((ip) => (address(ip).length > 0 ? address(ip) : reachable(ip))))(externalIPs, "spec.externalIPs"),
    ...(isGiven && !isBalanced ? [forbidden(field, "may only be used when `type` is 'LoadBalancer'")] : []),
    ...each((range, at) => anyTexts(block)(String(range).trim(), at))(ranges, field),
  ]
}

function addressCauses(spec: Fields, isNew: boolean): readonly StatusCause[] {
  const { clusterIPs, ipFamilies } = spec
  const families = Array.isArray(ipFamilies) ? ipFamilies : []
  const strange = families.flatMap((family, index): readonly StatusCause[] => [
    ...(family === "IPv4" || family === "IPv6"
      ? []
      : [unsupported(`spec.ipFamilies[${index}]`, family, ["IPv4", "IPv6"])]),
    ...(families.indexOf(family) < index ? [duplicate(`spec.ipFamilies[${index}]`, family)] : []),
  ])
  if (strange.length > 0) return strange
  if (spec["clusterIP"] === "None") return []
  const addresses = Array.isArray(clusterIPs) ? clusterIPs : []
  const foreign = isNew ? foreignCauses(spec, addresses, families) : []
  if (foreign.length > 0) return foreign
  const wrong = addresses.flatMap((address, index): StatusCause[] => {
    const [field, family] = [`spec.clusterIPs[${index}]`, isIP(String(address))]
    if (family === 0) {
      return [invalidValue(field, address, "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)")]
    }
    const wanted = families[index] ?? `IPv${family}`
    if (wanted === `IPv${family}`) return []
    return [invalidValue(field, address, `expected an ${wanted} ${indicated} \`ipFamilies[${index}]\``)]
  })
  if (wrong.length > 0 || spec["ipFamilyPolicy"] !== "RequireDualStack") return wrong
  const why = "this cluster is not configured for dual-stack services"
  return [invalidValue("spec.ipFamilyPolicy", "RequireDualStack", why)]
}

// The cluster has addresses of one family.
function foreignCauses(
  spec: Fields,
  addresses: readonly unknown[],
  families: readonly unknown[],
): readonly StatusCause[] {
  if (textAt(spec, "ipFamilyPolicy") === "RequireDualStack") return []
  const index = addresses.findIndex((address) => isIP(String(address)) === 6)
  if (index >= 0) {
    return [invalidValue(`spec.clusterIPs[${index}]`, addresses, "IPv6 is not configured on this cluster")]
  }
  const family = families.indexOf("IPv6")
  return family < 0 ? [] : [invalidValue(`spec.ipFamilies[${family}]`, "IPv6", "not configured on this cluster")]
}

function typeCauses(spec: Fields): readonly StatusCause[] {
  const policy = spec["externalTrafficPolicy"]
  const causes: StatusCause[] = []
  if (policy !== undefined && !isOutside(spec)) {
    const why = "may only be set for externally-accessible services"
    causes.push(invalidValue("spec.externalTrafficPolicy", policy, why))
  }
  const klass = spec["loadBalancerClass"]
  if (textAt(spec, "type") === "LoadBalancer") {
    const problems = typeof klass === "string" ? qualifiedNameProblems(klass) : []
    return [...causes, ...problems.map((why) => invalidValue("spec.loadBalancerClass", klass, why))]
  }
  for (const member of ["allocateLoadBalancerNodePorts", "loadBalancerClass"]) {
    const why = "may only be used when `type` is 'LoadBalancer'"
    if (spec[member] !== undefined) causes.push(forbidden(`spec.${member}`, why))
  }
  return causes
}

function portCauses(
  port: Fields,
  { index, ports, type }: { readonly index: number; readonly ports: readonly Fields[]; readonly type: string },
): readonly StatusCause[] {
  const at = `spec.ports[${index}]`
  const name = textAt(port, "name")
  const causes: StatusCause[] = []
  if (name === "" && ports.length > 1) causes.push(required(`${at}.name`))
  if (name !== "" && ports.findIndex((other) => other["name"] === name) < index)
    causes.push(duplicate(`${at}.name`, name))
  const number = numberAt(port, "port")
  if (number === 0 || number > 65_535) causes.push(invalidValue(`${at}.port`, number, range))
  const target = port["targetPort"]
  if (typeof target === "number" && (target < 1 || target > 65_535)) {
    causes.push(invalidValue(`${at}.targetPort`, target, range))
  }
  if (typeof target === "string" && target !== "")
    causes.push(...portNameProblems(target).map((why) => invalidValue(`${at}.targetPort`, target, why)))
  const node = numberAt(port, "nodePort")
  if (node !== 0 && type === "ClusterIP") {
    causes.push(forbidden(`${at}.nodePort`, "may not be used when `type` is 'ClusterIP'"))
  } else if (node !== 0 && (node < 30_000 || node > 32_767)) {
    const why = "provided port is not in the valid range. The range of valid ports is 30000-32767"
    causes.push(invalidValue(`${at}.nodePort`, node, why))
  }
  return causes
}

function portTwins(ports: readonly Fields[]): readonly StatusCause[] {
  const same = (a: Fields, b: Fields) => a["port"] === b["port"] && a["protocol"] === b["protocol"]
  return ports.flatMap((port, index) => {
    if (ports.findIndex((other) => same(other, port)) === index) return []
    const shown = {
      Name: "",
      Protocol: port["protocol"],
      AppProtocol: null,
      Port: port["port"],
      TargetPort: 0,
      NodePort: 0,
    }
    return [duplicate(`spec.ports[${index}]`, shown)]
  })
}
