import { parseDuration } from "../base/mod.ts"
import { formatPath, getPath, isRecord } from "../kube/mod.ts"
import { defaults } from "./defaults.ts"
import { duration, flag, mapOf, place, readFlag, type Shape, scalar, scalars, text } from "./shape.ts"
import type { NotificationSpec } from "./spec.ts"

const team = place("a team", {
  fields: { slack: place("slack", { fields: { webhook: text } }), email: scalars, interval: duration, message: scalar },
})

/** `notification`: who is told when an operator is degraded. */
export const notification: Shape = place("notification", {
  fields: {
    enabled: flag,
    standalone: flag,
    defaults: place("defaults", { fields: { interval: duration, slackWebhookUrl: text } }),
    teams: mapOf(team),
  },
})

/** Reads it; undefined where nobody is told. A team without a webhook of its own has the default one. */
export function readNotification(document: unknown): NotificationSpec | undefined {
  const written = getPath(document, ["notification"])
  if (!isRecord(written) || readFlag(written["enabled"]) === false) return undefined
  const standard = getPath(written, ["defaults", "slackWebhookUrl"])
  const interval = getPath(written, ["defaults", "interval"])
  const intervalMs = (value: unknown) => parseDuration(String(value ?? interval ?? "")) ?? defaults.notificationInterval
  const teams = Object.entries(isRecord(written["teams"]) ? written["teams"] : {}).flatMap(([name, of]) => {
    const webhook = getPath(of, ["slack", "webhook"]) ?? standard
    if (!isRecord(of) || typeof webhook !== "string" || webhook === "") return []
    const at = formatPath(["notification", "teams", name])
    return [{ name, webhook, interval: intervalMs(of["interval"]), message: of["message"] ?? undefined, at }]
  })
  return teams.length === 0 ? undefined : { teams }
}

/** Teams that would be told by mail, which nobody sends. */
export function mailTeams(document: unknown): readonly string[] {
  const teams = getPath(document, ["notification", "teams"])
  const isOn = readFlag(getPath(document, ["notification", "enabled"])) !== false
  const entries = Object.entries(isRecord(teams) && isOn ? teams : {})
  return entries.filter(([, of]) => isRecord(of) && (of["email"] ?? null) !== null).map(([name]) => name)
}

/** One line for each field. */
export const notificationTexts: Readonly<Record<string, string>> = {
  notification: "Who is told when an operator is degraded.",
  "notification.enabled": "False: nobody.",
  standalone: "Without effect: messages are always sent from here.",
  "notification.defaults": "For teams that say nothing else.",
  slackWebhookUrl: "Where messages go; $NAME is read from the environment.",
  teams: "By name.",
  slack: "A channel.",
  webhook: "Its address; $NAME is read from the environment.",
  email: "Addresses. No mail is sent; a warning says so.",
  "a team.interval": "The least time between two messages about one operator.",
  "defaults.interval": "The least time between two messages about one operator; 15m without it.",
  "a team.message": "What is said: .KatalogName, .CRDName, .Error, .Namespace and .Name are known.",
}
