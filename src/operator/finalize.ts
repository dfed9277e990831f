import { err, isOrkError, ms, OrkError, ok, type Result, rfc3339, shorten } from "../base/mod.ts"
import {
  type Condition,
  coerce,
  conditionsOf,
  isRecord,
  type KubeObject,
  keyOf,
  memberOf,
  prune,
  withCondition,
  withPath,
} from "../kube/mod.ts"
import { type RenderFailure, renderStatusField, type StatusFieldPlan } from "../plan/mod.ts"
import type { Outcome } from "../runtime/mod.ts"
import { emitEvents, isNews, requeueAfter } from "./emit.ts"
import { type Problem, type ProblemCondition, problemConditions, summarize } from "./marks.ts"
import { type Pass, revisitAt } from "./pass.ts"
import { scopeOf } from "./scope.ts"
import { type StatusPatch, statusPatch } from "./status-patch.ts"

const messageMax = 1024

/** The reason of a CR that breaks a rule of its Katalog. */
export const validationFailed = "ValidationFailed"

const waitingRevisitMs = ms("5m")

/** What the marks add up to. */
export interface Verdict {
  readonly ready: boolean
  readonly reason: string
  readonly message: string
  readonly reconciling: boolean
  readonly stalled: boolean
}

/** Marks → consistent conditions: a retryable problem beats a terminal one, and any problem beats a wait. */
export function verdictOf(problems: readonly Problem[], waits: readonly string[]): Verdict {
  const worst = worstProblem(problems)
  if (worst) {
    const more = problems.length > 1 ? ` (and ${problems.length - 1} more)` : ""
    const message = shorten(worst.message + more, messageMax)
    return { ready: false, reason: worst.reason, message, reconciling: !worst.terminal, stalled: worst.terminal }
  }
  const [first] = waits
  if (first === undefined) {
    return { ready: true, reason: "ReconcileSucceeded", message: "", reconciling: false, stalled: false }
  }
  const more = waits.length > 1 ? ` (and ${waits.length - 1} more)` : ""
  return {
    ready: false,
    reason: "Waiting",
    message: shorten(first + more, messageMax),
    reconciling: true,
    stalled: false,
  }
}

function worstProblem(problems: readonly Problem[]): Problem | undefined {
  return problems.find((problem) => !problem.terminal) ?? problems[0]
}

/** Writes status and events, then says what the pass came to. Throws the error that decides about the retry. */
export async function finalize(pass: Pass): Promise<Outcome> {
  pass.isFinal = true
  const failures = await writeStatus(pass)
  recordEvents(pass)
  if (!pass.isBlind) emitEvents(pass)
  const problem = worstProblem(pass.marks.problems)
  if (problem?.error) throw problem.error
  if (problem) return { kind: "stalled", why: problem.message }
  if (failures > 0 && pass.marks.waits.length === 0) {
    return { kind: "stalled", why: "a status field could not be rendered" }
  }
  const again = pass.isBlind ? undefined : requeueAfter(pass)
  const [on] = pass.marks.waits
  if (on !== undefined) {
    const afterMs = pass.marks.revisitMs ?? waitingRevisitMs
    return { kind: "waiting", on, afterMs: again !== undefined && again < afterMs ? again : afterMs }
  }
  return again === undefined ? { kind: "done" } : { kind: "again", afterMs: again, why: "requeue" }
}

/** One patch of `/status`, only when something differs. Returns how many fields failed to render. */
async function writeStatus(pass: Pass): Promise<number> {
  if (!pass.resource.subresources.includes("status")) return 0
  const before = isRecord(pass.cr["status"]) ? pass.cr["status"] : {}
  const fields = withFields(pass, before)
  for (const failure of fields.failures) pass.marks.problems.push(failure)
  const verdict = verdictOf(pass.marks.problems, pass.marks.waits)
  await writeIfChanged(pass, pass.plan.status.conditions ? withVerdict(pass, fields.status, verdict) : fields.status)
  return fields.failures.length
}

/** Says in the conditions of a CR that goes why it is still there; its declared fields stay as they are. */
export async function writeVerdict(
  pass: Pass,
  { reason, message, isStalled }: { readonly reason: string; readonly message: string; readonly isStalled: boolean },
): Promise<void> {
  if (!pass.plan.status.conditions || !pass.resource.subresources.includes("status")) return
  const before = isRecord(pass.cr["status"]) ? pass.cr["status"] : {}
  const said = { reason, message: shorten(message, messageMax), reconciling: !isStalled, stalled: isStalled }
  await writeIfChanged(pass, withVerdict(pass, before, { ready: false, ...said }))
}

async function writeIfChanged(pass: Pass, wanted: Readonly<Record<string, unknown>>): Promise<void> {
  const schema = pass.ports.schemas.root(pass.plan.gvk)?.properties?.["status"]
  const pruned = prune(wanted, schema, pass.ports.schemas).value
  const patch = isRecord(pruned) ? statusPatch(pass.cr, pruned) : undefined
  if (patch) await patchStatus(pass, patch)
}

