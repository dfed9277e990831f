import type { KubeObject, ObjectKey } from "../../kube/mod.ts"

/** A read-only view of a store: always one moment, never a call. */
export interface Lister {
  get(key: ObjectKey): KubeObject | undefined
  /** All objects, or those of one namespace. */
  list(namespace?: string): readonly KubeObject[]
  /** The objects for which the index `index` names `value`; an unknown index is a `Bug`. */
  byIndex(index: string, value: string): readonly KubeObject[]
  readonly size: number
}
