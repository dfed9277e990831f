import {
  type BlockSpec,
  type ConditionSpec,
  type CrdSpec,
  callPlaces,
  type EntrySpec,
  type MotifSpec,
  type StatusFieldSpec,
} from "../katalog/mod.ts"
import { hasStatusSubresource, memberOf, parsePath, type Schema, type SchemaSet, schemaType } from "../kube/mod.ts"
import { nouns, rootType, stepInto, type Typed, type TypeWorld } from "../template/mod.ts"
import { isPrepared, neverHolds } from "./check-literals.ts"
import { type CheckPlace, checkValue, reportAt, reportIn } from "./check-object.ts"
import { blockWorld, elementWorld, withNames, worldOf } from "./check-world.ts"
import type { Skeleton } from "./entry.ts"
import { gateConditions, gateNames } from "./gates.ts"
import { wholeEventSchema } from "./observe.ts"
import { gvkOfEntry } from "./resources.ts"
import { type CompileContext, written } from "./value.ts"

const count: Schema = { type: "integer" }

/** What conditions on an operator itself may read. */
const operatorRoot: Schema = {
  type: "object",
  properties: {
    metrics: {
      type: "object",
      properties: {
        queueDepth: count,
        workersBusyPercent: count,
        workersIdlePercent: count,
        reconcileDurationP95Ms: { type: "number" },
      },
    },
  },
}

/** What the check of one operator needs. */
export interface CheckContext {
  /** All entries of the Katalog. */
  readonly crds: readonly CrdSpec[]
  /** The built-in kinds and the CRDs of the Katalog. */
  readonly set: SchemaSet
  /** The object that an entry stands for. */
  readonly skeleton: (entry: EntrySpec) => Skeleton
  /** How content is compiled that is the Katalog's own, or that of a Motif. */
  readonly contextOf: (motif: MotifSpec | undefined) => CompileContext
  /** How gates are compiled. */
  readonly gateContext: CompileContext
}

type Operator = CheckContext & { readonly crd: CrdSpec; readonly world: TypeWorld }

/**
 * Checks one operator before it runs: each path that a template or condition reads, and each value against the schema of
 * the place it goes to. Only what is wrong for every custom resource is an error; what may be right is not judged.
 */
export function checkOperator(crd: CrdSpec, context: CheckContext): void {
  const said = new Set<string>()
  const contextOf = (motif: MotifSpec | undefined) => {
    const own = context.contextOf(motif)
    return { ...own, report: onceEach(own.report, said) }
  }
  const operator = { ...context, contextOf, crd, world: worldOf(crd, context) }
  const { onCreate, onReconcile, onDelete, status } = crd.operatorBox
  for (const motif of crd.motifs) checkInputs(motif, operator)
  for (const block of [onCreate, onReconcile, onDelete]) if (block) checkBlock(block, operator)
  for (const field of status.fields) checkStatusField(field, operator)
  for (const condition of crd.enrich.flatMap(({ when, or }) => [...when, ...or])) {
    checkCondition(condition, operator, { world: operator.world, motif: undefined })
  }
  const atGates = {
    ...operator,
    contextOf: () => ({ ...context.gateContext, report: onceEach(context.gateContext.report, said) }),
  }
  const world = withNames(operator.world, gateNames)
  for (const condition of gateConditions(crd)) checkCondition(condition, atGates, { world, motif: undefined })
  const onItself: TypeWorld = { ...operator.world, root: operatorRoot }
  for (const condition of [...(crd.autoscale?.when ?? []), ...(crd.autoscale?.or ?? [])]) {
    checkCondition(condition, operator, { world: onItself, motif: undefined })
  }
  checkAround(operator)
  checkWatches(operator)
  checkCross(operator)
  checkCalls(operator)
  checkStatusSchema(operator)
}

