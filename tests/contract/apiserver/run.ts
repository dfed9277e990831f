import { isRecord } from "../../../src/kube/mod.ts"
import type { Interaction, Seen, Send, Step } from "./interaction.ts"

/** Runs an interaction in a namespace and tells what was answered, normalised. */
export async function run(interaction: Interaction, namespace: string, send: Send): Promise<readonly Seen[]> {
  const raw: unknown[] = []
  const normal = new Normal(namespace)
  const seen: Seen[] = []
  for (const step of interaction.steps) {
    const fill = (text: string) => filled(text, namespace, raw)
    const body =
      step.body === undefined ? undefined : fill(typeof step.body === "string" ? step.body : JSON.stringify(step.body))
    const headers: Record<string, string> = { "User-Agent": "suite/1" }
    if (body !== undefined) headers["Content-Type"] = step.type ?? "application/json"
    if (step.accept !== undefined) headers["Accept"] = step.accept
    for (const [name, value] of Object.entries(step.headers ?? {})) headers[name] = fill(value)
    const ask = () => send({ method: step.method, path: fill(step.path), headers, body })
    const { response, value } = await asked(step, ask)
    raw.push(value)
    normal.learn(body, value)
    const comparable = step.ignore === undefined ? value : without(value, step.ignore)
    seen.push(chosen(step, { code: response.status, warnings: warningsOf(response), body: normal.of(comparable) }))
  }
  return seen
}

const triesMax = 100

async function asked(step: Step, ask: () => Promise<Response>) {
  const { until, untilField, untilWarnings = 0 } = step
  for (let tries = 1; ; tries++) {
    const response = await ask()
    const value = parsed(await response.text(), step.isWatch === true)
    const isThere = untilField === undefined || at(value, untilField) !== undefined
    const isSaid = warningsOf(response).length >= untilWarnings
    if ((isThere && isSaid && (until === undefined || response.status === until)) || tries === triesMax)
      return { response, value }
    await Bun.sleep(50)
  }
}

function at(value: unknown, path: string): unknown {
  return path
    .split(".")
    .reduce<unknown>((of, step) => (Array.isArray(of) ? of[Number(step)] : isRecord(of) ? of[step] : undefined), value)
}

function without(value: unknown, name: string): unknown {
  if (Array.isArray(value)) return value.map((item) => without(item, name))
  if (!isRecord(value)) return value
  const kept = Object.entries(value).filter(([key]) => key !== name)
  return Object.fromEntries(kept.map(([key, member]) => [key, without(member, name)]))
}

function filled(text: string, namespace: string, answers: readonly unknown[]): string {
  return text.replaceAll("{ns}", namespace).replace(/\{(\d+)\.([\w.]+)\}/g, (_, index, path) => {
    return String(at(answers[Number(index)], String(path)))
  })
}

function parsed(text: string, isWatch: boolean): unknown {
  if (!isWatch || !text.startsWith('{"type"')) return jsonOr(text.trimStart())
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map(jsonOr)
}

function jsonOr(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

function warningsOf(response: Response): readonly string[] {
  const header = response.headers.get("Warning")
  return header === null ? [] : [...header.matchAll(/299 - "((?:[^"\\]|\\.)*)"/g)].map((match) => match[1] ?? "").sort()
}

function chosen({ only }: Step, seen: Seen): Seen {
  if (only === undefined) return seen
  const body = isRecord(seen.body) ? seen.body : {}
  const details = isRecord(body["details"]) ? body["details"] : {}
  return {
    code: seen.code,
    warnings: [],
    body: {
      ...(only.includes("reason") ? { reason: body["reason"] } : {}),
      ...(only.includes("message") ? { message: body["message"] } : {}),
      ...(only.includes("causes") ? { causes: details["causes"] } : {}),
    },
  }
}

/** Every namespace of a real cluster gets this one; nobody waits for it here. */
function isMadeByController(item: unknown): boolean {
  if (!isRecord(item)) return false
  const { object = item } = item
  const metadata = isRecord(object) ? object["metadata"] : undefined
  return (isRecord(metadata) && metadata["name"] === "kube-root-ca.crt") || firstCell(item) === "kube-root-ca.crt"
}

function firstCell({ cells }: Readonly<Record<string, unknown>>): unknown {
  return Array.isArray(cells) ? cells[0] : undefined
}

/** Go structs in messages, which have members that no API shows. */
const structs = [/\n@@ [\s\S]*$/, /(?<=Invalid value: )\{.*"[Cc]ontainers":.*\}(?=: field is immutable$)/]
const age = /^\d+[smhd]$/
const uuid = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g
const address = /\b10\.\d+\.\d+\.\d+(?=": expected|"\]: failed|: provided)/g
const nodePort = /\b3\d{4}(?=: provided)/
const time = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g

