import { type KubeObject, type StatusCause, semanticEqual } from "../kube/mod.ts"
import { fill } from "./builtin-types.ts"
import { type Fields, listAt, specOf, textAt } from "./fields.ts"
import { invalidValue } from "./names.ts"
import { internal } from "./refusal.ts"
import type { RequestContext } from "./resource.ts"

const nodePortMin = 30_000
const nodePorts = 2768
/** How addresses of Services begin. */
const range = "10.96."

/** A number below `size` for a text, always the same. */
function numberFor(text: string, size: number): number {
  return Number(Bun.hash(text) % BigInt(size))
}

/** What a new Service is given: addresses of the cluster, ports of the nodes. */
export function createService(service: KubeObject, { list }: RequestContext): KubeObject {
  return { ...service, spec: allocated(specOf(service), keyOf(service), takenBy(others(service, list))) }
}

/** A changed Service keeps what it was given, as long as its type wants it. */
export function updateService(service: KubeObject, old: KubeObject, { list }: RequestContext): KubeObject {
  const [spec, before] = [specOf(service), specOf(old)]
  if (textAt(spec, "type") === "ExternalName") {
    const { clusterIP, clusterIPs, ipFamilies, ipFamilyPolicy, internalTrafficPolicy, ...rest } = spec
    const isKept = clusterIP !== before["clusterIP"]
    return { ...service, spec: isKept ? spec : rest }
  }
  const { clusterIP, clusterIPs, ipFamilies, ipFamilyPolicy, healthCheckNodePort } = before
  const wasNamed = textAt(before, "type") !== "ExternalName"
  const typed = withoutOutgrown(withAddresses(spec, before), before)
  const kept = wasNamed ? fill(typed, { clusterIP, clusterIPs, ipFamilies, ipFamilyPolicy }) : typed
  const health = typed["externalTrafficPolicy"] === "Local" ? fill(kept, { healthCheckNodePort }) : kept
  const ports = needsNodePorts(spec) ? keptPorts(listAt(spec, "ports"), listAt(before, "ports")) : typed["ports"]
  const withPorts = ports === undefined ? health : { ...health, ports }
  return { ...service, spec: allocated(withPorts, keyOf(service), takenBy(others(service, list))) }
}

// Who changes the first address means the list as well.
function withAddresses(spec: Fields, before: Fields): Fields {
  const { clusterIP, clusterIPs } = spec
  if (clusterIP === before["clusterIP"] || !semanticEqual(clusterIPs, before["clusterIPs"])) return spec
  if (clusterIP !== undefined) return { ...spec, clusterIPs: [clusterIP] }
  const { clusterIPs: _, ...rest } = spec
  return rest
}

const ofLoadBalancers = ["allocateLoadBalancerNodePorts", "loadBalancerClass"]

// What only the former type knew goes with it, unless it was changed as well.
function withoutOutgrown(spec: Fields, before: Fields): Fields {
  const wasBalanced = textAt(before, "type") === "LoadBalancer" && textAt(spec, "type") !== "LoadBalancer"
  const wasOutside = isOutside(before) && !isOutside(spec)
  const members = [...(wasBalanced ? ofLoadBalancers : []), ...(wasOutside ? ["externalTrafficPolicy"] : [])]
  const gone = [...members, ...(wasBalanced || wasOutside ? ["healthCheckNodePort"] : [])]
  const kept = Object.entries(spec).filter(([key, value]) => !gone.includes(key) || value !== before[key])
  const rest = Object.fromEntries(kept)
  if (needsNodePorts(spec) || !needsNodePorts(before)) return rest
  const [ports, former] = [listAt(spec, "ports"), listAt(before, "ports").map((port) => port["nodePort"])]
  const isSame = ports.every((port) => port["nodePort"] === undefined || former.includes(port["nodePort"]))
  return isSame ? { ...rest, ports: ports.map(({ nodePort: _, ...port }) => port) } : rest
}

/** Whether a Service can be reached from outside the cluster. */
export function isOutside(spec: Fields): boolean {
  const { externalIPs } = spec
  return (
    ["LoadBalancer", "NodePort"].includes(textAt(spec, "type")) ||
    (Array.isArray(externalIPs) && externalIPs.length > 0)
  )
}

/** What other Services have: addresses and ports of nodes. */
interface Taken {
  readonly addresses: ReadonlySet<unknown>
  readonly ports: ReadonlySet<unknown>
}

function others({ metadata }: KubeObject, list: RequestContext["list"]): readonly KubeObject[] {
  return (list?.("services") ?? []).filter((other) => other.metadata.uid !== metadata.uid)
}

function takenBy(services: readonly KubeObject[]): Taken {
  const specs = services.map(specOf)
  const addresses = specs.map((spec) => spec["clusterIP"]).filter((address) => address !== undefined)
  const ports = specs.flatMap((spec) => [...nodePortsOf(spec), spec["healthCheckNodePort"]])
  return { addresses: new Set(addresses), ports: new Set(ports.filter((port) => port !== undefined)) }
}

