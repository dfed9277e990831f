import { isOrkError, type Logger, OrkError, plural, Scope } from "../../base/mod.ts"
import { formatMatchLabels, getPath, isRecord, shortenName } from "../../kube/mod.ts"
import { leaseLabels, Manager, type ManagerOptions } from "../../manager/mod.ts"
import {
  type Connection,
  liveLeases,
  memberLabel,
  openTransport,
  prometheusMetrics,
  readLease,
} from "../../runtime/mod.ts"
import { createApp, createProbeApp, type Listener, listen } from "../../server/mod.ts"
import type { Command } from "../command.ts"
import { exit, UsageError } from "../exit.ts"
import { type Compiled, katalogPaths } from "../katalog.ts"
import type { LocalCluster } from "../local-cluster.ts"
import { terminalLogger } from "../logger.ts"
import { messageSender } from "../notify.ts"
import type { Parsed } from "../parse.ts"
import { clusterConnection, untilReachable } from "../presets.ts"
import { countDiagnostics, printDiagnostics } from "../print.ts"
import { withRemoteFiles } from "../remote-files.ts"
import { makeRoom } from "../request-ceiling.ts"
import type { Terminal } from "../terminal.ts"
import { applyFiles, type FileGroup } from "./run-files.ts"
import { followFiles, type Read, readKatalogs } from "./run-reload.ts"
import { runSpec } from "./run-spec.ts"
import { tidyAtRest } from "./run-tidy.ts"
import { announce } from "./run-watch.ts"

const portMax = 65_535
const defaultPort = 8080
const loopback = "127.0.0.1"
/** What `loadKubeconfig` calls the access of a Pod. */
const inClusterContext = "in-cluster"

/** `ork run`: the Katalogs become running operators, until the user asks to stop. */
export const run: Command = {
  spec: runSpec,
  async run(outer, parsed) {
    const paths = katalogPaths(parsed)
    const terminal = await withRemoteFiles(outer, paths)
    const port = parsed.number("port", portMax) ?? defaultPort
    const probePort = parsed.number("probe-port", portMax)
    const log = terminalLogger({
      format: parsed.text("log-format") === "json" ? "json" : "text",
      verbose: parsed.has("verbose"),
      colour: terminal.errColour,
      clock: terminal.clock,
      write: (line) => terminal.err(line),
    })
    const { read, diagnostics } = readKatalogs(terminal, paths)
    if (!read) {
      const count = countDiagnostics(diagnostics)
      terminal.err(`${printDiagnostics(diagnostics, "text")}\n✗ ${count}; nothing was touched\n`)
      return exit.katalog
    }
    const shown = diagnostics.filter((diagnostic) => diagnostic.severity === "warning")
    if (shown.length > 0) terminal.err(`${printDiagnostics(shown, "text")}\n`)
    if (!parsed.has("local")) {
      refuseLocalFlags(parsed)
      makeRoom(terminal, read.plan, { mayRestart: !paths.some(isInput), log })
    }
    const local = parsed.has("local") ? await (await runLocal()).localClusterOf(terminal, parsed, log) : undefined
    await using _ = local
    using connection = local?.connect(log) ?? (await clusterConnection(terminal, parsed, log))
    const { context, server, user } = connection
    const operators = plural(read.plan.operators.length, "operator")
    log.info(`Katalog ${read.plan.katalog}, ${operators}; context ${context}, server ${server}`, { user })
    await runSession({ terminal: outer, paths, parsed, log, connection, read, local }, { port, probePort })
    return exit.fine
  },
}

// What came through a pipe has been read: it is not there a second time.
const isInput = (path: string) => path === "-" || path.startsWith("/dev/") || path.startsWith("/proc/")

// The server inside is loaded only where it is asked for.
const runLocal = () => import("./run-local.ts")

function refuseLocalFlags(parsed: Parsed): void {
  const lost = ["data", "no-pretend", "enforce-rbac", "merge-kubeconfig"].find((flag) => parsed.has(flag))
  if (lost !== undefined) throw new UsageError(`--${lost} is for --local; add that, or leave --${lost} out`)
}

interface Session {
  readonly terminal: Terminal
  readonly parsed: Parsed
  readonly log: Logger
  readonly connection: Connection
  readonly paths: readonly string[]
  readonly read: Read
  /** The cluster inside this process, with --local. */
  readonly local: LocalCluster | undefined
}

