import { type Logger, ms, plural } from "../../base/mod.ts"
import { conditionOf, type KubeObject, readinessOf } from "../../kube/mod.ts"
import type { Manager } from "../../manager/mod.ts"
import { UsageError } from "../exit.ts"
import { type LocalCluster, localOptions, startLocalCluster } from "../local-cluster.ts"
import type { Parsed } from "../parse.ts"
import type { Terminal } from "../terminal.ts"

const glanceMs = ms("50ms")
const shownMax = 20
/** Flags that choose a cluster, or say how to behave in one. */
const elsewhere = ["kubeconfig", "context", "leader-election"]

/** The cluster that `--local` asks for. */
export async function localClusterOf(terminal: Terminal, parsed: Parsed, log: Logger): Promise<LocalCluster> {
  const other = elsewhere.find((flag) => parsed.has(flag))
  if (other !== undefined) throw new UsageError(`--local brings its own cluster; leave --${other} out`)
  const options = localOptions(parsed, 0)
  const local = await startLocalCluster(terminal, options, log)
  const pretends = "pretending: workloads become ready, but no container runs; --no-pretend switches that off"
  log.info(options.pretend ? pretends : "not pretending: nothing acts on workloads")
  return local
}

/** Shows every custom resource with its children once all are ready, and what to try next. Ends then. */
export async function firstLook(
  manager: Manager,
  local: LocalCluster,
  options: { readonly terminal: Terminal; readonly url: string; readonly signal: AbortSignal },
): Promise<void> {
  const { terminal, url, signal } = options
  const { view } = manager
  terminal.out(`export KUBECONFIG=${local.kubeconfig}\n`)
  for (;;) {
    const operators = view.operators().filter(({ enabled }) => enabled)
    const all = operators.flatMap(({ name }) => view.list(name).map((cr) => ({ name, cr })))
    const isUp = operators.every(({ state }) => state !== "pending" && state !== "not started")
    if (isUp && all.length > 0 && all.every(({ cr }) => isReady(cr))) {
      const shown = all.slice(0, shownMax).map(({ name, cr }) => {
        const { namespace, name: called = "" } = cr.metadata
        return described(name, cr, view.children(name, namespace, called))
      })
      const more = all.length > shownMax ? [`and ${plural(all.length - shownMax, "more custom resource")}`] : []
      terminal.out(`\n${[...shown, ...more].join("\n")}\n\n${toTry(local, { url, crs: all.map(({ cr }) => cr) })}`)
      return
    }
    await manager.changed(signal)
    await terminal.clock.sleep(glanceMs, signal)
  }
}

function isReady(cr: KubeObject): boolean {
  const ready = conditionOf(cr["status"], "Ready")
  return ready?.status === "True" && ready.observedGeneration === cr.metadata.generation
}

function described(operator: string, cr: KubeObject, children: readonly KubeObject[]): string {
  const lines = children.map((child) => {
    const readiness = readinessOf(child)
    return `  ${child.kind}/${child.metadata.name}  ${readiness.ready ? "ready" : readiness.why}`
  })
  return [`${operator}/${cr.metadata.name} is Ready`, ...lines].join("\n")
}

function toTry(
  local: LocalCluster,
  { url, crs }: { readonly url: string; readonly crs: readonly KubeObject[] },
): string {
  const [first] = crs
  const resource = local.api.resources().find(({ kind, isCustom }) => isCustom && kind === first?.kind)
  const plurals = resource?.gvr.resource ?? "all"
  const named = `${resource?.singular ?? "all"} ${first?.metadata.name ?? ""}`
  const commands: readonly (readonly [string, string])[] = [
    [`export KUBECONFIG=${local.kubeconfig}`, ""],
    [`kubectl get ${plurals},deployments,pods,services -A`, ""],
    [`kubectl delete deployments --all`, "they come back"],
    [`kubectl edit ${named}`, "its children follow"],
    [`curl -s ${url}/katalog`, "what the operators are doing"],
  ]
  const width = Math.max(...commands.slice(1).map(([command]) => command.length))
  const lines = commands.map(([command, why]) => (why === "" ? `  ${command}` : `  ${command.padEnd(width)}  # ${why}`))
  return `Try in another terminal (Ctrl-C here stops everything):\n${lines.join("\n")}\n`
}
