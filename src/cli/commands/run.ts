import { type Diagnostic, type Logger, OrkError, plural, Scope, type Transport } from "../../base/mod.ts"
import { type CrdSpec, readManifests } from "../../katalog/mod.ts"
import { type KubeObject, shortenName } from "../../kube/mod.ts"
import { applySetup, Manager } from "../../manager/mod.ts"
import { type Connection, prometheusMetrics, readLease } from "../../runtime/mod.ts"
import { createApp, createProbeApp, type Listener, listen } from "../../server/mod.ts"
import type { Command } from "../command.ts"
import { exit, UsageError } from "../exit.ts"
import { type Compiled, compileKatalogs, katalogPaths } from "../katalog.ts"
import { terminalLogger } from "../logger.ts"
import type { Parsed } from "../parse.ts"
import { clusterConnection, untilReachable } from "../presets.ts"
import { countDiagnostics, printDiagnostics } from "../print.ts"
import type { Terminal } from "../terminal.ts"
import { runSpec } from "./run-spec.ts"
import { announce } from "./run-watch.ts"

const portMax = 65_535
const defaultPort = 8080

/** `ork run`: the Katalogs become running operators, until the user asks to stop. */
export const run: Command = {
  spec: runSpec,
  async run(terminal, parsed) {
    const port = parsed.number("port", portMax) ?? defaultPort
    const probePort = parsed.number("probe-port", portMax)
    const log = terminalLogger({
      format: parsed.text("log-format") === "json" ? "json" : "text",
      verbose: parsed.has("verbose"),
      colour: terminal.errColour,
      clock: terminal.clock,
      write: (line) => terminal.err(line),
    })
    const compiled = compileKatalogs(terminal, katalogPaths(parsed))
    const files = readFiles(terminal, compiled)
    const diagnostics = [...compiled.diagnostics, ...files.diagnostics]
    if (!compiled.plan || files.diagnostics.length > 0) {
      terminal.err(
        `${printDiagnostics(diagnostics, "text")}\n✗ ${countDiagnostics(diagnostics)}; nothing was touched\n`,
      )
      return exit.katalog
    }
    const shown = diagnostics.filter((diagnostic) => diagnostic.severity === "warning")
    if (shown.length > 0) terminal.err(`${printDiagnostics(shown, "text")}\n`)
    using connection = await clusterConnection(terminal, parsed, log)
    const { context, server, user } = connection
    const operators = plural(compiled.plan.operators.length, "operator")
    log.info(`Katalog ${compiled.plan.katalog}, ${operators}; context ${context}, server ${server}`, { user })
    await untilReachable(terminal, connection, { log, signal: terminal.signal })
    const session: Session = { terminal, parsed, log, connection, compiled, plan: compiled.plan }
    await refuseBesideLiveLease(session)
    await applyFiles(session, files.groups)
    await runManager(session, { port, probePort })
    return exit.fine
  },
}

interface Session {
  readonly terminal: Terminal
  readonly parsed: Parsed
  readonly log: Logger
  readonly connection: Connection
  readonly compiled: Compiled
  readonly plan: NonNullable<Compiled["plan"]>
}

function inCluster(terminal: Terminal): boolean {
  return terminal.env["KUBERNETES_SERVICE_HOST"] !== undefined
}

function namespaceOf({ parsed, connection }: Session): string {
  return parsed.text("namespace") ?? connection.namespace
}

function electionWanted({ parsed, terminal }: Session): boolean {
  const said = parsed.text("leader-election")
  return said === undefined ? inCluster(terminal) : said === "on"
}

function leaseNameOf(session: Session): string {
  return shortenName(`ork-${session.plan.katalog}`, 63)
}

/** Without election two processes would both write: a laptop stays out of the way of a running installation. */
async function refuseBesideLiveLease(session: Session): Promise<void> {
  const { connection, terminal, parsed } = session
  if (electionWanted(session) || parsed.has("takeover")) return
  const lease = { namespace: namespaceOf(session), name: leaseNameOf(session) }
  const found = await readLease({ client: connection.client, clock: terminal.clock }, lease, terminal.signal)
  if (!found?.live) return
  const where = `Lease/${lease.namespace}/${lease.name}`
  throw new OrkError(
    "config/lease",
    `${where} is held by ${found.holder}: this Katalog already runs; stop it, join it with --leader-election on, or use --takeover`,
  )
}

interface FileGroup {
  readonly kind: "setup" | "crdFile" | "crFiles"
  readonly path: string
  readonly objects: readonly KubeObject[]
}