async function patchStatus(pass: Pass, { operations, isOvertaken }: StatusPatch): Promise<void> {
  pass.signal.throwIfAborted()
  const options = { fieldManager: pass.plan.fieldManager, subresource: "status" as const, signal: pass.signal }
  const patch = { type: "json", body: operations } as const
  try {
    const cr = await pass.ports.client.patch(pass.resource, keyOf(pass.cr), patch, options)
    pass.ports.observeCr(cr)
    const overtaken = isOvertaken(cr)
    pass.isOvertaken ||= overtaken
    // What the pass was made from is what it has dealt with: what is newer is for the next one.
    pass.cr = overtaken ? { ...pass.cr, status: cr["status"] } : cr
  } catch (error) {
    if (isOrkError(error, "api/not-found")) return // the CR was deleted meanwhile
    const problem = worstProblem(pass.marks.problems)
    if (problem?.error?.retryable) throw problem.error // the first trouble explains more than its consequence
    throw error
  }
}

interface Fields {
  readonly status: Readonly<Record<string, unknown>>
  readonly failures: readonly Problem[]
}

// Fields with conditions are evaluated even when the pass failed; the others keep their value then.
function withFields(pass: Pass, before: Readonly<Record<string, unknown>>): Fields {
  if (pass.isBlind) return { status: before, failures: [] }
  const scope = scopeOf(pass)
  const failures: Problem[] = []
  const failed = pass.marks.problems.length > 0
  let status = before
  for (const field of pass.plan.status.fields) {
    if (failed && !field.conditional) continue
    const data = { ...scope.data, status }
    const result = renderStatusField(field, { ...scope, data })
    revisitAt(pass, result.nextChangeMs)
    if (result.kind === "keep") continue
    const typed = result.kind === "set" ? typedStatus(pass, field, result.value) : err(result.failures)
    if (typed.ok) status = withPath(status, field.path, typed.value)
    else failures.push(...typed.error.map((failure) => fieldProblem(field, failure)))
  }
  return { status, failures }
}

function fieldProblem(field: StatusFieldPlan, failure: RenderFailure): Problem {
  const message = `status.${field.path.join(".")} (${failure.where}): ${failure.message}`
  const error = new OrkError(failure.code, message, { where: failure.where })
  return { reason: "TemplateError", message, terminal: true, error }
}

/** The value in the type that the CRD's schema gives its place. What the schema does not have is left for the pruning. */
function typedStatus(pass: Pass, field: StatusFieldPlan, value: unknown): Result<unknown, readonly RenderFailure[]> {
  const { schemas } = pass.ports
  let schema = schemas.root(pass.plan.gvk)?.properties?.["status"]
  for (const step of field.path) schema = schema && memberOf(schemas.resolve(schema), step)
  if (schema === undefined || value === undefined) return ok(value)
  const typed = coerce(prune(value, schema, schemas).value, schema, schemas)
  if (typed.ok) return typed
  return err(typed.error.map(({ message }) => ({ code: "template/type", where: field.where, message })))
}

function withVerdict(
  pass: Pass,
  status: Readonly<Record<string, unknown>>,
  verdict: Verdict,
): Readonly<Record<string, unknown>> {
  const now = rfc3339(pass.ports.clock.nowMs())
  const generation = pass.cr.metadata.generation ?? 0
  const detail = { reason: verdict.reason, observedGeneration: generation }
  const said = (flag: boolean, type: string, message: string) =>
    ({ ...detail, type, status: flag ? "True" : "False", message }) as const
  let conditions: readonly Condition[] = conditionsOf(status)
  conditions = withCondition(conditions, said(verdict.ready, "Ready", verdict.message), now)
  conditions = withCondition(
    conditions,
    said(verdict.reconciling, "Reconciling", messageIf(verdict.reconciling, verdict)),
    now,
  )
  conditions = withCondition(conditions, said(verdict.stalled, "Stalled", messageIf(verdict.stalled, verdict)), now)
  for (const type of problemConditions) conditions = withProblem(conditions, type, pass, now)
  return { ...status, observedGeneration: generation, conditions }
}

function messageIf(flag: boolean, verdict: Verdict): string {
  return flag ? verdict.message : ""
}

// Conditions of our own that exist only while they are true.
function withProblem(
  conditions: readonly Condition[],
  type: ProblemCondition,
  pass: Pass,
  now: string,
): readonly Condition[] {
  const problem = pass.marks.problems.find((candidate) => candidate.condition === type)
  if (!problem) return conditions.filter((condition) => condition.type !== type)
  const message = shorten(problem.message, messageMax)
  const observedGeneration = pass.cr.metadata.generation ?? 0
  return withCondition(conditions, { type, status: "True", reason: problem.reason, message, observedGeneration }, now)
}

function recordEvents(pass: Pass): void {
  const { events } = pass.ports
  const at = (cr: KubeObject) => ({ regarding: cr, action: "Reconcile" })
  const drift = pass.marks.changes.filter((change) => change.verb === "corrected")
  const others = pass.marks.changes.filter((change) => change.verb !== "corrected")
  if (drift.length > 0) {
    events.record({ ...at(pass.cr), type: "Normal", reason: "DriftCorrected", message: summarize(drift) })
  }
  if (others.length > 0) {
    events.record({ ...at(pass.cr), type: "Normal", reason: "Reconciled", message: summarize(others) })
  }
  for (const problem of pass.marks.problems) {
    if (problem.error?.code === "api/conflict") continue // a race, tried again at once
    if (problem.reason === validationFailed && !isNews(pass, validationFailed, problem.message)) continue
    events.record({ ...at(pass.cr), type: "Warning", reason: problem.reason, message: problem.message })
  }
  if (pass.marks.changes.length > 0) {
    pass.log.info("reconciled", { reason: pass.reason, changes: summarize(pass.marks.changes) })
  }
}