function nodePortsOf(spec: Fields): readonly unknown[] {
  return listAt(spec, "ports").map((port) => port["nodePort"])
}

/** What a Service asks for by name and another one has. */
export function takenCauses(
  service: KubeObject,
  old: KubeObject | undefined,
  { list, dryRun }: RequestContext,
): readonly StatusCause[] {
  const taken = takenBy(others(service, list))
  const { clusterIP } = specOf(service)
  const ports = listAt(specOf(service), "ports")
  const isTaken = (port: Fields, index: number) =>
    taken.ports.has(port["nodePort"]) ||
    ports.slice(0, index).some((one) => one["nodePort"] === port["nodePort"] && one["protocol"] === port["protocol"])
  const isKept = clusterIP === "None" || (old !== undefined && clusterIP === specOf(old)["clusterIP"])
  return [
    // A dry run does not look at addresses, as in a real server.
    ...(dryRun || isKept ? [] : addressCauses(clusterIP, taken)),
    ...ports.flatMap((port, index) =>
      port["nodePort"] !== undefined && isTaken(port, index)
        ? [invalidValue(`spec.ports[${index}].nodePort`, port["nodePort"], "provided port is already allocated")]
        : [],
    ),
  ]
}

function addressCauses(address: unknown, { addresses }: Taken): readonly StatusCause[] {
  if (typeof address !== "string" || address === "") return []
  const isInRange = address.startsWith(range) && !/\.0\.0$|\.255\.255$/.test(address)
  if (isInRange && !addresses.has(address)) return []
  const why = isInRange ? "provided IP is already allocated" : "the provided network does not match the current range"
  return [invalidValue("spec.clusterIPs", [address], `failed to allocate IP ${address}: ${why}`)]
}

/** Whether another Service has what this one was given a moment ago. */
export function isTakenMeanwhile(service: KubeObject, { list }: RequestContext): boolean {
  const taken = takenBy(others(service, list))
  const { clusterIP, healthCheckNodePort } = specOf(service)
  const ports = [...nodePortsOf(specOf(service)), healthCheckNodePort].filter((port) => port !== undefined)
  return (clusterIP !== "None" && taken.addresses.has(clusterIP)) || ports.some((port) => taken.ports.has(port))
}

function keyOf({ metadata }: KubeObject): string {
  return `${metadata.namespace}/${metadata.name}/${metadata.uid}`
}

function needsNodePorts(spec: Fields): boolean {
  const type = textAt(spec, "type")
  return type === "NodePort" || (type === "LoadBalancer" && spec["allocateLoadBalancerNodePorts"] !== false)
}

function keptPorts(ports: readonly Fields[], before: readonly Fields[]): readonly Fields[] {
  return ports.map((port) => {
    const same = before.find((old) => old["port"] === port["port"] && old["protocol"] === port["protocol"])
    return same === undefined ? port : fill(port, { nodePort: same["nodePort"] })
  })
}

function addressFor(key: string, { addresses }: Taken): string {
  const [size, first] = [65_024, numberFor(key, 65_024)]
  for (let step = 0; step < size; step++) {
    const number = ((first + step) % size) + 256
    const address = `${range}${number >> 8}.${number & 255}`
    if (!addresses.has(address)) return address
  }
  throw internal("no more addresses for Services")
}

function allocated(spec: Fields, key: string, others: Taken): Fields {
  const type = textAt(spec, "type")
  if (type === "ExternalName") return spec
  const headless = spec["clusterIP"] === "None"
  // A headless Service without a selector has whatever addresses somebody gives it.
  const isOpen = headless && spec["selector"] === undefined
  const clusterIP = spec["clusterIP"] ?? addressFor(key, others)
  const addresses = fill(spec, {
    clusterIP,
    clusterIPs: [clusterIP],
    ipFamilies: isOpen ? ["IPv4", "IPv6"] : ["IPv4"],
    ipFamilyPolicy: isOpen ? "RequireDualStack" : "SingleStack",
  })
  if (!needsNodePorts(spec)) return addresses
  const taken = new Set([...others.ports, ...nodePortsOf(spec)])
  const free = (name: string): number => {
    const first = numberFor(`${key}/${name}`, nodePorts)
    for (let step = 0; step < nodePorts; step++) {
      const port = nodePortMin + ((first + step) % nodePorts)
      if (taken.has(port)) continue
      taken.add(port)
      return port
    }
    throw internal("failed to allocate a nodePort: range is full")
  }
  const ports = listAt(spec, "ports").map((port, index) =>
    port["nodePort"] === undefined ? { ...port, nodePort: free(String(index)) } : port,
  )
  const isLocal = type === "LoadBalancer" && spec["externalTrafficPolicy"] === "Local"
  const health = isLocal ? fill(addresses, { healthCheckNodePort: free("health") }) : addresses
  return { ...health, ports }
}
