import { delimiter, dirname, isAbsolute, join } from "node:path"
// Not config.js: with it come all API types and four login libraries, 7 MiB of heap that stay for good.
import {
  type Cluster,
  type Context,
  newClusters,
  newContexts,
  newUsers,
  type User,
} from "@kubernetes/client-node/dist/config_types.js"
import { type Clock, didYouMean, type FileSystem, isOrkError, messageOf, OrkError } from "../../base/mod.ts"
import { isRecord } from "../../kube/mod.ts"
import { type CredentialSources, credentials, type TextSource } from "./credentials.ts"
import type { Endpoint } from "./endpoint.ts"
import type { ExecSpec } from "./exec-plugin.ts"

/** The ports of the loader. */
export interface KubeconfigDeps {
  readonly clock: Clock
  readonly files: FileSystem
}

/** Where to look, and for which context. */
export interface KubeconfigOptions {
  /** One file, instead of KUBECONFIG and the home folder. */
  readonly path?: string | undefined
  /** Instead of the current context. */
  readonly context?: string | undefined
  /** The process's environment: KUBECONFIG, KUBERNETES_SERVICE_HOST and _PORT; plugins get all of it. */
  readonly env: Readonly<Record<string, string | undefined>>
  readonly home: string | undefined
  readonly inClusterFolder?: string
}

/**
 * The endpoint that kubectl would use: the file given, else the files in KUBECONFIG merged (the first to name a thing
 * wins), else `~/.kube/config`, else the Pod's service account. Throws `OrkError` "config/kubeconfig".
 */
export async function loadKubeconfig(deps: KubeconfigDeps, options: KubeconfigOptions): Promise<Endpoint> {
  const paths = kubeconfigPaths(deps.files, options)
  if (paths.length === 0) return inCluster(deps, options)
  const parsed = paths.map((path) => parse(path, deps.files))
  const merged: Parsed = {
    currentContext: parsed.find((p) => p.currentContext)?.currentContext,
    contexts: parsed.flatMap((p) => p.contexts),
    clusters: parsed.flatMap((p) => p.clusters),
    users: parsed.flatMap((p) => p.users),
  }
  return endpointOf(deps, merged, { ...options, where: paths.join(delimiter) })
}

/** client-node's user, and what it drops. */
interface WholeUser extends User {
  readonly folder: string
  readonly tokenFile: string | undefined
  readonly unsupported: readonly string[]
}

interface Parsed {
  readonly currentContext: string | undefined
  readonly contexts: readonly Context[]
  readonly clusters: readonly Cluster[]
  readonly users: readonly WholeUser[]
}

function kubeconfigPaths(files: FileSystem, options: KubeconfigOptions): readonly string[] {
  if (options.path) return [options.path]
  const named = (options.env["KUBECONFIG"] ?? "").split(delimiter).filter((path) => path !== "")
  const found = named.filter((path) => files.kind(path) === "file")
  if (named.length > 0 && found.length === 0) {
    throw problem(named.join(delimiter), "no such file; correct KUBECONFIG")
  }
  if (found.length > 0) return found
  const standard = options.home === undefined ? undefined : join(options.home, ".kube", "config")
  return standard !== undefined && files.kind(standard) === "file" ? [standard] : []
}

function parse(path: string, files: FileSystem): Parsed {
  try {
    const document: unknown = Bun.YAML.parse(files.read(path))
    if (!isRecord(document)) throw new Error("it holds no clusters, contexts and users")
    const folder = dirname(path)
    const at = (file: string | undefined) => (file ? absolute(folder, file) : "")
    const users = newUsers(document["users"]).map((user) => {
      const files = { certFile: at(user.certFile), keyFile: at(user.keyFile) }
      return { ...user, ...files, ...droppedFields(document["users"], user.name), folder }
    })
    const clusters = newClusters(document["clusters"]).map((cluster) => ({ ...cluster, caFile: at(cluster.caFile) }))
    const current = document["current-context"]
    const currentContext = typeof current === "string" ? current : undefined
    return { currentContext, contexts: newContexts(document["contexts"]), clusters, users }
  } catch (error) {
    if (isOrkError(error)) throw new OrkError("config/kubeconfig", error.message, error.context, { cause: error })
    // The first line only: a parser's further lines quote the file, secrets included.
    throw problem(path, `not a kubeconfig: ${messageOf(error).split("\n", 1)[0]}`)
  }
}