/** A process that got its access from its Pod runs for others; one with a kubeconfig is somebody's own. */
function inCluster({ connection }: Session): boolean {
  return connection.context === inClusterContext
}

function namespaceOf({ parsed, connection }: Session): string {
  return parsed.text("namespace") ?? connection.namespace
}

function electionWanted(session: Session): boolean {
  const said = session.parsed.text("leader-election")
  return said === undefined ? inCluster(session) : said !== "off"
}

function isPerCrd({ parsed }: Session): boolean {
  return parsed.text("leader-election") === "per-crd"
}

function leaseNameOf(session: Session): string {
  return shortenName(`ork-${session.read.plan.katalog}`, 63)
}

/**
 * Without election two processes would both write: a laptop stays out of the way of a running installation. One lease
 * for all and one for each do not see each other either.
 */
async function refuseBesideLiveLease(session: Session): Promise<void> {
  const { parsed, connection, terminal } = session
  if (parsed.has("takeover")) return
  const { client } = connection
  const { clock, signal } = terminal
  const namespace = namespaceOf(session)
  const name = leaseNameOf(session)
  const labelSelector = formatMatchLabels({ ...leaseLabels(name), [memberLabel]: "true" })
  const isPlain = !electionWanted(session) || isPerCrd(session)
  const [found, members] = await Promise.all([
    isPlain ? ifAllowed(session, () => readLease({ client, clock }, { namespace, name }, signal)) : undefined,
    isPerCrd(session)
      ? undefined
      : ifAllowed(session, () => liveLeases({ client, clock }, { namespace, labelSelector, signal })),
  ])
  if (found?.live) throw alreadyRuns(`Lease/${namespace}/${name}`, found.holder, "on")
  const [other] = members ?? []
  if (other) throw alreadyRuns(`Lease/${namespace}/${other.name}`, other.holder, "per-crd")
}

function alreadyRuns(where: string, holder: string, mode: string): OrkError {
  return new OrkError(
    "config/lease",
    `${where} is held by ${holder}: this Katalog already runs; stop it, join it with --leader-election ${mode}, or use --takeover`,
  )
}

async function ifAllowed<T>({ log }: Session, read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read()
  } catch (error) {
    if (!isOrkError(error, "api/forbidden")) throw error
    log.warn("cannot tell whether this Katalog already runs elsewhere", { error: error.message })
    return undefined
  }
}

interface Ports {
  readonly port: number
  readonly probePort: number | undefined
}

/** Listens first, so that a busy port fails before anything is touched; then files, then operators. */
async function runSession(session: Session, ports: Ports): Promise<void> {
  const { terminal, log, connection } = session
  const { signal, clock } = terminal
  const manager = managerOf(session)
  const listeners = listenAll(session, manager, ports)
  const watching = new Scope({ log }, { parent: signal })
  try {
    await untilReachable(terminal, connection, { log, signal })
    // Asked in the same moment, for what comes next.
    connection.discovery.mapper({ signal }).catch(() => undefined)
    await refuseBesideLiveLease(session)
    await applyGroups(session, session.read.groups)
    if (watchWanted(session)) watching.run("files", (inner) => reload(session, manager, inner))
    watching.run("announce", (inner) => announce(manager, { log, clock, url: listeners.url, signal: inner }))
    watching.run("tidy", (inner) => tidyAtRest(manager, { clock, tidy: () => terminal.tidy(), signal: inner }))
    const { local } = session
    if (local)
      watching.run("first look", async (inner) => {
        await (await runLocal()).firstLook(manager, local, { terminal, url: listeners.url, signal: inner })
      })
    await manager.run(signal)
  } finally {
    await watching.stop()
    await listeners.stop()
    log.info("stopped")
  }
}

async function applyGroups(session: Session, groups: readonly FileGroup[]): Promise<void> {
  const { terminal, parsed, connection, log } = session
  const { clock, signal } = terminal
  if (parsed.has("no-apply") || (inCluster(session) && !parsed.has("apply"))) {
    if (groups.length > 0) log.info("setup, crdFile and crFiles are left alone; --apply applies them")
  } else await applyFiles(groups, { connection, clock, log }, { namespace: namespaceOf(session), signal })
}

// In a cluster the files are a mounted ConfigMap, which changes when it is meant to.
function watchWanted(session: Session): boolean {
  return session.parsed.has("watch") || (inCluster(session) && !session.parsed.has("no-watch"))
}

