import { getPath, isTerminating, type KubeObject, keyOf, type ObjectKey, stableHash } from "../kube/mod.ts"
import type { GatesPlan } from "../plan/mod.ts"

type Sentinel = GatesPlan["sentinels"][number]

/** What of a custom resource each sentinel looks at. */
const partOf: Readonly<Record<Sentinel, (cr: KubeObject) => unknown>> = {
  generationChanged: ({ metadata }) => metadata.generation,
  labelsChanged: ({ metadata }) => metadata.labels,
  annotationsChanged: ({ metadata }) => metadata.annotations,
  deletionStarted: isTerminating,
  finalizersChanged: ({ metadata }) => metadata.finalizers,
  nameChanged: ({ metadata }) => metadata.name,
  namespaceChanged: ({ metadata }) => metadata.namespace,
  generateNameChanged: ({ metadata }) => metadata["generateName"],
  uidChanged: ({ metadata }) => metadata.uid,
  resourceVersionChanged: ({ metadata }) => metadata.resourceVersion,
  creationTimestampChanged: ({ metadata }) => metadata.creationTimestamp,
  deletionGracePeriodSecondsChanged: (cr) => getPath(cr, ["metadata", "deletionGracePeriodSeconds"]),
  ownerReferenceChanged: ({ metadata }) => metadata.ownerReferences,
  managedFieldsChanged: ({ metadata }) => metadata.managedFields,
}

interface Baseline {
  readonly uid: string | undefined
  readonly parts: ReadonlyMap<Sentinel, string>
}

/**
 * What changed on each custom resource since its last pass that succeeded. In memory: after a restart all counts as
 * changed, so that no change is lost. Its size is bounded by the number of custom resources: the owner forgets the keys
 * of those that are gone.
 */
export class Sentinels {
  readonly #names: readonly Sentinel[]
  readonly #passed = new Map<ObjectKey, Baseline>()

  constructor(names: readonly Sentinel[]) {
    this.#names = names
  }

  /** How many custom resources are remembered. */
  get size(): number {
    return this.#passed.size
  }

  /** Takes the state that a pass has dealt with. */
  passed(cr: KubeObject): void {
    if (this.#names.length === 0) return
    const parts = new Map(this.#names.map((name) => [name, hashOf(name, cr)]))
    this.#passed.set(keyOf(cr), { uid: cr.metadata.uid, parts })
  }

  /** By sentinel, whether what it looks at differs from what was dealt with. */
  changes(cr: KubeObject): Readonly<Record<string, boolean>> {
    const known = this.#passed.get(keyOf(cr))
    const before = known?.uid === cr.metadata.uid ? known?.parts : undefined
    const changed = (name: Sentinel) =>
      name === "deletionStarted" ? isTerminating(cr) : before?.get(name) !== hashOf(name, cr)
    return Object.fromEntries(this.#names.map((name) => [name, changed(name)]))
  }

  /** A custom resource is gone. */
  forget(key: ObjectKey): void {
    this.#passed.delete(key)
  }
}

function hashOf(name: Sentinel, cr: KubeObject): string {
  return stableHash(partOf[name](cr) ?? null)
}