// What comes before the entries, and what is told after.
function checkAround(operator: Operator): void {
  const { prepare, marks, operatorBox } = operator.crd
  const value = (content: unknown, at: string, motif?: MotifSpec) =>
    checkValue(content, undefined, placeOf(operator, { world: operator.world, motif, at }))
  const told = [...operatorBox.events, ...(operatorBox.requeue ? [operatorBox.requeue] : [])]
  for (const { value: content, at, motif } of prepare.normalize) value(content, at, motif)
  for (const { field, mode, value: content, at, motif } of prepare.mutations) {
    value(field, `${at}.field`, motif)
    value(content, `${at}.${mode}`, motif)
  }
  value(written(marks.labels, marks.at), marks.at)
  for (const { message, at, motif } of prepare.validations) value(message, `${at}.message`, motif)
  for (const one of told) {
    if ("after" in one) value(one.after, `${one.at}.after`)
    else value(one.message, `${one.at}.message`)
  }
  const rules = [
    ...prepare.mutations,
    ...prepare.validations.map(({ must, ...rule }) => ({ ...rule, or: [...rule.or, must] })),
  ]
  for (const { when, or, ...rule } of [...rules, ...told]) {
    const motif = "motif" in rule ? rule.motif : undefined
    for (const condition of [...when, ...or]) checkCondition(condition, operator, { world: operator.world, motif })
  }
}

// What leads from a watched object to its custom resource reads that object. Of kinds without a schema nothing is known.
function checkWatches(operator: Operator): void {
  const { set } = operator
  const { watches, observedEvents } = operator.crd.operatorBox
  const events = observedEvents.map(({ keyFrom }) => ({ root: wholeEventSchema, kind: "Event", keyFrom }))
  const objects = watches.map(({ gvk, keyFrom }) => ({ root: set.root(gvk), kind: gvk.kind, keyFrom }))
  for (const { root, kind, keyFrom } of [...objects, ...events]) {
    if (keyFrom?.way !== "name" || !root) continue
    const world = { set, root, kinds: new Map([[root, kind]]), ambiguous: new Map<string, string>() }
    for (const key of ["name", "namespace"] as const) {
      const at = `${keyFrom.at}.${key}`
      checkValue(keyFrom[key], undefined, placeOf(operator, { world, motif: undefined, at }))
    }
  }
}

function checkCalls(operator: Operator): void {
  const part = { world: operator.world, motif: undefined }
  for (const call of callPlaces.flatMap((place) => operator.crd.calls.at[place])) {
    const { url, body, token, headers, secret, at } = call
    for (const [key, written] of Object.entries({ url, body, token, headers, "auth.secretRef.name": secret?.name })) {
      if (written !== undefined) checkValue(written, undefined, placeOf(operator, { ...part, at: `${at}.${key}` }))
    }
    for (const condition of [...call.when, ...call.or]) checkCondition(condition, operator, part)
  }
}

// What is read of another entry is chosen by the custom resource that reads.
function checkCross(operator: Operator): void {
  for (const { name, namespace, matchLabels, at } of operator.crd.operatorBox.cross) {
    for (const [key, written] of Object.entries({ name, namespace, matchLabels })) {
      const part = { world: operator.world, motif: undefined, at: `${at}.selector.${key}` }
      if (written !== undefined) checkValue(written, undefined, placeOf(operator, part))
    }
  }
}

// One template can serve several places of an object.
function onceEach(report: CompileContext["report"], said: Set<string>): CompileContext["report"] {
  return (diagnostic) => {
    const { span, code, message, path } = diagnostic
    const id = `${span ? `${span.file.path}:${span.start}` : path}:${code}:${message}`
    if (said.has(id)) return
    said.add(id)
    report(diagnostic)
  }
}

interface Part {
  readonly at: string
  readonly world: TypeWorld
  readonly motif: MotifSpec | undefined
}

function placeOf(operator: Operator, { at, world, motif }: Part): CheckPlace {
  const context = operator.contextOf(motif)
  const isShared = motif !== undefined
  return { world, context, at, kind: operator.crd.apiTypes.kind, steps: [], isComplete: false, isShared }
}

