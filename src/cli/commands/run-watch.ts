import { type Clock, type Logger, ms } from "../../base/mod.ts"
import type { Manager, OperatorView } from "../../manager/mod.ts"

const glanceMs = ms("100ms")

/** Says how the operators come up and change, and nothing while nothing changes. Ends when `signal` aborts. */
export async function announce(
  manager: Manager,
  options: { readonly log: Logger; readonly clock: Clock; readonly url: string; readonly signal: AbortSignal },
): Promise<void> {
  const { log, clock, url, signal } = options
  const said = new Map<string, string>()
  log.info(`HTTP API at ${url}/katalog`)
  for (;;) {
    for (const view of manager.view.operators()) sayState(view, said, log)
    await manager.changed(signal)
    await clock.sleep(glanceMs, signal) // many passes a second are one look
  }
}

function sayState(view: OperatorView, said: Map<string, string>, log: Logger): void {
  const text = `${view.state} ${view.why}`
  if (said.get(view.name) === text || (view.state === "pending" && view.why === "starting")) return
  said.set(view.name, text)
  const fields = { operator: view.name, ...(view.why ? { why: view.why } : {}) }
  if (view.state === "degraded") log.warn("operator degraded", fields)
  else if (view.state === "pending" && view.why !== "") log.info("operator pending", fields)
  else if (view.state === "healthy") log.info("operator healthy", { ...fields, resources: view.resourceCount })
}
