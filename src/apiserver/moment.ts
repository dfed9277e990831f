import type { KubeObject } from "../kube/mod.ts"
import type { History } from "./history.ts"
import { indexIn } from "./sorted-names.ts"
import type { Storage } from "./storage.ts"

/** The objects of a kind as they were at one revision, in the order of their keys. To be read before the next write. */
export interface Moment {
  /** Those behind a key, one by one: who needs a page pays for a page. */
  after(key: string): Iterable<KubeObject>
  /** How many they are. */
  countAfter(key: string): number
}

/** What is or was stored under `prefix`, of one namespace or of all (""); "expired" when that is forgotten. */
export function momentAt(
  { storage, history }: { readonly storage: Storage; readonly history: History },
  { prefix, namespace, revision }: { readonly prefix: string; readonly namespace: string; readonly revision: number },
): Moment | "expired" {
  const keys = storage.keys(prefix, namespace === "" ? undefined : namespace)
  const changed = revision === storage.revision ? none : history.before(prefix, revision, namespace)
  if (changed === "expired") return "expired"
  const back = [...changed].flatMap(([key, object]) => (object === undefined ? [] : [[key, object] as const]))
  back.sort(([a], [b]) => (a < b ? -1 : 1))
  const isNow = (key: string) => storage.at(prefix, key) !== undefined
  return {
    *after(key) {
      let at = indexAfter(keys, key)
      for (const [old, object] of back) {
        if (old <= key) continue
        for (let now = keys[at]; now !== undefined && now < old; now = keys[++at]) {
          const found = changed.has(now) ? undefined : storage.at(prefix, now)
          if (found !== undefined) yield found
        }
        yield object
      }
      for (let now = keys[at]; now !== undefined; now = keys[++at]) {
        const found = changed.has(now) ? undefined : storage.at(prefix, now)
        if (found !== undefined) yield found
      }
    },
    countAfter(key) {
      let count = keys.length - indexAfter(keys, key)
      for (const [old, object] of changed) if (old > key) count += (object === undefined ? 0 : 1) - (isNow(old) ? 1 : 0)
      return count
    },
  }
}

const none: ReadonlyMap<string, KubeObject | undefined> = new Map()

function indexAfter(keys: readonly string[], key: string): number {
  const index = indexIn(keys, key)
  return keys[index] === key ? index + 1 : index
}