// What a Motif is given is read where it is imported.
function checkInputs(motif: MotifSpec, operator: Operator): void {
  const { world } = operator
  for (const { value: given } of motif.inputs) {
    if (given) checkValue(given.value, undefined, placeOf(operator, { world, motif: motif.parent, at: given.at }))
  }
}

function checkBlock(block: BlockSpec, operator: Operator): void {
  const world = blockWorld(operator.world, block.entries)
  for (const condition of [...block.when, ...block.or]) checkCondition(condition, operator, { world, motif: undefined })
  const { onDelete } = operator.crd.operatorBox
  for (const { when, or } of block === onDelete ? onDelete.groups : []) {
    for (const condition of [...when, ...or]) checkCondition(condition, operator, { world, motif: undefined })
  }
  for (const entry of block.entries) checkEntry(entry, operator, block !== onDelete || entry.kind === "jobs")
}

function checkEntry(entry: EntrySpec, operator: Operator, makes: boolean): void {
  const { motif } = entry
  if (entry.forEach) checkForEach(entry.forEach.field, entry, operator)
  const world = elementWorld(operator.world, entry)
  for (const condition of [...entry.when, ...entry.or]) checkCondition(condition, operator, { world, motif })
  const gvk = gvkOfEntry(entry)
  const schema = gvk && operator.set.root(gvk)
  const overridden = Object.keys(entry.overrides).length > 0
  const place = { ...placeOf(operator, { world, motif, at: entry.at }), kind: gvk?.kind ?? "the object" }
  // With `force` an entry may own only a part of an object that somebody else made.
  const isComplete = makes && !overridden && entry.adoption !== "force"
  checkValue(operator.skeleton({ ...entry, overrides: {} }), schema, { ...place, isComplete })
  // Fields that become no part of the object itself: copies, target namespaces, scaling.
  checkValue(written(entry.fields, entry.at), undefined, place)
  if (overridden) checkValue(written(entry.overrides, `${entry.at}.overrides`), schema, place)
}

function checkForEach(field: string, entry: EntrySpec, operator: Operator): void {
  const at = `${entry.at}.forEach.field`
  const place = placeOf(operator, { world: operator.world, motif: entry.motif, at })
  const source = checkPath(field, place)
  const type = schemaType(operator.set.resolve(source.schema))
  if (type === "array" || type === "object" || type === "any") return
  const message = `forEach takes a list or a map, ${source.name} is ${nouns[type]}`
  const help = "name a field that holds a list or a map"
  reportAt({ severity: "error", code: "ORK0502", message, help }, place)
}

function checkCondition(condition: ConditionSpec, operator: Operator, part: Omit<Part, "at">): void {
  const place = placeOf(operator, { ...part, at: `${condition.at}.field` })
  const isPath = !condition.field.includes("{{")
  if (!isPath) checkValue(condition.field, undefined, place)
  const { schema } = isPath ? checkPath(condition.field, place) : {}
  const isFixed = schema !== undefined && !isPrepared(condition.field, operator.crd)
  for (const problem of neverHolds(condition, isFixed ? operator.set.resolve(schema) : undefined)) {
    const severity = part.motif ? "warning" : problem.severity
    reportAt({ ...problem, severity }, { ...place, at: condition.valueAt })
  }
  checkValue(condition.value, undefined, { ...place, at: condition.valueAt })
}

/** Checks a dot path of the data; what it leads to. */
function checkPath(path: string, place: CheckPlace): Typed {
  let typed = rootType(place.world)
  for (const { step, start, end } of stepsOf(path)) {
    const next = stepInto(typed, step, place.world)
    typed = next.typed
    if (next.problem) reportIn(path, { ...next.problem, start, end }, place)
  }
  return typed
}

interface PathStep {
  readonly step: string | number
  readonly start: number
  readonly end: number
}

// The steps of `parsePath`, with their offsets.
function stepsOf(path: string): readonly PathStep[] {
  return [...path.matchAll(/\[(\d+)\]|\["([^"]*)"\]|([^.[\]]+)/g)].map((match) => {
    const step = match[1] !== undefined ? Number(match[1]) : (match[2] ?? match[3] ?? "")
    return { step, start: match.index, end: match.index + match[0].length }
  })
}

