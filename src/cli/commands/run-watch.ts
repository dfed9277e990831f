import { type Clock, type Logger, ms } from "../../base/mod.ts"
import type { Fleet, Manager } from "../../manager/mod.ts"

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
    sayStates(manager.fleet, said, log)
    await manager.changed(signal)
    await clock.sleep(glanceMs, signal) // many passes a second are one look
  }
}

function sayStates(fleet: Fleet, said: Map<string, string>, log: Logger): void {
  for (const operator of fleet.operators) {
    const { name } = operator.plan
    const { state, why } = fleet.stateOf(operator)
    const text = `${state} ${why}`
    if (said.get(name) === text || (state === "pending" && why === "starting")) continue
    said.set(name, text)
    const fields = { operator: name, ...(why ? { why } : {}) }
    if (state === "degraded") log.warn("operator degraded", fields)
    else if (state === "pending" && why !== "") log.info("operator pending", fields)
    else if (state === "healthy") log.info("operator healthy", { ...fields, resources: operator.crCount })
  }
}
