import { type BlockSpec, type ConditionSpec, type CrdSpec, type EntrySpec, targetOf } from "../katalog/mod.ts"
import { formatGroupKind, formatPath, isRecord, nameProblem, parseCron, parsePath, type Schema } from "../kube/mod.ts"
import type { StepProblem } from "../template/mod.ts"
import { gvkOfEntry, nameOf } from "./resources.ts"
import type { Mistake } from "./short-forms/rules.ts"
import { childPath } from "./value.ts"

type Literal = string | number | boolean

/** A value as written when it is a scalar without a template; only such values are judged here. */
function literalOf(value: unknown): Literal | undefined {
  if (typeof value === "number" || typeof value === "boolean") return value
  return typeof value === "string" && !value.includes("{{") ? value : undefined
}

function wholeOf(value: unknown): number | undefined {
  const literal = literalOf(value)
  return literal !== undefined && /^-?\d+$/.test(String(literal)) ? Number(literal) : undefined
}

const ports: readonly string[] = ["port", "containerPort", "endPort", "number", "targetPort", "nodePort", "hostPort"]
/** Where 0 means: none, or choose one. */
const mayBeZero: readonly string[] = ["targetPort", "nodePort", "hostPort"]

/** What the API server refuses of a member of a built-in kind, although its type is right. */
export function refusedLiteral(key: string, value: unknown, kind: string): StepProblem | undefined {
  const literal = literalOf(value)
  if (literal === undefined) return undefined
  if (ports.includes(key)) {
    const port = wholeOf(literal)
    if (port === undefined || (port >= 1 && port <= 65535) || (port === 0 && mayBeZero.includes(key))) return undefined
    // The same words for each place that one number goes to: it is one mistake.
    const message = `expected a port from 1 to 65535, found ${port}`
    return { severity: "error", code: "ORK0114", message, help: "write the number of a port, for example 8080" }
  }
  if (kind !== "CronJob" || key !== "schedule") return undefined
  if (parseCron(String(literal)) || String(literal).startsWith("@every ")) return undefined
  const message = `schedule takes a cron expression, found "${literal}"`
  const help = 'write minute, hour, day, month and day of the week: "*/5 * * * *"'
  return { severity: "error", code: "ORK0508", message, help }
}

/** What the API server surely refuses of an entry that makes an object. */
export function refusedOf(entry: EntrySpec): readonly Mistake[] {
  return [...refusedName(entry), ...bounds(entry)]
}

function refusedName(entry: EntrySpec): readonly Mistake[] {
  const { value, at } = nameOf(entry)
  const name = literalOf(value)
  const gvk = gvkOfEntry(entry)
  // Names of roles and their bindings are freer: `system:reader`.
  if (name === undefined || !gvk || gvk.group === "rbac.authorization.k8s.io") return []
  const problem = nameProblem(String(name))
  if (problem === undefined) return []
  const message = `"${name}" cannot name a ${gvk.kind}: it ${problem}`
  const close = String(name)
    .toLowerCase()
    .replace(/[^a-z0-9.]+/g, "-")
    .replace(/^[-.]+|[-.]+$/g, "")
  const help = nameProblem(close) === undefined ? `write "${close}"` : "choose another name"
  return [{ severity: "error", code: "ORK0508", message, help, at, part: "value" }]
}

function bounds(entry: EntrySpec): readonly Mistake[] {
  const autoscale = entry.fields["autoscale"]
  const ranges = [
    { block: autoscale, at: `${entry.at}.autoscale`, low: "min", high: "max" },
    ...(entry.kind === "hpa"
      ? [{ block: entry.fields, at: entry.at, low: "minReplicas", high: "maxReplicas" } as const]
      : []),
  ]
  return ranges.flatMap(({ block, at, low, high }): readonly Mistake[] => {
    if (!isRecord(block)) return []
    const [min, max] = [wholeOf(block[low]), wholeOf(block[high])]
    if (min === undefined || max === undefined || min <= max) return []
    const message = `"${low}" is ${min}, more than "${high}", which is ${max}`
    const help = `swap them, or raise "${high}"`
    return [{ severity: "error", code: "ORK0114", message, help, at: childPath(at, low), part: "value" }]
  })
}

