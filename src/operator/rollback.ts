import { type Clock, type Ms, ms } from "../base/mod.ts"
import { isRecord, type KubeObject, type ObjectKey } from "../kube/mod.ts"
import type { Problem } from "./marks.ts"

const retryMs = ms("10m")

interface Failure {
  readonly intent: string
  readonly problems: readonly Problem[]
  readonly untilMs: number
}

/**
 * What could not be applied as a whole, by CR, so that the same is not tried and undone again and again: it is tried
 * after ten minutes, or when anything of it changes.
 *
 * In memory. Bounded by the number of CRs: whoever drops one calls `forget`.
 */
export class Rollbacks {
  readonly #clock: Clock
  readonly #failures = new Map<ObjectKey, Failure>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** CRs that are remembered. */
  get size(): number {
    return this.#failures.size
  }

  /** Notes what was wrong with an intent. */
  failed(key: ObjectKey, intent: string, problems: readonly Problem[]): void {
    this.#failures.set(key, { intent, problems, untilMs: this.#clock.steadyMs() + retryMs })
  }

  /** What was wrong with exactly this intent, and how long it is left alone; undefined when it may be tried. */
  of(key: ObjectKey, intent: string): { readonly problems: readonly Problem[]; readonly leftMs: Ms } | undefined {
    const failure = this.#failures.get(key)
    if (!failure) return undefined
    const leftMs = failure.untilMs - this.#clock.steadyMs()
    if (failure.intent === intent && leftMs > 0) return { problems: failure.problems, leftMs: ms(leftMs) }
    this.#failures.delete(key)
    return undefined
  }

  /** A CR is gone. */
  forget(key: ObjectKey): void {
    this.#failures.delete(key)
  }
}

/** What `fieldManager` declared with its last apply, read from what it owns; undefined when it never applied. */
export function lastApplied(object: KubeObject, fieldManager: string): KubeObject | undefined {
  const entry = object.metadata.managedFields?.find((e) => e.manager === fieldManager && e.operation === "Apply")
  const owned = entry && ownedPart(object, entry.fieldsV1)
  if (!isRecord(owned)) return undefined
  const { apiVersion, kind, metadata } = object
  const { name, namespace } = metadata
  const own = isRecord(owned["metadata"]) ? owned["metadata"] : {}
  return {
    ...owned,
    apiVersion,
    kind,
    metadata: { ...own, ...(name ? { name } : {}), ...(namespace ? { namespace } : {}) },
  }
}

function ownedPart(value: unknown, fields: unknown): unknown {
  const names = isRecord(fields) ? Object.keys(fields).filter((step) => step !== ".") : []
  if (!isRecord(fields) || names.length === 0) return value
  if (Array.isArray(value)) {
    return value.flatMap((item: unknown) => {
      const step = names.find((candidate) => isStepTo(candidate, item))
      return step === undefined ? [] : [ownedItem(item, step, fields[step])]
    })
  }
  if (!isRecord(value)) return undefined
  return Object.fromEntries(
    names.flatMap((step) => {
      const part = ownedPart(value[step.slice(2)], fields[step])
      return part === undefined ? [] : [[step.slice(2), part]]
    }),
  )
}

// The keys of an item say which one it is, whoever owns them.
function ownedItem(item: unknown, step: string, fields: unknown): unknown {
  if (!step.startsWith("k:")) return item
  const keys: unknown = JSON.parse(step.slice(2))
  const part = ownedPart(item, fields)
  return { ...(isRecord(keys) ? keys : {}), ...(isRecord(part) ? part : {}) }
}

function isStepTo(step: string, item: unknown): boolean {
  const value: unknown = JSON.parse(step.slice(2))
  if (step.startsWith("v:")) return value === item
  return isRecord(item) && isRecord(value) && Object.entries(value).every(([key, part]) => item[key] === part)
}
