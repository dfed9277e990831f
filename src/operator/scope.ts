import { OrkError } from "../base/mod.ts"
import { gvkOf, type KubeObject, keyOf } from "../kube/mod.ts"
import { type CrossReads, callsOf, type EnrichPlan, type RenderScope, readCross } from "../plan/mod.ts"
import { enrichChild } from "./enrich.ts"
import { entryAnnotation } from "./ownership.ts"
import { type Pass, revisitAt } from "./pass.ts"

/** What templates and conditions of a pass may read. */
export function scopeOf(pass: Pass): RenderScope {
  const children = pass.plan.readsChildren ? knownChildren(pass) : []
  const plain = scopeWith(pass, children)
  if (pass.plan.enrich.length === 0) return plain
  const targets = openTargets(pass, plain)
  const look = pass.ports.enrichment.reader(keyOf(pass.cr))
  return scopeWith(
    pass,
    children.map((child) => enrichChild(child, targets, look)),
  )
}

function scopeWith(pass: Pass, children: readonly KubeObject[]): RenderScope {
  const { cr, prepared = cr, ports } = pass
  const plain: RenderScope = {
    nowMs: ports.clock.nowMs(),
    random: ports.random,
    spent: pass.spent,
    isTaken: (path, key) => ports.isTaken(cr, path, key),
    data: {
      apiVersion: cr.apiVersion,
      kind: cr.kind,
      metadata: prepared.metadata,
      spec: prepared["spec"],
      status: cr["status"],
      children: childrenScope(children),
      ork: ports.process,
      ...(callsOf(pass.plan.calls).length > 0 && { external: pass.external }),
      ...(pass.plan.observedEvents.length > 0 && { events: ports.shelf.newest(keyOf(cr)) }),
    },
  }
  if (pass.plan.cross.length === 0) return plain
  return { ...plain, data: { ...plain.data, cross: crossOf(pass, plain).values } }
}

/** What the pass reads of other entries' custom resources, now. */
export function crossOf(pass: Pass, scope = scopeOf(pass)): CrossReads {
  return readCross(pass.plan.cross, scope, pass.reads)
}

/** The targets whose conditions hold; they see the children as they are. One that fails is left out and said, once. */
function openTargets(pass: Pass, scope: RenderScope): readonly EnrichPlan["target"][] {
  return pass.plan.enrich.flatMap(({ target, gate }) => {
    const judged = gate.judge(scope)
    if (judged.ok) {
      revisitAt(pass, judged.value.nextChangeMs)
      return judged.value.open ? [target] : []
    }
    for (const { code, where, message: what } of judged.error) {
      const message = `enrich ${target} (${where}): ${what}`
      if (pass.marks.problems.some((problem) => problem.message === message)) continue
      const error = new OrkError(code, message, { where })
      pass.marks.problems.push({ reason: "TemplateError", message, terminal: true, error })
    }
    return []
  })
}

function knownChildren(pass: Pass): readonly KubeObject[] {
  if (pass.live.size > 0) return [...pass.live.values()]
  return pass.ports.cache.ownedBy(pass.cr.metadata.uid ?? "").map(({ object }) => object)
}

/** Short names under which the published format reads children, beside their kind. */
const shortNames: Readonly<Record<string, string>> = {
  HorizontalPodAutoscaler: "hpa",
  PersistentVolumeClaim: "pvc",
  PersistentVolume: "pv",
  PodDisruptionBudget: "pdb",
}

/**
 * `.children.deployment` is the first of its kind by name, `.children.deployments.<name>` each by name, and
 * `.children.byId.<id>` what an entry made: with `forEach` also `.children.byId.<id>.<key>`. Kinds are found in camel,
 * lower and Pascal case.
 */
export function childrenScope(children: readonly KubeObject[]): Readonly<Record<string, unknown>> {
  if (children.length === 0) return {}
  const sorted = [...children].sort((a, b) => ((a.metadata.name ?? "") < (b.metadata.name ?? "") ? -1 : 1))
  const scope = new Map<string, unknown>()
  for (const [kind, ofKind] of Map.groupBy(sorted, (child) => gvkOf(child).kind)) {
    // Two groups may have one kind: the first of a name wins, as everywhere.
    const byName = Object.fromEntries(ofKind.toReversed().map((child) => [child.metadata.name ?? "", child]))
    for (const key of spellings(kind)) {
      if (ofKind[0]) scope.set(key, ofKind[0])
      for (const many of new Set([plural(key), `${key}s`])) scope.set(many, byName)
    }
  }
  scope.set("byId", byId(sorted))
  return Object.fromEntries(scope)
}

function spellings(kind: string): ReadonlySet<string> {
  const camel = kind.charAt(0).toLowerCase() + kind.slice(1)
  const short = Object.hasOwn(shortNames, kind) ? shortNames[kind] : undefined
  return new Set([camel, kind.toLowerCase(), kind, ...(short === undefined ? [] : [short])])
}

function plural(word: string): string {
  if (/[^aeiou]y$/i.test(word)) return `${word.slice(0, -1)}ies`
  return /(s|x|ch)$/i.test(word) ? `${word}es` : `${word}s`
}

function byId(children: readonly KubeObject[]): Readonly<Record<string, unknown>> {
  const found = new Map<string, unknown>()
  for (const child of children) {
    const id = child.metadata.annotations?.[entryAnnotation]
    if (id === undefined) continue
    found.set(id, child)
    const [, entry, key] = /^(.*)\[([^[\]]*)\]$/.exec(id) ?? []
    if (entry === undefined || key === undefined) continue
    const others = found.get(entry)
    found.set(entry, { ...(typeof others === "object" ? others : {}), [key]: child })
  }
  return Object.fromEntries(found)
}
