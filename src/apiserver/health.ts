import { type ApiDocument, textDocument } from "./document.ts"

/** What starts with a real server, in the order in which it tells. */
const hooks = [
  "start-apiserver-admission-initializer",
  "generic-apiserver-start-informers",
  "priority-and-fairness-config-consumer",
  "priority-and-fairness-filter",
  "storage-object-count-tracker-hook",
  "start-apiextensions-informers",
  "start-apiextensions-controllers",
  "crd-informer-synced",
  "start-system-namespaces-controller",
  "peer-endpoint-reconciler-controller",
  "start-cluster-authentication-info-controller",
  "start-kube-apiserver-identity-lease-controller",
  "start-kube-apiserver-identity-lease-garbage-collector",
  "storage-readiness",
  "start-legacy-token-tracking-controller",
  "start-service-ip-repair-controllers",
  "rbac/bootstrap-roles",
  "scheduling/bootstrap-system-priority-classes",
  "priority-and-fairness-config-producer",
  "bootstrap-controller",
  "start-kubernetes-service-cidr-controller",
  "start-kube-aggregator-informers",
  "apiservice-status-local-available-controller",
  "apiservice-status-remote-available-controller",
  "apiservice-registration-controller",
  "apiservice-discovery-controller",
  "kube-apiserver-autoregistration",
].map((name) => `poststarthook/${name}`)

const last = [
  "autoregister-completion",
  "poststarthook/apiservice-openapi-controller",
  "poststarthook/apiservice-openapiv3-controller",
]
const alive = ["ping", "log", "loopback-serving-certificate", "etcd", ...hooks, ...last]

/** The checks of each address, by name. */
const checks: Readonly<Record<string, readonly string[]>> = {
  healthz: alive,
  livez: alive,
  readyz: ["ping", "log", "etcd", "etcd-readiness", "informer-sync", ...hooks, ...last, "shutdown"],
}

/** All addresses that tell about health. */
export function healthPaths(): readonly string[] {
  return Object.entries(checks).flatMap(([name, own]) => [`/${name}`, ...own.map((check) => `/${name}/${check}`)])
}

/** What a server that runs says about its health; undefined for another path. */
export function healthDocument(path: string, query: URLSearchParams): ApiDocument | undefined {
  const [, name = "", check] = /^\/(\w+)(?:\/(.+))?$/.exec(path) ?? []
  const own = Object.hasOwn(checks, name) ? checks[name] : undefined
  if (own === undefined) return undefined
  if (check !== undefined) return own.includes(check) ? textDocument("ok") : undefined
  if (!query.has("verbose")) return textDocument("ok")
  const without = new Set(query.getAll("exclude"))
  const lines = own.map((one) => `[+]${one} ${without.has(one) ? "excluded: ok" : "ok"}\n`)
  const strange = [...without].filter((one) => !own.includes(one)).map((one) => JSON.stringify(one))
  const warning =
    strange.length === 0 ? "" : `warn: some health checks cannot be excluded: no matches for ${strange.join(", ")}\n`
  return textDocument(`${lines.join("")}${warning}${name} check passed\n`)
}
