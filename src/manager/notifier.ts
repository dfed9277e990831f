import { type Clock, type Logger, messageOf, ms, type Random } from "../base/mod.ts"
import { type ObjectKey, splitKey } from "../kube/mod.ts"
import type { NotificationPlan, TeamPlan } from "../plan/mod.ts"
import type { OperatorView } from "./view.ts"

/** Sends one message to a webhook. Rejects when it did not get there. */
export type SendMessage = (
  message: { readonly webhook: string; readonly text: string },
  signal: AbortSignal,
) => Promise<void>

/** What a notifier needs. */
export interface NotifierDeps {
  readonly clock: Clock
  readonly random: Random
  readonly log: Logger
  readonly send: SendMessage
}

const lookMs = ms("10s")
/** After a message that did not get there. */
const retryMs = ms("1m")

/** One operator as it is, with the Katalog that it belongs to. */
export interface Watched extends Pick<OperatorView, "name" | "state" | "lastError"> {
  readonly katalog: string
  readonly worstOffender: ObjectKey | undefined
}

/** Tells teams that operators are degraded: at once, and again after their interval for as long as it lasts. */
export class Notifier {
  readonly #deps: NotifierDeps
  /** When a team may be told of an operator again; only of operators that are degraded. */
  readonly #nextMs = new Map<string, number>()

  constructor(deps: NotifierDeps) {
    this.#deps = deps
  }

  /** Looks every now and then until `signal` aborts. */
  async run(
    look: () => { readonly plans: readonly NotificationPlan[]; readonly operators: readonly Watched[] },
    signal: AbortSignal,
  ): Promise<void> {
    for (;;) {
      const { plans, operators } = look()
      await this.tell(plans, operators, signal)
      await this.#deps.clock.sleep(lookMs, signal)
    }
  }

  /** One look. */
  async tell(plans: readonly NotificationPlan[], operators: readonly Watched[], signal: AbortSignal): Promise<void> {
    const due: (readonly [key: string, TeamPlan, Watched])[] = []
    const known = new Set<string>()
    for (const plan of plans) {
      for (const operator of operators.filter(
        ({ katalog, state }) => katalog === plan.katalog && state === "degraded",
      )) {
        for (const team of plan.teams) {
          const key = `${plan.katalog}/${operator.name}/${team.name}`
          known.add(key)
          if ((this.#nextMs.get(key) ?? 0) <= this.#deps.clock.steadyMs()) due.push([key, team, operator])
        }
      }
    }
    for (const key of this.#nextMs.keys()) if (!known.has(key)) this.#nextMs.delete(key)
    for (const [key, team, operator] of due) {
      const sent = await this.#send(team, operator, signal)
      this.#nextMs.set(key, this.#deps.clock.steadyMs() + (sent ? team.intervalMs : retryMs))
    }
  }

  async #send(team: TeamPlan, operator: Watched, signal: AbortSignal): Promise<boolean> {
    const { log, send, clock, random } = this.#deps
    const context = { team: team.name, operator: operator.name }
    const made = team.message.render({ data: dataOf(operator), nowMs: clock.nowMs(), random })
    const text = made.ok ? String(made.value ?? "") : `${operator.name} is degraded: ${operator.lastError}`
    try {
      await send({ webhook: team.webhook, text }, signal)
      log.info("team notified", context)
      return true
    } catch (error) {
      if (signal.aborted) throw error
      log.warn("team not notified", { ...context, reason: messageOf(error) })
      return false
    }
  }
}

function dataOf({ katalog, name, lastError, worstOffender }: Watched): Readonly<Record<string, unknown>> {
  const { namespace = "", name: object = "" } = worstOffender ? splitKey(worstOffender) : {}
  return { KatalogName: katalog, CRDName: name, Error: lastError, namespace, name: object }
}
