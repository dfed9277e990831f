/** Two servers' answers to one request, as far as they can be compared. */
import { isRecord } from "../../src/kube/mod.ts"
import { differences } from "../contract/apiserver/run.ts"

/** What a server answered. */
export interface Answer {
  readonly code: number
  readonly warnings: readonly string[]
  readonly body: unknown
}

/** In what two answers differ: what sort of difference, and a text that like differences share. */
export interface Mismatch {
  readonly sort: "accepted here" | "refused here" | "code" | "causes" | "message" | "object" | "warnings"
  readonly what: string
  /** All of it, for objects. */
  readonly all?: readonly string[]
}

/** The first and most telling difference; undefined when there is none. */
export function mismatch(real: Answer, ours: Answer): Mismatch | undefined {
  const [isReal, isOurs] = [real.code < 400, ours.code < 400]
  if (isOurs && !isReal) return { sort: "accepted here", what: refusalText(real) }
  if (isReal && !isOurs) return { sort: "refused here", what: refusalText(ours) }
  if (real.code !== ours.code) return { sort: "code", what: `${refusalText(real)} <> ${refusalText(ours)}` }
  if (!isReal) return refusals(real, ours)
  const all = differences(plain(real.body), plain(ours.body))
  if (all[0] !== undefined) return { sort: "object", what: general(all[0]), all }
  const warned = differences([...real.warnings].sort(), [...ours.warnings].sort())
  return warned[0] === undefined ? undefined : { sort: "warnings", what: general(warned[0]) }
}

function refusals(real: Answer, ours: Answer): Mismatch | undefined {
  const [theirs, own] = [real, ours].map(causesOf)
  const missing = (theirs ?? []).filter((cause) => !(own ?? []).includes(cause))
  const extra = (own ?? []).filter((cause) => !(theirs ?? []).includes(cause))
  const list = [...missing.map((cause) => `lacks ${cause}`), ...extra.map((cause) => `has ${cause}`)]
  if (list.length > 0) return { sort: "causes", what: general(list.slice(0, 2).join(" | ")) }
  if ((theirs ?? []).length > 1) return undefined
  const [said, ownSaid] = [real, ours].map(messageOf)
  return said === ownSaid ? undefined : { sort: "message", what: general(`${said} <> ${ownSaid}`) }
}

function refusalText(answer: Answer): string {
  const causes = causesOf(answer)
  return general(`${answer.code} ${causes.length > 0 ? causes.slice(0, 2).join(" | ") : messageOf(answer)}`)
}

function messageOf({ body }: Answer): string {
  return tidy(isRecord(body) ? `${body["reason"]} ${body["message"]}` : String(body))
}

function causesOf({ body }: Answer): readonly string[] {
  const details = isRecord(body) ? body["details"] : undefined
  const causes = isRecord(details) ? details["causes"] : undefined
  const list = Array.isArray(causes) ? causes.filter(isRecord) : []
  return list.map(({ reason, field, message }) => tidy(`${reason} ${field}: ${message}`)).sort()
}

// Go structs are shown with all their members, which no API shows.
function tidy(text: string): string {
  return text
    .replace(/(?<=value: )[{[].*[\]}](?=: |$)/g, "<struct>")
    .replace(/(?<=patch: Invalid value: ").*(?=": )/g, "<object>")
    .replace(/\n@@ [\s\S]*$/, "")
    .replace(/kube-api-access-\w+/g, "kube-api-access")
    .replace(/\b10\.\d+\.\d+\.\d+\b/g, "<address>")
    .replace(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, "<uid>")
    .replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g, "<time>")
}

/** A text without what is different in each case of the same mistake. */
function general(text: string): string {
  return text
    .replace(/\[\d+\]/g, "[]")
    .replace(/x{20,}|y{20,}/g, "<long>")
    .replace(/(?<=\.f:)\S+/g, "*")
    .slice(0, 420)
}

const dropped = new Set(["uid", "resourceVersion", "creationTimestamp", "time", "status", "lastPhaseTransitionTime"])
const allocated = new Set(["clusterIP", "clusterIPs", "nodePort", "healthCheckNodePort"])
const controlled = new Set([
  "credential-id",
  "extra",
  "f:extra",
  "node.alpha.kubernetes.io/ttl",
  "autoscaling.alpha.kubernetes.io/conditions",
  "pv.kubernetes.io/bind-completed",
  "pv.kubernetes.io/bound-by-controller",
  "deployment.kubernetes.io/revision",
  "f:deployment.kubernetes.io/revision",
])

function plain(value: unknown): unknown {
  if (typeof value === "string") return tidy(value)
  if (Array.isArray(value)) return value.filter((item) => !isForeign(item)).map(plain)
  if (!isRecord(value)) return value
  const entries = Object.entries(value)
    .filter(([key]) => !dropped.has(key) && !controlled.has(key))
    .map(([key, member]) => [key, allocated.has(key) ? shape(member) : plain(member)] as const)
    .filter(([key, member]) => key !== "annotations" || Object.keys(member ?? {}).length > 0)
  return Object.fromEntries(entries)
}

// What controllers of the real cluster add.
function isForeign(item: unknown): boolean {
  return isRecord(item) && /^kube-|-controller$/.test(String(item["manager"]))
}

function shape(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(shape)
  if (typeof value === "string" && value.startsWith("10.")) return "<address>"
  return typeof value === "number" && value >= 30_000 ? "<port>" : value
}
