import { type Clock, isOrkError, type Logger, OrkError, plural } from "../../base/mod.ts"
import { shortenName } from "../../kube/mod.ts"
import { type Drained, type DrainReport, drain as drainAll, leaseLabels } from "../../manager/mod.ts"
import { type Connection, type LiveLease, liveLeases } from "../../runtime/mod.ts"
import type { Command } from "../command.ts"
import { exit, UsageError } from "../exit.ts"
import { type Compiled, compileKatalogs, katalogPaths } from "../katalog.ts"
import { terminalLogger } from "../logger.ts"
import type { Parsed } from "../parse.ts"
import { clusterConnection } from "../presets.ts"
import { countDiagnostics, printDiagnostics } from "../print.ts"
import { withRemoteFiles } from "../remote-files.ts"
import type { Terminal } from "../terminal.ts"
import { drainSpec } from "./drain-spec.ts"

/** `ork drain`: custom resources that can be deleted when no ork runs any more. */
export const drain: Command = {
  spec: drainSpec,
  async run(outer, parsed) {
    const all = parsed.has("all")
    if (all && parsed.texts("file").length + parsed.positionals.length > 0) {
      throw new UsageError("--all reads no Katalog; leave out its path")
    }
    const paths = katalogPaths(parsed)
    const terminal = all ? outer : await withRemoteFiles(outer, paths)
    const compiled = all ? undefined : compileKatalogs(terminal, paths)
    if (compiled && !compiled.plan) {
      const { diagnostics } = compiled
      const count = countDiagnostics(diagnostics)
      const advice = "nothing was touched; ork drain --all needs no Katalog"
      terminal.err(`${printDiagnostics(diagnostics, "text")}\n✗ ${count}; ${advice}\n`)
      return exit.katalog
    }
    const report = await drainCluster(terminal, parsed, compiled)
    const dryRun = parsed.has("dry-run")
    terminal.out(parsed.text("output") === "json" ? asJson(report, dryRun) : asText(report, dryRun))
    const failed = report.kinds.length > 0 || report.objects.some(({ error }) => error !== undefined)
    return failed ? exit.failed : exit.fine
  },
}

async function drainCluster(terminal: Terminal, parsed: Parsed, compiled: Compiled | undefined): Promise<DrainReport> {
  const { clock, signal } = terminal
  const write = (line: string) => terminal.err(line)
  const log = terminalLogger({ format: "text", verbose: false, colour: terminal.errColour, clock, write })
  using connection = await clusterConnection(terminal, parsed, log)
  const { context, server, client, discovery } = connection
  log.info(`context ${context}, server ${server}`)
  if (!parsed.has("dry-run") && !parsed.has("takeover"))
    await refuseBesideLive(connection, compiled, { clock, log, signal })
  const operators = compiled?.plan?.operators ?? []
  return await drainAll({ client, discovery }, { operators, all: !compiled, dryRun: parsed.has("dry-run"), signal })
}

/** An ork that runs would put back what is taken off, and its deletions would be lost. */
async function refuseBesideLive(
  { client, namespace }: Connection,
  compiled: Compiled | undefined,
  { clock, log, signal }: { readonly clock: Clock; readonly log: Logger; readonly signal: AbortSignal },
): Promise<void> {
  const inNamespace = (error: unknown) => {
    if (!isOrkError(error, "api/forbidden")) throw error
    log.warn(`may not list Leases of the cluster, so only those of namespace ${namespace} are looked at`)
    return liveLeases({ client, clock }, { namespace, signal })
  }
  const found = await liveLeases({ client, clock }, { signal }).catch(inNamespace)
  const isMeant = compiled ? leaseTest(compiled) : ({ name }: LiveLease) => name.startsWith("ork-")
  const lease = found.find(isMeant)
  if (!lease) return
  const where = `Lease/${lease.namespace}/${lease.name}`
  throw new OrkError("config/lease", `${where} is held by ${lease.holder}: ork runs; stop it, or use --takeover`)
}

/** The Lease of a Katalog, that of several run together, and those of operators that are led apart. */
function leaseTest({ plan, specs }: Compiled): (lease: LiveLease) => boolean {
  const katalogs = [...specs.map(({ name }) => name), ...(plan ? [plan.katalog] : [])]
  const names = katalogs.map((name) => shortenName(`ork-${name}`, 63))
  const labels = names.flatMap((name) => Object.entries(leaseLabels(name)))
  return (lease) => names.includes(lease.name) || labels.some(([key, value]) => lease.labels[key] === value)
}

function nameOf({ kind, namespace, name }: Drained): string {
  return [kind, ...(namespace ? [namespace] : []), name].join("/")
}

function asText({ objects, policies, kinds }: DrainReport, dryRun: boolean): string {
  const done = dryRun ? "would take off" : "took off"
  const lines = objects.map((one) =>
    one.error === undefined
      ? `${nameOf(one)}: ${done} ${one.finalizers.join(", ")}${one.deleting ? "; its deletion goes on" : ""}`
      : `${nameOf(one)}: not drained: ${one.error}`,
  )
  const failures = kinds.map(({ kind, error }) => `${kind}: could not be looked at: ${error}`)
  const count = objects.filter(({ error }) => error === undefined).length
  const total = `${plural(count, "custom resource")} ${dryRun ? "would be drained" : "drained"}`
  const removed = policies.map((name) => `${name}: ${dryRun ? "would be removed" : "removed"}`)
  return `${[...removed, ...lines, ...failures, total].join("\n")}\n`
}

function asJson({ objects, policies, kinds }: DrainReport, dryRun: boolean): string {
  const ok = kinds.length === 0 && objects.every(({ error }) => error === undefined)
  return `${JSON.stringify({ ok, dryRun, objects, policies, kinds }, null, 2)}\n`
}