const ofType: Readonly<Record<StatusFieldSpec["type"], Schema | undefined>> = {
  native: undefined,
  auto: undefined,
  string: undefined,
  int: { type: "number" },
  float: { type: "number" },
  bool: { type: "boolean" },
}

function checkStatusField(field: StatusFieldSpec, operator: Operator): void {
  const { world, crd } = operator
  const { motif } = field
  for (const condition of [...field.when, ...field.or]) checkCondition(condition, operator, { world, motif })
  const steps = ["status", ...parsePath(field.path)]
  const place = { ...placeOf(operator, { world, motif, at: field.at }), steps }
  const isTwice = reportsStatusTwice(field, operator, place)
  const target = objectOf(operator) && hasStatus(crd) && !isTwice ? statusTarget(field, operator, place) : undefined
  checkValue(written(field.value, `${field.at}.value`), field.type === "native" ? target : ofType[field.type], place)
}

// Paths begin below the status; a CRD may still have a field of that name there.
function reportsStatusTwice(field: StatusFieldSpec, operator: Operator, place: CheckPlace): boolean {
  const rest = /^\.?status\.(.+)$/.exec(field.path)?.[1]
  const object = objectOf(operator)
  const status = object && memberOf(object, "status")
  if (rest === undefined || (status && memberOf(operator.set.resolve(status), "status"))) return false
  const message = `"${field.path}" would be written to status.${field.path}`
  const help = `leave "status." out: ${rest}`
  reportAt({ severity: "warning", code: "ORK0503", message, help }, { ...place, at: `${field.at}.path` })
  return true
}

function objectOf({ crd, set }: Operator): Schema | undefined {
  return crd.crd && set.root(crd.apiTypes)
}

/** The schema of a declared status field; a warning where the CRD has none, since the server would drop the value. */
function statusTarget(field: StatusFieldSpec, operator: Operator, place: CheckPlace): Schema | undefined {
  const { set, crd } = operator
  const object = objectOf(operator)
  let at = object && memberOf(object, "status")
  for (const { step, start, end } of stepsOf(field.path)) {
    at = at && memberOf(set.resolve(at), String(step))
    if (at !== undefined) continue
    const message = `status of ${crd.apiTypes.kind} has no field "${field.path}", the server drops the value`
    const help = `add the field to the schema in ${crd.crd?.file.written ?? "the CRD"}`
    const problem = { severity: "warning", code: "ORK0503", message, help, start, end } as const
    reportIn(field.path, problem, { ...place, at: `${field.at}.path` })
    return undefined
  }
  return at
}

function hasStatus(crd: CrdSpec): boolean {
  return crd.crd !== undefined && hasStatusSubresource(crd.crd.object, crd.apiTypes.version)
}

// One note for the CRD about what is always written, and one warning when nothing at all can be.
function checkStatusSchema(operator: Operator): void {
  const { crd, set } = operator
  const object = objectOf(operator)
  if (!crd.crd || !object) return
  const { kind } = crd.apiTypes
  const { fields, conditions } = crd.operatorBox.status
  const place = placeOf(operator, { world: operator.world, motif: undefined, at: crd.crd.file.at })
  const help = `add what is missing in ${crd.crd.file.written}`
  if (!hasStatus(crd)) {
    const message = `${kind} has no status subresource, so no status is written`
    if (fields.length > 0) reportAt({ severity: "warning", code: "ORK0503", message, help }, place)
    else if (conditions) reportAt({ severity: "note", code: "ORK0504", message, help }, place)
    return
  }
  const status = memberOf(object, "status")
  const resolved = status && set.resolve(status)
  const missing = ["conditions", "observedGeneration"].filter((key) => !resolved || !memberOf(resolved, key))
  if (!conditions || missing.length === 0) return
  const message = `status of ${kind} has no field ${missing.map((key) => `"${key}"`).join(" and no ")}, the server drops it`
  reportAt({ severity: "note", code: "ORK0504", message, help }, place)
}
