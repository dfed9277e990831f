import type { Ms } from "../base/mod.ts"
import type { KatalogSpec } from "../katalog/mod.ts"
import { type CompileContext, compileValue, type ValueTemplate } from "./value.ts"

/** Who is told when an operator of a Katalog is degraded. */
export interface NotificationPlan {
  readonly katalog: string
  readonly teams: readonly TeamPlan[]
}

/** One team, and how often it is told of the same operator at most. */
export interface TeamPlan {
  readonly name: string
  /** An address, or `$NAME` of the environment. */
  readonly webhook: string
  readonly intervalMs: Ms
  /** Reads `KatalogName`, `CRDName`, `Error`, `namespace` and `name`. */
  readonly message: ValueTemplate
}

const usual = "{{ .CRDName }} of Katalog {{ .KatalogName }} is degraded{{ if .Error }}: {{ .Error }}{{ end }}"

// Elsewhere these two are slips for those of the custom resource. The length stays, so that places in the text do.
function ownWords(message: unknown): unknown {
  if (typeof message !== "string") return message
  return message.replace(/(?<!\w)\.(Namespace|Name)\b/g, (name) => name.toLowerCase())
}

/** Compiles `notification` of a Katalog. */
export function compileNotification(
  { name: katalog, notification }: KatalogSpec,
  compile: CompileContext,
): readonly NotificationPlan[] {
  if (!notification) return []
  const teams = notification.teams.map(({ name, webhook, interval, message, at }) => ({
    name,
    webhook,
    intervalMs: interval,
    message: compileValue(ownWords(message ?? usual), `${at}.message`, compile),
  }))
  return [{ katalog, teams }]
}