/** Everything that entries name beside their CRD: all `setup` first, then CRDs, then sample CRs. */
function readFiles(
  terminal: Terminal,
  compiled: Compiled,
): { readonly groups: readonly FileGroup[]; readonly diagnostics: readonly Diagnostic[] } {
  const diagnostics: Diagnostic[] = []
  const crds = compiled.specs.flatMap((spec) => spec.crds.filter((crd) => crd.enabled))
  const read = (kind: FileGroup["kind"], refs: CrdSpec["setup"]): FileGroup[] =>
    refs.flatMap((ref) => {
      const manifests = readManifests(terminal.files, ref)
      if (manifests.ok) return [{ kind, path: ref.written, objects: manifests.value }]
      diagnostics.push(...manifests.error)
      return []
    })
  const definition = ({ crd }: CrdSpec): FileGroup[] =>
    crd ? [{ kind: "crdFile", path: crd.file.written, objects: [crd.object] }] : []
  const groups = [
    ...crds.flatMap((crd) => read("setup", crd.setup)),
    ...crds.flatMap(definition),
    ...crds.flatMap((crd) => read("crFiles", crd.crFiles)),
  ]
  return { groups, diagnostics }
}

async function applyFiles(session: Session, groups: readonly FileGroup[]): Promise<void> {
  const { terminal, parsed, connection, log } = session
  if (parsed.has("no-apply") || (inCluster(terminal) && !parsed.has("apply"))) {
    if (groups.length > 0) log.info("setup, crdFile and crFiles are left alone; --apply applies them")
    return
  }
  const { clock, signal } = terminal
  const deps = { client: connection.client, discovery: connection.discovery, clock, log }
  const crds = groups.filter((group) => group.kind === "crdFile").flatMap((group) => group.objects)
  for (const group of groups) {
    for (const object of group.objects) {
      const result = await applySetup(deps, object, { namespace: namespaceOf(session), crds, signal })
      const line = `${result.verb} ${result.object}`
      if (result.verb === "left")
        log.warn(`left alone: ${result.object}`, { changedBy: result.detail, file: group.path })
      else log[result.verb === "unchanged" ? "debug" : "info"](line, { file: group.path })
    }
  }
}

async function runManager(
  session: Session,
  ports: { readonly port: number; readonly probePort: number | undefined },
): Promise<void> {
  const { terminal, connection, compiled, plan, log } = session
  const { clock, random, signal } = terminal
  const [first] = compiled.specs
  const deps = {
    clock,
    random,
    log,
    metrics: prometheusMetrics(),
    client: connection.client,
    discovery: connection.discovery,
  }
  const manager = new Manager(deps, plan, {
    identity: `${terminal.hostname}_${terminal.pid}_${Math.floor(random.next() * 0x100000000).toString(36)}`,
    version: terminal.version,
    inCluster: inCluster(terminal),
    namespace: namespaceOf(session),
    leaseName: electionWanted(session) ? leaseNameOf(session) : undefined,
    documents: { raw: compiled.katalogs.map((katalog) => katalog.raw), enriched: compiled.specs },
    katalog: {
      name: plan.katalog,
      version: first?.metadata.version,
      namespace: first?.metadata.namespace ?? "default",
    },
  })
  const listeners = listenAll(manager, { ...ports, log })
  const watching = new Scope({ log }, { parent: signal })
  watching.run("announce", (inner) => announce(manager, { log, url: listeners.url, signal: inner }))
  try {
    await manager.run(signal)
  } finally {
    await watching.stop()
    await listeners.stop()
    log.info("stopped")
  }
}

function listenAll(
  manager: Manager,
  options: { readonly port: number; readonly probePort: number | undefined; readonly log: Logger },
): { readonly url: string; stop(): Promise<void> } {
  const hostname = "127.0.0.1"
  const { log, port, probePort } = options
  const open: Listener[] = []
  const serve = (app: Transport, at: number, flag: string) => {
    const listener = listen(app, { hostname, port: at, flag })
    open.push(listener)
    return listener.url
  }
  if (probePort !== undefined && probePort === port && port !== 0) {
    throw new UsageError(`--probe-port and --port are both ${port}; give the probes another one`)
  }
  const url = serve(createApp(manager.view, { log }), port, "--port")
  if (probePort !== undefined) serve(createProbeApp(manager.view, { log }), probePort, "--probe-port")
  return { url, stop: async () => void (await Promise.all(open.map((listener) => listener.stop()))) }
}
