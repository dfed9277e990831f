import type { Run } from "../run.ts"
import { field } from "../values.ts"
import { str } from "./convert.ts"
import { Family } from "./define.ts"
import { commas, listAt, nameOf, numberAt, textAt } from "./reading.ts"

const first = { piped: "first" } as const

const services = new Family("service")
services.fixed("serviceClusterIP(object) string", "the address in the cluster", (run, o) =>
  textAt(run, o, ["spec", "clusterIP"]),
)
services.fixed(
  "serviceNodePort(object, name?) number",
  "the node port of the first port, or of the port of this name; 0 when there is none",
  (run, o, name) => {
    const all = listAt(o, "spec", "ports")
    const port = name === undefined ? all[0] : all.find((one) => field(one, "name") === str(run, name))
    return numberAt(port, "nodePort")
  },
  first,
)
services.fixed("serviceLoadBalancerIP(object) string", "the first address of the load balancer", (run, o) =>
  textAt(run, loadBalancer(o)[0], ["ip"]),
)
services.fixed("serviceLoadBalancerHost(object) string", "the first host name of the load balancer", (run, o) =>
  textAt(run, loadBalancer(o)[0], ["hostname"]),
)
services.fixed(
  "endpointsReady(object) bool",
  "whether an endpoint is ready; of an Endpoints object, or of a Service with enrich: [endpoints]",
  (_, o) =>
    endpoints(o).some((one) => field(one, "ready") !== false) ||
    listAt(o, "subsets").some((subset) => listAt(subset, "addresses").length > 0),
)
services.fixed(
  "hasEndpoints(object) bool",
  "whether the Service has endpoints; needs enrich: [endpoints]",
  (_, o) => endpoints(o).length > 0,
)
services.fixed(
  "serviceEndpoints(object) string",
  "its endpoints as ip:port, with commas between them; needs enrich: [endpoints]",
  (run, o) =>
    commas(
      run,
      endpoints(o).map((one) => endpointText(run, one)),
    ),
)
services.fixed(
  "serviceEndpointCount(object) number",
  "how many endpoints it has; needs enrich: [endpoints]",
  (_, o) => endpoints(o).length,
)
services.fixed(
  "serviceFirstEndpoint(object) string",
  "its first endpoint as ip:port; needs enrich: [endpoints]",
  (run, o) => endpointText(run, endpoints(o)[0]),
)
services.fixed(
  "backingPodCount(object) number",
  "how many pods are behind it; needs enrich: [backingpods]",
  (_, o) => listAt(o, "_backingPods").length,
)
services.fixed(
  "backingPodNames(object) string",
  "the names of the pods behind it, with commas between them; needs enrich: [backingpods]",
  (run, o) =>
    commas(
      run,
      listAt(o, "_backingPods").map((pod) => nameOf(run, pod)),
    ),
)

function loadBalancer(object: unknown): readonly unknown[] {
  return listAt(object, "status", "loadBalancer", "ingress")
}

function endpoints(object: unknown): readonly unknown[] {
  return listAt(object, "_endpoints")
}

function endpointText(run: Run, endpoint: unknown): string {
  const ip = textAt(run, endpoint, ["ip"])
  const port = textAt(run, endpoint, ["port"])
  return port === "" ? ip : `${ip.includes(":") ? `[${ip}]` : ip}:${port}`
}

/** Functions on Services. */
export const service = services.defs

const ingresses = new Family("ingress")
ingresses.fixed("ingressReady(object) bool", "whether it has an address", (run, o) => addresses(run, o).length > 0)
ingresses.fixed("ingressIP(object) string", "its first address", (run, o) => textAt(run, loadBalancer(o)[0], ["ip"]))
ingresses.fixed("ingressHost(object) string", "the host of its first rule", (run, o) =>
  textAt(run, listAt(o, "spec", "rules")[0], ["host"]),
)
ingresses.fixed("ingressClassName(object) string", "its class", (run, o) =>
  textAt(run, o, ["spec", "ingressClassName"]),
)
ingresses.fixed("ingressRules(object) string", "the hosts of its rules, with commas between them", (run, o) =>
  commas(
    run,
    listAt(o, "spec", "rules").map((rule) => textAt(run, rule, ["host"])),
  ),
)
ingresses.fixed("ingressTLSHosts(object) string", "the hosts with TLS, with commas between them", (run, o) =>
  commas(
    run,
    listAt(o, "spec", "tls").flatMap((tls) => listAt(tls, "hosts").map((host) => str(run, host))),
  ),
)
ingresses.fixed(
  "ingressLoadBalancerIPs(object) string",
  "all addresses and host names, with commas between them",
  (run, o) => commas(run, addresses(run, o)),
)
ingresses.fixed(
  "ingressTLSSecretCount(object) number",
  "how many of its TLS secrets exist with enrich: [ingress], else how many it names",
  (_, o) =>
    field(o, "_tlsSecrets") === undefined
      ? listAt(o, "spec", "tls").filter((tls) => field(tls, "secretName") !== undefined).length
      : listAt(o, "_tlsSecrets").length,
)

function addresses(run: Run, object: unknown): readonly string[] {
  const enriched = listAt(object, "_loadBalancerIPs")
  if (enriched.length > 0) return enriched.map((one) => (typeof one === "string" ? one : textAt(run, one, ["ip"])))
  return loadBalancer(object).map((one) => textAt(run, one, ["ip"]) || textAt(run, one, ["hostname"]))
}

/** Functions on Ingresses. */
export const ingress = ingresses.defs