/** client-node does not keep `tokenFile` and the finer ways of impersonation. */
function droppedFields(all: unknown, name: string): Pick<WholeUser, "tokenFile" | "unsupported"> {
  const users = Array.isArray(all) ? all.filter(isRecord) : []
  const user = users.find((entry) => entry["name"] === name)?.["user"]
  if (!isRecord(user)) return { tokenFile: undefined, unsupported: [] }
  const { tokenFile } = user
  return {
    tokenFile: typeof tokenFile === "string" ? tokenFile : undefined,
    unsupported: ["as-uid", "as-groups", "as-user-extra", "auth-provider"].filter((field) => user[field] !== undefined),
  }
}

function endpointOf(
  deps: KubeconfigDeps,
  config: Parsed,
  options: KubeconfigOptions & { readonly where: string },
): Endpoint {
  const { where } = options
  const context = pickContext(config, options.context, where)
  const cluster = config.clusters.find((c) => c.name === context.cluster)
  if (!cluster) throw problem(where, `context "${context.name}" names cluster "${context.cluster}", which is not in it`)
  const user = config.users.find((u) => u.name === context.user)
  if (!user && context.user) {
    throw problem(where, `context "${context.name}" names user "${context.user}", which is not in it`)
  }
  if (user && user.unsupported.length > 0) {
    throw problem(where, `user "${user.name}" has ${user.unsupported[0]}, which is not supported`)
  }
  const sources = sourcesOf({ cluster, user, where, env: options.env })
  return {
    context: context.name,
    server: serverUrl(cluster.server, where),
    namespace: context.namespace || undefined,
    user: user?.name ?? "",
    serverName: cluster.tlsServerName || undefined,
    insecure: cluster.skipTLSVerify,
    proxy: proxyOf(cluster, where),
    renewable: sources.exec !== undefined || (sources.token !== undefined && "file" in sources.token),
    material: credentials(deps, sources),
  }
}

function pickContext(config: Parsed, asked: string | undefined, where: string): Context {
  const names = config.contexts.map((c) => c.name)
  const name = asked || config.currentContext
  const list = names.length === 0 ? "it has none" : `it has ${names.join(", ")}`
  if (!name) throw problem(where, `no current context; name one with --context: ${list}`)
  const found = config.contexts.find((c) => c.name === name)
  if (found) return found
  const meant = didYouMean(name, names)
  throw problem(where, `no context "${name}"${meant ? `, did you mean "${meant}"?` : ""}; ${list}`)
}

function serverUrl(server: string, where: string): string {
  const url = URL.canParse(server) ? new URL(server) : undefined
  if (url?.protocol === "https:" || url?.protocol === "http:") return server.replace(/\/+$/, "")
  throw problem(where, `"${server}" is not the address of a server; write https://host:port`)
}

