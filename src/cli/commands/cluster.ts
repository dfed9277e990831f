import { aborted } from "../../base/mod.ts"
import type { Command } from "../command.ts"
import { exit } from "../exit.ts"
import { localOptions, startLocalCluster } from "../local-cluster.ts"
import { terminalLogger } from "../logger.ts"
import { clusterSpec } from "./cluster-spec.ts"

const portMax = 65_535

/** `ork cluster`: a Kubernetes API of one's own, until the user asks to stop. */
export const cluster: Command = {
  spec: clusterSpec,
  async run(terminal, parsed) {
    const log = terminalLogger({
      format: parsed.text("log-format") === "json" ? "json" : "text",
      verbose: parsed.has("verbose"),
      colour: terminal.errColour,
      clock: terminal.clock,
      write: (line) => terminal.err(line),
    })
    const options = localOptions(parsed, parsed.number("port", portMax) ?? 0)
    await using local = await startLocalCluster(terminal, options, log)
    terminal.out(`export KUBECONFIG=${local.kubeconfig}\n`)
    const kept = options.data === undefined ? "in memory: all is gone at the end" : `kept in ${options.data}`
    log.info(`Kubernetes API at ${local.url}, ${kept}`)
    log.info(
      options.pretend
        ? "pretending: workloads become ready, but no container runs; --no-pretend switches that off"
        : "not pretending: nothing acts on workloads",
    )
    await aborted(terminal.signal)
    log.info("stopped")
    return exit.fine
  },
}
