import { OrkError } from "../../base/mod.ts"
import { diffToMergePatch, formatGvk, isRecord, isTerminating, keyOf } from "../../kube/mod.ts"
import { judgeRules, prepareObject, type RenderFailure } from "../../plan/mod.ts"
import type { Outcome } from "../../runtime/mod.ts"
import { makeCalls } from "../calls.ts"
import { isNews } from "../emit.ts"
import { finalize, validationFailed } from "../finalize.ts"
import { type Pass, revisitAt } from "../pass.ts"
import { scopeOf } from "../scope.ts"

/**
 * The CR as everything after this sees it: normalised, mutated, then validated. In memory: nothing is written.
 *
 * A broken rule with `deny` ends the pass: nothing is applied or pruned.
 */
export async function prepare(pass: Pass): Promise<"next" | Outcome> {
  const { mutation, validation } = pass.plan.calls
  const called = await makeCalls(pass, [mutation, validation])
  if (called !== "next") return called
  if (isEmpty(pass)) return "next"
  const failures = change(pass)
  if (failures.length === 0 && validate(pass)) {
    if (pass.plan.prepare.persist) await persist(pass)
    return "next"
  }
  for (const failure of failures) fail(pass, failure)
  pass.complete = false
  return await finalize(pass)
}

/** What `onDelete` sees of a CR that goes: the same, or the CR as it is where that fails. A deletion is never held up. */
export async function prepareDeletion(pass: Pass): Promise<"next"> {
  if (isTerminating(pass.cr) && pass.plan.onDelete.length > 0 && !isEmpty(pass)) change(pass)
  return "next"
}

function isEmpty({ plan: { prepare: plan } }: Pass): boolean {
  return plan.normalize.length + plan.mutations.length + plan.validations.length === 0
}

function fail(pass: Pass, { code, where, message: what }: RenderFailure): void {
  const message = `${where}: ${what}`
  const error = new OrkError(code, message, { where })
  pass.marks.problems.push({ reason: "TemplateError", message, terminal: true, error })
}

function change(pass: Pass): readonly RenderFailure[] {
  const { plan, ports } = pass
  const made = prepareObject(plan, pass.cr, { scope: scopeOf(pass), schemas: ports.schemas })
  revisitAt(pass, made.nextChangeMs)
  if (made.count > 0) ports.metrics.count("controller_mutation_total", { crd: formatGvk(plan.gvk) }, made.count)
  if (made.failures.length === 0) pass.prepared = made.object
  return made.failures
}

/** Writes what the mutations alone set, where it is not there yet. What is only normalised stays in memory. */
async function persist(pass: Pass): Promise<void> {
  const { plan, ports, signal } = pass
  const set = { ...plan, prepare: { ...plan.prepare, normalize: [] } }
  const made = prepareObject(set, pass.cr, { scope: scopeOf({ ...pass, prepared: pass.cr }), schemas: ports.schemas })
  if (made.failures.length > 0) return
  const { labels, annotations, resourceVersion } = pass.cr.metadata
  const { object } = made
  const changed = {
    spec: diffToMergePatch(pass.cr["spec"] ?? {}, object["spec"] ?? {}),
    labels: diffToMergePatch(labels ?? {}, object.metadata.labels ?? {}),
    annotations: diffToMergePatch(annotations ?? {}, object.metadata.annotations ?? {}),
  }
  if (!Object.values(changed).some((part) => isRecord(part) && Object.keys(part).length > 0)) return
  const { spec, ...metadata } = changed
  const body = { metadata: { resourceVersion, ...metadata }, spec }
  signal.throwIfAborted()
  const options = { fieldManager: plan.fieldManager, signal }
  pass.cr = await ports.client.patch(pass.resource, keyOf(pass.cr), { type: "merge", body }, options)
  ports.observeCr(pass.cr)
}

/** False when the CR is denied or cannot be judged, which the marks say. Warnings are events, sent once per change. */
function validate(pass: Pass): boolean {
  const { plan, ports } = pass
  if (plan.prepare.validations.length === 0) return true
  const { denied, warned, nextChangeMs, failures } = judgeRules(plan.prepare, scopeOf(pass))
  revisitAt(pass, nextChangeMs)
  for (const failure of failures) fail(pass, failure)
  if (failures.length > 0) return false
  const result = denied.length > 0 ? "denied" : warned.length > 0 ? "warned" : "allowed"
  ports.metrics.count("controller_admission_validation_total", {
    crd: formatGvk(plan.gvk),
    result,
    source: "reconcile",
  })
  const warning = { reason: "ValidationWarning", message: warned.join("; ") }
  if (isNews(pass, warning.reason, warned.length > 0 ? warning.message : undefined)) {
    ports.events.record({ regarding: pass.cr, action: "Reconcile", type: "Warning", ...warning })
  }
  if (denied.length > 0) {
    pass.marks.problems.push({ reason: validationFailed, message: denied.join("; "), terminal: true })
    return false
  }
  isNews(pass, validationFailed, undefined)
  return true
}