function proxyOf(cluster: Cluster, where: string): string | undefined {
  const proxy = cluster.proxyUrl
  if (!proxy) return undefined
  if (/^https?:\/\//.test(proxy)) return proxy
  throw problem(where, `cluster "${cluster.name}" has a proxy-url that is not http or https; others are not supported`)
}

interface SourcesInput {
  readonly cluster: Cluster
  readonly user: WholeUser | undefined
  readonly where: string
  readonly env: KubeconfigOptions["env"]
}

function sourcesOf(input: SourcesInput): CredentialSources {
  const { cluster, user, where } = input
  const tokenFile = user?.tokenFile ? absolute(user.folder, user.tokenFile) : undefined
  return {
    subject: `${where}: user "${user?.name ?? ""}"`,
    ca: cluster.skipTLSVerify ? undefined : source(cluster.caFile, cluster.caData),
    cert: source(user?.certFile, user?.certData),
    key: source(user?.keyFile, user?.keyData),
    token: tokenFile ? { file: tokenFile } : user?.token ? { text: user.token } : undefined,
    basic: user?.username ? { username: user.username, password: user.password ?? "" } : undefined,
    exec: user?.exec ? execSpec(input, user, user.exec) : undefined,
    headers: user?.impersonateUser ? { "impersonate-user": user.impersonateUser } : {},
  }
}

/** Inline data wins over a file, as in kubectl. */
function source(file: string | undefined, base64: string | undefined): TextSource | undefined {
  if (base64) return { text: Buffer.from(base64, "base64").toString("utf8") }
  return file ? { file } : undefined
}

function execSpec({ cluster, where, env }: SourcesInput, user: WholeUser, exec: unknown): ExecSpec {
  const subject = `${where}: user "${user.name}"`
  if (!isRecord(exec) || typeof exec["command"] !== "string" || typeof exec["apiVersion"] !== "string") {
    throw new OrkError("config/kubeconfig", `${subject}: exec needs a command and an apiVersion`)
  }
  const { command, apiVersion, args, env: extra, installHint } = exec
  if (exec["interactiveMode"] === "Always") {
    throw new OrkError(
      "config/kubeconfig",
      `${subject}: exec plugin "${command}" needs a terminal; use one that does not`,
    )
  }
  const environment = Object.entries(env).flatMap(([k, v]) => (v === undefined ? [] : [[k, v] as const]))
  const extras = Array.isArray(extra)
    ? extra.filter(isRecord).map((e) => [String(e["name"]), String(e["value"])] as const)
    : []
  return {
    subject: `${subject}: exec plugin "${command}"`,
    // As in kubectl, a relative path starts at the file that names it; a bare name is looked up in PATH.
    command: command.includes("/") ? absolute(user.folder, command) : command,
    args: Array.isArray(args) ? args.map(String) : [],
    env: Object.fromEntries([...environment, ...extras]),
    apiVersion,
    installHint: typeof installHint === "string" ? installHint : undefined,
    cluster: exec["provideClusterInfo"] === true ? clusterInfo(cluster) : undefined,
  }
}

function clusterInfo(cluster: Cluster): Readonly<Record<string, unknown>> {
  return {
    server: cluster.server,
    "tls-server-name": cluster.tlsServerName,
    "insecure-skip-tls-verify": cluster.skipTLSVerify || undefined,
    "certificate-authority-data": cluster.caData,
    "proxy-url": cluster.proxyUrl,
  }
}

function inCluster(deps: KubeconfigDeps, options: KubeconfigOptions): Endpoint {
  const { files } = deps
  const folder = options.inClusterFolder ?? "/var/run/secrets/kubernetes.io/serviceaccount"
  const host = options.env["KUBERNETES_SERVICE_HOST"]
  const port = options.env["KUBERNETES_SERVICE_PORT"] ?? "443"
  const token = join(folder, "token")
  if (!host || files.kind(token) !== "file") {
    const looked = options.home === undefined ? "~/.kube/config" : join(options.home, ".kube", "config")
    throw problem(looked, "no such file; name a kubeconfig with --kubeconfig or KUBECONFIG")
  }
  if (options.context) throw problem(folder, `a service account has no context "${options.context}"; name a kubeconfig`)
  const namespaceFile = join(folder, "namespace")
  return {
    context: "in-cluster",
    server: `https://${host.includes(":") ? `[${host}]` : host}:${port}`,
    namespace: files.kind(namespaceFile) === "file" ? files.read(namespaceFile).trim() : undefined,
    user: "service account",
    serverName: undefined,
    insecure: false,
    proxy: undefined,
    renewable: true,
    material: credentials(deps, {
      subject: "service account",
      ca: { file: join(folder, "ca.crt") },
      cert: undefined,
      key: undefined,
      token: { file: token },
      basic: undefined,
      exec: undefined,
      headers: {},
    }),
  }
}

function absolute(folder: string, path: string): string {
  return isAbsolute(path) ? path : join(folder, path)
}

function problem(where: string, what: string): OrkError {
  return new OrkError("config/kubeconfig", `${where}: ${what}`, { path: where })
}
