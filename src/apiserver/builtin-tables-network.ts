import { isRecord, type KubeObject } from "../kube/mod.ts"
import type { Row, RowOf } from "./builtin-tables-text.ts"
import { firstOf, labelsText, none, selectorText, stringsAt } from "./builtin-tables-text.ts"
import { type Fields, listAt, mapAt, numberAt, specOf, statusOf, textAt } from "./fields.ts"

/** The rows of what is reached over the network. */
export const networkRows: Readonly<Record<string, RowOf>> = {
  Service: serviceRow,
  Endpoints: (object) => ({ Endpoints: endpointsText(listAt(object, "subsets")) }),
  EndpointSlice: (object) => {
    const ports = listAt(object, "ports").map((port) => (port["port"] === undefined ? "*" : String(port["port"])))
    const addresses = listAt(object, "endpoints").flatMap((endpoint) => stringsAt(endpoint, "addresses"))
    return {
      AddressType: textAt(object, "addressType"),
      Ports: firstOf(ports, 3) || "<unset>",
      Endpoints: firstOf(addresses, 3) || "<unset>",
    }
  },
  Ingress: (object) => {
    const spec = specOf(object)
    const hosts = listAt(spec, "rules")
      .map((rule) => textAt(rule, "host"))
      .filter((host) => host !== "")
    return {
      Class: textAt(spec, "ingressClassName") || none,
      Hosts: firstOf(hosts, 3) || "*",
      Address: balancerText(statusOf(object)),
      Ports: listAt(spec, "tls").length > 0 ? "80, 443" : "80",
    }
  },
  IngressClass: (object) => {
    const spec = specOf(object)
    const parameters = mapAt(spec, "parameters")
    const group = textAt(parameters, "apiGroup")
    const kind = `${textAt(parameters, "kind")}${group === "" ? "" : `.${group}`}`
    return {
      Controller: textAt(spec, "controller"),
      Parameters: isRecord(spec["parameters"]) ? `${kind}/${textAt(parameters, "name")}` : none,
    }
  },
  NetworkPolicy: (object) => ({ "Pod-Selector": selectorText(specOf(object)["podSelector"]) }),
  ServiceCIDR: (object) => ({ CIDRs: stringsAt(specOf(object), "cidrs").join(",") }),
  IPAddress: (object) => {
    const parent = mapAt(object, "spec", "parentRef")
    const group = textAt(parent, "group")
    const resource = `${textAt(parent, "resource")}${group === "" ? "" : `.${group}`}`
    const parts = [resource, textAt(parent, "namespace"), textAt(parent, "name")].filter((part) => part !== "")
    return { ParentRef: parts.join("/") }
  },
}

function serviceRow(service: KubeObject): Row {
  const spec = specOf(service)
  return {
    Type: textAt(spec, "type"),
    "Cluster-IP": textAt(spec, "clusterIP") || none,
    "External-IP": externalText(spec, statusOf(service)),
    "Port(s)": listAt(spec, "ports").map(portText).join(",") || none,
    Selector: labelsText(spec["selector"]),
  }
}

function portText(port: Fields): string {
  const nodePort = numberAt(port, "nodePort")
  return `${numberAt(port, "port")}${nodePort === 0 ? "" : `:${nodePort}`}/${textAt(port, "protocol")}`
}

function externalText(spec: Fields, status: Fields): string {
  const type = textAt(spec, "type")
  if (type === "ExternalName") return textAt(spec, "externalName")
  const own = stringsAt(spec, "externalIPs").join(",")
  if (type !== "LoadBalancer") return own || none
  const balancer = balancerText(status)
  return [balancer, own].filter((text) => text !== "").join(",") || "<pending>"
}

function balancerText(status: Fields): string {
  const entries = listAt(mapAt(status, "loadBalancer"), "ingress")
  const texts = entries.map((entry) => textAt(entry, "ip") || textAt(entry, "hostname"))
  return [...new Set(texts.filter((text) => text !== ""))].sort().join(",")
}

function endpointsText(subsets: readonly Fields[]): string {
  const all = subsets.flatMap((subset) => {
    const addresses = listAt(subset, "addresses").map((address) => textAt(address, "ip"))
    const ports = listAt(subset, "ports")
    if (ports.length === 0) return addresses
    return ports.flatMap((port) => addresses.map((ip) => `${ip.includes(":") ? `[${ip}]` : ip}:${port["port"]}`))
  })
  return firstOf(all, 3) || none
}
