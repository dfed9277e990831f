import { OrkError } from "../../base/mod.ts"
import { hasFinalizer, isRecord, keyOf, withFinalizer, withoutFinalizer } from "../../kube/mod.ts"
import type { RenderFailure } from "../../plan/mod.ts"
import { cleanupFinalizer, collectable, managedByAnnotation, managedLabel } from "../ownership.ts"
import type { Pass } from "../pass.ts"
import { scopeOf } from "../scope.ts"

/**
 * Keeps the finalizer present exactly while deletion has work that the garbage collector cannot do, and writes the
 * labels and finalizers that the Katalog declares: all in one write, and only when something differs.
 *
 * Runs before the first child is made that needs it. With `finalizer: always` it also writes the published label and
 * annotation.
 */
export async function maintain(pass: Pass): Promise<"next"> {
  const always = pass.plan.finalizer === "always"
  const labels = { ...declaredLabels(pass), ...(always && { [managedLabel]: "true" }) }
  const annotations: Readonly<Record<string, string>> = always ? { [managedByAnnotation]: pass.plan.katalog } : {}
  const before = pass.cr.metadata
  const finalizers = finalizersOf(pass, always)
  const isMarked =
    Object.entries(labels).every(([key, value]) => before.labels?.[key] === value) &&
    Object.entries(annotations).every(([key, value]) => before.annotations?.[key] === value)
  if (finalizers === undefined && isMarked) return "next"
  pass.signal.throwIfAborted()
  const body = {
    metadata: {
      resourceVersion: before.resourceVersion,
      ...(finalizers && { finalizers }),
      ...(!isMarked && { labels, annotations }),
    },
  }
  const options = { fieldManager: pass.plan.fieldManager, signal: pass.signal }
  pass.cr = await pass.ports.client.patch(pass.resource, keyOf(pass.cr), { type: "merge", body }, options)
  pass.ports.observeCr(pass.cr)
  return "next"
}

/** The finalizers that the CR should have; undefined while it has them. */
function finalizersOf(pass: Pass, always: boolean): readonly string[] | undefined {
  const present = hasFinalizer(pass.cr, cleanupFinalizer)
  const unsure = present && pass.ports.cache.unlisted().length > 0
  const needed = always || unsure || needsCleanup(pass)
  // An entry that failed to render may be the one that needs it.
  const keeps = needed || (present && !pass.complete)
  const own = keeps ? withFinalizer(pass.cr, cleanupFinalizer) : withoutFinalizer(pass.cr, cleanupFinalizer)
  const wanted = pass.plan.marks.finalizers.reduce(withFinalizer, own)
  return wanted === pass.cr ? undefined : (wanted.metadata.finalizers ?? [])
}

const labelValue = /^([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$/

// One that cannot be made is said and left as it is: the children do not wait for it.
function declaredLabels(pass: Pass): Readonly<Record<string, string>> {
  const { labels } = pass.plan.marks
  if (!labels) return {}
  const made = labels.render(scopeOf(pass))
  const failures = made.ok ? [] : [...made.error]
  const values = Object.entries(made.ok && isRecord(made.value) ? made.value : {}).map(
    ([key, value]) => [key, String(value)] as const,
  )
  const wrong = values.filter(([, value]) => !labelValue.test(value))
  for (const [key, value] of wrong) failures.push(unfit(pass, key, value))
  for (const { code, where, message: what } of failures) {
    const message = `labels (${where}): ${what}`
    const error = new OrkError(code, message, { where })
    pass.marks.problems.push({ reason: "TemplateError", message, terminal: true, error })
  }
  return Object.fromEntries(values.filter((pair) => !wrong.includes(pair)))
}

function unfit({ plan }: Pass, key: string, value: string): RenderFailure {
  return { code: "template/type", where: plan.marks.where, message: `"${value}" cannot be the value of ${key}` }
}

function needsCleanup(pass: Pass): boolean {
  if (pass.plan.onDelete.length > 0) return true
  if (pass.desired.some((item) => !item.rendered.resource.retain && !collectable(pass.cr, item.object))) return true
  const owned = pass.ports.cache.ownedBy(pass.cr.metadata.uid ?? "")
  return owned.some(({ object }) => !collectable(pass.cr, object))
}
