import { formatDuration, ms } from "../../base/mod.ts"
import { covers, describeObject, getPath, type KubeObject, parsePath, stableHash } from "../../kube/mod.ts"
import { childId } from "../inventory.ts"
import { isNormalForm } from "../normal-form.ts"
import { hashAnnotation, otherManagers } from "../ownership.ts"
import type { Desired, Pass } from "../pass.ts"

function idOf(item: Desired): string {
  return childId(item.resource.gvr, item.key)
}

function intentOf({ object }: Pick<Desired, "object">): string {
  return object.metadata.annotations?.[hashAnnotation] ?? ""
}

/** True when what is declared is what was last applied. */
export function hasSameIntent(item: Desired, live: KubeObject): boolean {
  return intentOf({ object: live }) === intentOf(item)
}

/** The paths at which `live` is not as declared, nor as the server writes what was declared. */
export function differences(pass: Pass, item: Desired, live: KubeObject): readonly string[] {
  const { schemas } = pass.ports
  const paths = covers(live, item.object, schemas.root(item.rendered.resource.gvk), schemas)
  if (paths.length === 0 || !hasSameIntent(item, live)) return paths
  return paths.filter((path) => !isNormalForm(live, pass.plan.fieldManager, { path, desired: item.object }))
}

/** Remembers what the server made of an apply: whatever still differs in its answer is its own doing. */
export function answered(pass: Pass, item: Desired, object: KubeObject): void {
  const paths = differences(pass, item, object)
  if (paths.length === 0) pass.ports.settled.delete(idOf(item))
  else pass.ports.settled.set(idOf(item), sameState(item, object, paths))
}

/** Remembers that another manager has a declared field, and that it is left alone. */
export function refused(pass: Pass, item: Desired, live: KubeObject): void {
  pass.ports.settled.set(idOf(item), refusedState(item, live, differences(pass, item, live)))
}

// By value: what others edit beside it asks nothing again.
function sameState(item: Desired, live: KubeObject, paths: readonly string[]): string {
  return `same ${intentOf(item)} ${stableHash(paths.map((path) => [path, getPath(live, parsePath(path))]))}`
}

// The differing paths too: an edit of labels does not move the generation.
function refusedState(item: Desired, live: KubeObject, paths: readonly string[]): string {
  const { uid, generation, resourceVersion } = live.metadata
  return `refused ${uid} ${generation ?? resourceVersion} ${intentOf(item)} ${paths.join(" ")}`
}

/**
 * True when the server has answered for exactly this pair of intent and object, so that asking again is useless: it
 * refused (a field conflict), or what differs is what it makes of the declared.
 */
export function settledBefore(pass: Pass, item: Desired, live: KubeObject, paths: readonly string[]): boolean {
  const settled = pass.ports.settled.get(idOf(item))
  if (settled === undefined) return false
  if (settled !== refusedState(item, live, paths)) return settled === sameState(item, live, paths)
  const by = otherManagers(live, paths[0] ?? "", pass.plan.fieldManager) || "another manager"
  const message = `${describeObject(live)}: left alone, .${paths[0]} is managed by ${by}; set forceConflict: true or drop the field`
  pass.marks.problems.push({ reason: "FieldConflict", message, terminal: true, condition: "FieldConflict" })
  return true
}

/** `paths` without those that somebody sets back each time; these are left to them, and said. */
export function uncontested(pass: Pass, item: Desired, live: KubeObject, paths: readonly string[]): readonly string[] {
  const contests = pass.ports.contests.of(idOf(item), intentOf(item), paths)
  for (const [path, { by, count, lastedMs }] of contests) {
    const who = by || "somebody"
    const message = `${describeObject(live)}: .${path} was set back by ${who} ${count} times in ${formatDuration(ms(lastedMs))}; it is left to them until either side changes: drop the field, or stop them`
    pass.marks.problems.push({ reason: "FieldContested", message, terminal: true, condition: "FieldContested" })
  }
  return paths.filter((path) => !contests.has(path))
}

/** Notes fields that were taken back from others. */
export function tookBack(pass: Pass, item: Desired, live: KubeObject, paths: readonly string[]): void {
  const corrections = paths.map((path) => ({
    path,
    by: otherManagers(live, path, pass.plan.fieldManager),
    value: stableHash(getPath(live, parsePath(path)) ?? null),
  }))
  pass.ports.contests.corrected(idOf(item), intentOf(item), corrections)
}