/** Takes out of answers what no two servers have in common; versions become their order of appearance. */
class Normal {
  readonly #namespace: string
  readonly #versions = new Map<string, string>()
  readonly #generated = new Set<string>()

  constructor(namespace: string) {
    this.#namespace = namespace
  }

  /** Notes versions of objects and made-up names. */
  learn(body: string | undefined, answer: unknown): void {
    for (const match of (body ?? "").matchAll(/"generateName":"([^"]+)"/g)) this.#generated.add(match[1] ?? "")
    const walk = (value: unknown): void => {
      if (Array.isArray(value)) value.forEach(walk)
      if (!isRecord(value) || isMadeByController(value)) return
      const { resourceVersion, uid } = value
      if (typeof resourceVersion === "string" && uid !== undefined && !this.#versions.has(resourceVersion)) {
        this.#versions.set(resourceVersion, `<version ${this.#versions.size}>`)
      }
      Object.values(value).forEach(walk)
    }
    walk(answer)
  }

  of(value: unknown): unknown {
    if (typeof value === "string") return this.#text(value)
    if (Array.isArray(value)) return value.filter((item) => !isMadeByController(item)).map((item) => this.of(item))
    if (!isRecord(value)) return value
    const entries = Object.entries(value).map(
      ([key, member]) => [this.#text(key), this.#member(value, key, member)] as const,
    )
    return Object.fromEntries(entries.filter(([, member]) => member !== undefined))
  }

  #member(owner: Readonly<Record<string, unknown>>, key: string, value: unknown): unknown {
    if (key === "resourceVersion" && owner["uid"] === undefined) return "<list>"
    if (key === "resourceVersion" && typeof value === "string") return this.#versions.get(value) ?? "<version>"
    if (key === "continue") return value === "" ? "" : "<token>"
    if (key === "cells" && Array.isArray(value))
      return value.map((cell) => (age.test(String(cell)) ? "<age>" : this.of(cell)))
    if (key === "managedFields" && Array.isArray(value)) return byManager(this.of(value))
    // Roles come from a cache, in no order.
    if (key === "causes" || key === "resourceRules" || key === "nonResourceRules") return sorted(this.of(value))
    // Several causes come in no order.
    if (key === "message" && /is invalid: \[/.test(String(value))) return "<several>"
    return this.of(value)
  }

  #text(text: string): string {
    const plain = structs.reduce((left, struct) => left.replace(struct, ""), text)
    let result = plain
      .replaceAll(this.#namespace, "<ns>")
      .replace(uuid, "<uid>")
      .replace(time, "<time>")
      .replace(address, "<address>")
      .replace(nodePort, "<port>")
    // Other numbers, such as codes and lengths, may look like versions by chance.
    const mayHold = /version/i.test(result) || /^\d+$/.test(result)
    for (const [version, name] of mayHold ? this.#versions : []) {
      if (result.includes(version)) result = result.replace(new RegExp(`\\b${version}\\b(?! bytes)`, "g"), name)
    }
    for (const prefix of this.#generated) {
      if (prefix !== "") result = result.replace(new RegExp(`${prefix}[a-z0-9]{5}\\b`, "g"), `${prefix}<made>`)
    }
    return result
  }
}

function sorted(list: unknown): unknown {
  if (!Array.isArray(list)) return list
  return [...list].sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))
}

/** Within a second, the order of managers is that of their names. */
function byManager(list: unknown): unknown {
  if (!Array.isArray(list)) return list
  const name = ({ manager, operation, apiVersion, subresource }: Readonly<Record<string, unknown>>) =>
    `${operation} ${manager} ${apiVersion} ${subresource ?? ""}`
  return [...list].sort((a, b) => (name(a) < name(b) ? -1 : 1))
}

/** What differs between two answers: paths with both values; empty when nothing does. */
export function differences(real: unknown, ours: unknown, path = ""): readonly string[] {
  if (Array.isArray(real) && Array.isArray(ours)) {
    const count = Math.max(real.length, ours.length)
    return Array.from({ length: count }, (_, i) => differences(real[i], ours[i], `${path}[${i}]`)).flat()
  }
  if (isRecord(real) && isRecord(ours)) {
    const keys = [...new Set([...Object.keys(real), ...Object.keys(ours)])].sort()
    return keys.flatMap((key) => differences(real[key], ours[key], `${path}.${key}`))
  }
  return real === ours ? [] : [`${path}: real ${short(real)}, ours ${short(ours)}`]
}

function short(value: unknown): string {
  const text = JSON.stringify(value) ?? "nothing"
  return text.length > 600 ? `${text.slice(0, 600)}…` : text
}
