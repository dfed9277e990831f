import { dirname, resolve } from "node:path"
import { type Api, type Cluster, SqliteStorage, startCluster, tokenLogin, type User } from "../apiserver/mod.ts"
import { type Logger, OrkError, type Transport } from "../base/mod.ts"
import { parseYaml, yamlText } from "../katalog/mod.ts"
import { type Connection, connectTo } from "../runtime/mod.ts"
import { type Listener, listen } from "../server/mod.ts"
import {
  keptIdentity,
  kubeconfigOf,
  type LocalIdentity,
  localContext,
  mergedKubeconfig,
  newIdentity,
} from "./local-identity.ts"
import { webhookSender } from "./local-webhooks.ts"
import type { Parsed } from "./parse.ts"
import type { Terminal } from "./terminal.ts"

/** How a local cluster is wanted. */
export interface LocalOptions {
  /** The folder that keeps everything; without it all is gone at the end. */
  readonly data: string | undefined
  /** Where it listens on 127.0.0.1; 0 takes a free port. */
  readonly port: number
  readonly pretend: boolean
  /** True: roles and bindings decide about requests. */
  readonly enforceRbac: boolean
  /** True: the user's own kubeconfig gets its context too. */
  readonly merges: boolean
}

/** An API server of one's own, served on loopback. Dispose it to stop it and to remove what was temporary. */
export interface LocalCluster extends AsyncDisposable {
  readonly url: string
  /** The path of its kubeconfig. */
  readonly kubeconfig: string
  readonly api: Api
  /** A connection that stays in the process. */
  connect(log: Logger): Connection
}

/** Longer bodies than the server takes, so that the server itself can say no. */
const bodyBytesMax = 16 * 1024 * 1024

/** The flags of a local cluster, as `ork run --local` and `ork cluster` take them. */
export function localOptions(parsed: Parsed, port: number): LocalOptions {
  return {
    data: parsed.text("data"),
    port,
    pretend: !parsed.has("no-pretend"),
    enforceRbac: parsed.has("enforce-rbac"),
    merges: parsed.has("merge-kubeconfig"),
  }
}

/** Starts a cluster: its folder, its certificate, its API server, its kubeconfig. */
export async function startLocalCluster(terminal: Terminal, options: LocalOptions, log: Logger): Promise<LocalCluster> {
  const { disk } = terminal
  const { data } = options
  if (data !== undefined) disk.makeFolder(data)
  const folder = data === undefined ? disk.temporaryFolder() : resolve(data)
  await using undo = new AsyncDisposableStack()
  if (data === undefined) undo.defer(() => disk.removeFolder(folder))
  const storage = data === undefined ? undefined : new SqliteStorage({ folder, pid: terminal.pid })
  // The cluster closes it; until there is one, a failure does.
  const closing = storage && undo.adopt(storage, (one) => one.close())
  const identity = data === undefined ? newIdentity(terminal.clock) : keptIdentity(terminal, folder)
  const users = usersOf(identity)
  const door = openDoor(identity, options.port)
  undo.defer(() => door.listener.stop({ cutOff: true }))
  const cluster = await startCluster(
    { clock: terminal.clock, random: terminal.random, log },
    {
      ...{ pretend: options.pretend, authority: identity.authority, port: door.listener.port, parseYaml: yamlValue },
      ...{ webhooks: webhookSender(terminal.clock), enforceRbac: options.enforceRbac },
      userOf: (token) => users.get(token),
      secret: identity.token,
      ...(closing ? { storage: closing } : {}),
    },
  )
  undo.defer(() => cluster.close())
  door.open(cluster)
  const config = kubeconfigOf(door.listener.url, identity)
  const kubeconfig = `${folder}/kubeconfig`
  disk.writePrivate(kubeconfig, yamlText(config, "block"))
  if (options.merges) mergeKubeconfig(terminal, config)
  const held = undo.move()
  return {
    url: door.listener.url,
    kubeconfig,
    api: cluster.api,
    connect: (log) => connection(terminal, cluster, { server: door.listener.url, log }),
    [Symbol.asyncDispose]: () => held.disposeAsync(),
  }
}

interface Door {
  readonly listener: Listener
  /** Lets the requests in that have waited so far. */
  open(cluster: Cluster): void
}

/** Who may log in, by token. */
function usersOf({ token }: LocalIdentity): ReadonlyMap<string, User> {
  return new Map([[token, { name: "kubernetes-admin", groups: ["system:masters", "system:authenticated"] }]])
}

/** Listens before there is a cluster: it must know its own port. */
function openDoor(identity: LocalIdentity, port: number): Door {
  const { promise, resolve: open } = Promise.withResolvers<Cluster>()
  const app: Transport = async (request) => {
    const cluster = await promise
    const user = tokenLogin({ get: cluster.userOf })(request)
    return user instanceof Response ? user : await cluster.fetch(request, user)
  }
  const isStream = ({ url }: Request) => /[?&](?:watch=(?:true|1)|follow=(?:true|1))/.test(url)
  const tls = { certificate: identity.certificate, key: identity.key }
  return { listener: listen(app, { hostname: "127.0.0.1", port, tls, bodyBytesMax, isStream }), open }
}

function connection(
  { clock, random, version }: Terminal,
  cluster: Cluster,
  { server, log }: { readonly server: string; readonly log: Logger },
): Connection {
  const transport: Transport = async (request) => {
    request.signal.throwIfAborted()
    return await cluster.transport(request)
  }
  const names = { server, context: localContext, user: "kubernetes-admin", namespace: "default" }
  return connectTo(transport, names, { deps: { clock, random, log }, options: { version } })
}

function yamlValue(text: string): unknown {
  const { documents, diagnostics } = parseYaml({ path: "the body", text })
  const [problem] = diagnostics
  if (problem) throw new OrkError("api/bad-request", problem.message)
  return documents[0]?.data
}

/** Adds the context to the kubeconfig that kubectl would use. */
function mergeKubeconfig(terminal: Terminal, config: Readonly<Record<string, unknown>>): void {
  const { env, home, files, disk } = terminal
  const named = env["KUBECONFIG"]?.split(":").find((path) => path !== "")
  const path = named ?? (home === undefined ? undefined : `${home}/.kube/config`)
  if (path === undefined) throw new OrkError("config/kubeconfig", "--merge-kubeconfig: there is no home folder")
  const before = files.kind(path) === "file" ? yamlValue(files.read(path)) : undefined
  disk.makeFolder(dirname(path))
  disk.writePrivate(path, yamlText(mergedKubeconfig(before, config), "block"))
}
