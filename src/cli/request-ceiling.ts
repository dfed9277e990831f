import type { Logger } from "../base/mod.ts"
import { accessOf, type Plan, pluralsOf } from "../plan/mod.ts"
import type { Terminal } from "./terminal.ts"

/** Bun reads it when it starts, and then never again. */
const variable = "BUN_CONFIG_MAX_HTTP_REQUESTS"
const usualMax = 256
const highestMax = 65_000
/** What calls, leases and answers of others need beside the watches. */
const spare = 56

/** How many requests this process may have in flight, watches included. */
export function requestsMaxOf(env: Terminal["env"]): number {
  const told = Number(env[variable])
  return Number.isInteger(told) && told > 0 ? told : usualMax
}

/** How many watches a plan keeps open: one for each resource in each place, and one for CRDs. */
export function watchesOf({ operators }: Plan): number {
  const plural = pluralsOf(operators)
  const rules = operators.flatMap((operator) => accessOf(operator, plural))
  const watched = rules.filter(({ verbs }) => verbs.includes("watch"))
  return new Set(watched.map(({ group, resource, namespace = "" }) => `${resource}.${group} ${namespace}`)).size + 1
}

/**
 * Makes room for the watches of a plan: with too many for this process the program starts anew with a higher ceiling,
 * before anything is touched. Where it cannot, since it reads its input or runs already, it says what to do.
 */
export function makeRoom(terminal: Terminal, plan: Plan, options: { mayRestart: boolean; log: Logger }): void {
  const watches = watchesOf(plan)
  if (watches + spare <= requestsMaxOf(terminal.env)) return
  const wanted = String(Math.min(highestMax, 2 * watches + usualMax))
  if (options.mayRestart && terminal.env[variable] === undefined) terminal.startAnew({ [variable]: wanted })
  options.log.warn(`${watches} watches are too many for this process: start ork with ${variable}=${wanted}`, {
    watches,
  })
}
