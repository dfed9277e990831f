import { diffToMergePatch, isRecord, type KubeObject, type ObjectMeta, semanticEqual } from "../kube/mod.ts"

type Fields = Readonly<Record<string, unknown>>

/** One operation of a JSON patch (RFC 6902). */
export type Operation =
  | { readonly op: "test" | "add" | "replace"; readonly path: string; readonly value: unknown }
  | { readonly op: "remove"; readonly path: string }

/** How a status becomes another one, whatever else of the object changes meanwhile. */
export interface StatusPatch {
  readonly operations: readonly Operation[]
  /** True when the answer shows that somebody else changed the object between the read and the write. */
  readonly isOvertaken: (answer: KubeObject) => boolean
}

/**
 * The JSON patch that makes `wanted` the status of `cr`; undefined when it is so already.
 *
 * It needs no resourceVersion, so an edit of the spec does not refuse it. It tests that the object is still the same one,
 * and names conditions one by one, each with a test that it is still in its place: those of others are not touched.
 */
export function statusPatch(cr: KubeObject, wanted: Fields): StatusPatch | undefined {
  const before = isRecord(cr["status"]) ? cr["status"] : undefined
  const changed = diffToMergePatch(before ?? {}, wanted)
  if (!isRecord(changed) || Object.keys(changed).length === 0) return undefined
  const { uid, resourceVersion } = cr.metadata
  const theirs = (object: KubeObject) => ofOthers(object, before ?? {}, changed)
  const isOvertaken = (answer: KubeObject) =>
    answer.metadata.resourceVersion !== resourceVersion && !semanticEqual(theirs(cr), theirs(answer))
  const same = test("/metadata/uid", uid)
  if (!before) {
    const all: Operation = { op: "add", path: "/status", value: changed }
    return { operations: [same, test("/status", null), all], isOvertaken }
  }
  const { conditions, ...others } = changed
  const list = conditions === undefined ? [] : listOperations("/status/conditions", before["conditions"], conditions)
  // Where entries come, or cannot be told apart, the list is replaced as a whole, if nothing at all has changed meanwhile.
  const whole = () => [
    test("/metadata/resourceVersion", resourceVersion),
    ...operations("/status", before, { conditions }),
  ]
  return { operations: [same, ...(list ?? whole()), ...operations("/status", before, others)], isOvertaken }
}

function test(path: string, value: unknown): Operation {
  return { op: "test", path, value }
}

/** A merge patch of `before` as operations. */
function operations(path: string, before: Fields, changed: Fields): readonly Operation[] {
  return Object.entries(changed).flatMap(([key, value]): readonly Operation[] => {
    const at = `${path}/${key.replaceAll("~", "~0").replaceAll("/", "~1")}`
    const old = before[key]
    if (value === null) return [{ op: "remove", path: at }]
    return isRecord(value) && isRecord(old) ? operations(at, old, value) : [{ op: "add", path: at, value }]
  })
}

/** A list of conditions, entry by entry, where entries only change or go; else undefined. */
function listOperations(path: string, before: unknown, after: unknown): readonly Operation[] | undefined {
  if (before === undefined || before === null) return [test(path, null), { op: "add", path, value: after }]
  const old = byType(before)
  const next = byType(after)
  if (!old || !next) return undefined
  const left = [...old.keys()].filter((type) => next.has(type))
  if (!semanticEqual(left, [...next.keys()])) return undefined
  const places = [...old.keys()].map((type, i) => ({ type, at: `${path}/${i}` }))
  // From the end, so that no place moves before its turn.
  return places.toReversed().flatMap(({ type, at }): readonly Operation[] => {
    if (semanticEqual(old.get(type), next.get(type))) return []
    const operation: Operation = next.has(type)
      ? { op: "replace", path: at, value: next.get(type) }
      : { op: "remove", path: at }
    return [test(`${at}/type`, type), operation]
  })
}

/** Conditions by type, in order; undefined when it is no list of them, or has one twice. */
function byType(list: unknown): ReadonlyMap<unknown, unknown> | undefined {
  if (!Array.isArray(list) || !list.every((entry) => isRecord(entry) && typeof entry["type"] === "string"))
    return undefined
  const found = new Map<unknown, unknown>(list.map((entry) => [entry.type, entry]))
  return found.size === list.length ? found : undefined
}

/** What is left of an object without the status that `changed` writes over `before`, and what every write changes. */
function ofOthers({ status, metadata, ...rest }: KubeObject, before: Fields, changed: Fields): unknown {
  const { resourceVersion: _, managedFields: __, ...lasting }: ObjectMeta = metadata
  const { conditions, ...fields } = isRecord(status) ? status : {}
  const theirs = Object.entries(fields).filter(([key]) => !Object.hasOwn(changed, key))
  const old = byType(before["conditions"])
  const next = byType(changed["conditions"] ?? before["conditions"])
  const entries = [...(byType(conditions) ?? [])].filter(([type]) => semanticEqual(old?.get(type), next?.get(type)))
  return { ...rest, metadata: lasting, status: Object.fromEntries(theirs), entries }
}