/** Objects that two entries make for every custom resource; content of two Motifs is compared where it is merged. */
export function madeTwice({ operatorBox }: CrdSpec): readonly Mistake[] {
  const first = new Map<string, EntrySpec>()
  const always = [operatorBox.onCreate, operatorBox.onReconcile].flatMap((block) => unconditional(block))
  return always.flatMap((entry): readonly Mistake[] => {
    const gvk = gvkOfEntry(entry)
    if (!gvk) return []
    const { value: name, at } = nameOf(entry)
    const key = JSON.stringify([formatGroupKind(gvk), namespaceOf(entry), String(name), entry.motif?.id])
    const other = first.get(key)
    if (!other) first.set(key, entry)
    if (!other) return []
    const message = `"${other.id}" makes the ${gvk.kind} "${String(name)}" too`
    const help = "give one of them another name, or a condition"
    return [{ severity: "error", code: "ORK0509", message, help, at, part: "value" }]
  })
}

function unconditional(block: BlockSpec | undefined): readonly EntrySpec[] {
  if (!block || block.when.length + block.or.length > 0) return []
  return block.entries.filter(
    ({ when, or, forEach, fields }) =>
      when.length + or.length === 0 && !forEach && (fields["toNamespaces"] ?? undefined) === undefined,
  )
}

function namespaceOf({ kind, fields }: EntrySpec): string {
  const object = kind === "manifests" ? fields["object"] : fields
  const holder = kind === "manifests" || kind === "custom" ? isRecord(object) && object["metadata"] : fields
  const own = isRecord(holder) ? holder["namespace"] : undefined
  return String(own ?? "{{ .metadata.namespace }}")
}

/** A condition that can never hold, whatever the custom resource says. */
export function neverHolds(condition: ConditionSpec, field: Schema | undefined): readonly StepProblem[] {
  const { operator, value, negate } = condition
  if (operator === "between") {
    const [low, high] = membersOf(value).map((member) => literalOf(member) ?? "")
    if (low === undefined || high === undefined || low === "" || high === "") return []
    if (!(Number(low) > Number(high))) return []
    const message = `nothing is between ${low} and ${high}: the lower number stands first`
    return [{ severity: "error", code: "ORK0114", message, help: `write [${high}, ${low}]` }]
  }
  const choices = field?.enum
  if ((operator !== "equals" && operator !== "in") || negate || !choices) return []
  const members = operator === "in" ? membersOf(value) : [value]
  return members.flatMap((member): readonly StepProblem[] => {
    const literal = literalOf(member)
    if (literal === undefined || literal === "" || choices.some((choice) => same(choice, literal))) return []
    const message = `"${condition.field}" is never ${JSON.stringify(literal)}, the CRD does not allow it`
    const help = `it is one of ${choices.slice(0, 8).map(String).join(", ")}${choices.length > 8 ? " ..." : ""}`
    return [{ severity: "error", code: "ORK0502", message, help }]
  })
}

// As conditions are evaluated: a text may hold the members, between commas.
function membersOf(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value
  return typeof value === "string" && !value.includes("{{") ? value.split(",").map((part) => part.trim()) : []
}

function same(choice: unknown, literal: Literal): boolean {
  const [a, b] = [String(choice).toLowerCase(), String(literal).toLowerCase()]
  return a === b || (a !== "" && Number(a) === Number(b))
}

/** True when the operator may give the field another value than the CRD allows, before conditions read it. */
export function isPrepared(field: string, { prepare }: CrdSpec): boolean {
  const path = formatPath(parsePath(field.replace(/^\./, "")))
  const set = [
    ...prepare.normalize.map((part) => formatPath(["spec", ...part.path])),
    ...prepare.mutations.map((part) => targetOf(part.field)?.join(".") ?? ""),
  ]
  return set.some((one) => one === "" || path === one || path.startsWith(`${one}.`))
}
