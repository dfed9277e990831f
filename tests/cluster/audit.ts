/** The API server's audit log as values. */
import { existsSync, readFileSync } from "node:fs"

/** One request that the API server answered (or, for a watch, is answering). */
export interface AuditEntry {
  readonly user: string
  readonly verb: string
  readonly group: string
  readonly resource: string
  readonly subresource: string
  readonly namespace: string
  readonly name: string
  /** The path with its query, as asked. */
  readonly uri: string
  readonly userAgent: string
  /** The status code; 0 while unknown. */
  readonly code: number
  /** When the request came in. */
  readonly time: Date
}

/** Which entries to give. */
export interface AuditQuery {
  readonly user?: string
  readonly verbs?: readonly string[]
  readonly since?: Date
}

interface AuditEvent {
  readonly auditID: string
  readonly verb: string
  readonly requestURI: string
  readonly userAgent?: string
  readonly user: { readonly username?: string }
  readonly objectRef?: Partial<Record<"apiGroup" | "resource" | "subresource" | "namespace" | "name", string>>
  readonly responseStatus?: { readonly code?: number }
  readonly requestReceivedTimestamp: string
}

/** The entries of the audit log at `path` that fit `query`, one per request, in the order they came in. */
export function readAudit(path: string, query: AuditQuery = {}): readonly AuditEntry[] {
  if (!existsSync(path)) return []
  const events = new Map<string, AuditEvent>()
  const text = readFileSync(path, "utf8")
  // A last line without its end is still being written.
  for (const line of text.slice(0, text.lastIndexOf("\n") + 1).split("\n")) {
    if (line === "") continue
    const event = JSON.parse(line) as AuditEvent // the API server's own format, audit.k8s.io/v1
    events.set(event.auditID, event)
  }
  return [...events.values()]
    .map(toEntry)
    .filter((entry) => query.user === undefined || entry.user === query.user)
    .filter((entry) => query.verbs === undefined || query.verbs.includes(entry.verb))
    .filter((entry) => query.since === undefined || entry.time >= query.since)
    .sort((a, b) => a.time.getTime() - b.time.getTime())
}

function toEntry(event: AuditEvent): AuditEntry {
  return {
    user: event.user.username ?? "",
    verb: event.verb,
    group: event.objectRef?.apiGroup ?? "",
    resource: event.objectRef?.resource ?? "",
    subresource: event.objectRef?.subresource ?? "",
    namespace: event.objectRef?.namespace ?? "",
    name: event.objectRef?.name ?? "",
    uri: event.requestURI,
    userAgent: event.userAgent ?? "",
    code: event.responseStatus?.code ?? 0,
    time: new Date(event.requestReceivedTimestamp),
  }
}