/** Keeps the manager at what the files say. A Katalog of another name would be another installation. */
async function reload(session: Session, manager: Manager, signal: AbortSignal): Promise<void> {
  const { terminal, paths, log, read: first } = session
  log.info("following the Katalog's files")
  const take = async (read: Read) => {
    if (read.plan.katalog !== first.plan.katalog) {
      log.error(`the Katalog is called ${read.plan.katalog} now, not ${first.plan.katalog}: start ork again`)
      return true
    }
    try {
      await applyGroups(session, read.groups)
    } catch (error) {
      if (!isOrkError(error) || signal.aborted) throw error
      log.error("the changed files could not be applied; what runs goes on", { error: error.message })
      return false
    }
    if (!session.local) makeRoom(terminal, read.plan, { mayRestart: false, log })
    const { added, replaced, removed, kept } = await manager.want(read.plan, shownOf(read))
    const names = { added, replaced, removed, kept }
    const told = Object.entries(names).filter(([, list]) => list.length > 0)
    log.info("the Katalog has changed", Object.fromEntries(told.map(([what, list]) => [what, list.join(", ")])))
    return true
  }
  await followFiles(terminal, paths, { log, signal, take })
}

function shownOf({ compiled, plan }: Read): Pick<ManagerOptions, "documents" | "katalog"> {
  const [first] = compiled.specs
  const crds = compiled.specs.flatMap((spec) => spec.crds.map((crd) => [crd.name, crd] as const))
  return {
    documents: {
      raw: joinedRaw(compiled),
      enriched: { metadata: { ...first?.metadata, name: plan.katalog }, spec: { crds: Object.fromEntries(crds) } },
    },
    katalog: {
      name: plan.katalog,
      version: first?.metadata.version,
      namespace: first?.metadata.namespace ?? "default",
    },
  }
}

function managerOf(session: Session): Manager {
  const { terminal, connection, read, log } = session
  const { clock, random } = terminal
  const { client, discovery } = connection
  const outside = { send: messageSender(terminal), external: openTransport() }
  const deps = { clock, random, log, metrics: metricsOf(connection), client, discovery, ...outside }
  return new Manager(deps, read.plan, {
    identity: `${terminal.hostname}_${terminal.pid}_${Math.floor(random.next() * 0x100000000).toString(36)}`,
    version: terminal.version,
    inCluster: inCluster(session),
    namespace: namespaceOf(session),
    leaseName: electionWanted(session) ? leaseNameOf(session) : undefined,
    ledgerName: leaseNameOf(session),
    perCrd: isPerCrd(session),
    ...shownOf(read),
  })
}

/** The metrics of the process; how busy the connection is, is looked up when somebody asks. */
function metricsOf({ slots }: Connection): ReturnType<typeof prometheusMetrics> {
  const metrics = prometheusMetrics()
  if (!slots) return metrics
  const text = () => {
    const { inFlight, waiting, max } = slots
    const states = { in_flight: inFlight, waiting, max }
    for (const [state, value] of Object.entries(states)) metrics.gauge("ork_client_requests", { state }, value)
    return metrics.text()
  }
  return { ...metrics, text }
}

// Several Katalogs in one process are shown as one document.
function joinedRaw(compiled: Compiled): unknown {
  const [first, ...others] = compiled.katalogs.map((katalog) => katalog.raw)
  if (others.length === 0) return first
  const crds = [first, ...others].map((raw) => getPath(raw, ["spec", "crds"]))
  return { ...(isRecord(first) ? first : {}), spec: { crds: Object.assign({}, ...crds.filter(isRecord)) } }
}

function listenAll(
  session: Session,
  manager: Manager,
  { port, probePort }: Ports,
): { readonly url: string; stop(): Promise<void> } {
  const { log } = session
  if (probePort !== undefined && probePort === port && port !== 0) {
    throw new UsageError(`--probe-port and --port are both ${port}; give the probes another one`)
  }
  const api = listen(createApp(manager.view, { log }), { hostname: loopback, port })
  const open: Listener[] = [api]
  if (probePort !== undefined) {
    // Only the kubelet asks for probes in a Pod, and it comes from outside.
    const hostname = inCluster(session) ? "0.0.0.0" : loopback
    open.push(listen(createProbeApp(manager.view, { log }), { hostname, port: probePort, flag: "--probe-port" }))
  }
  return { url: api.url, stop: async () => void (await Promise.all(open.map((listener) => listener.stop()))) }
}
