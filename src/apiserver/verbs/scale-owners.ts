import { isRecord, type KubeObject } from "../../kube/mod.ts"
import { Refusal } from "../refusal.ts"

type Entry = NonNullable<KubeObject["metadata"]["managedFields"]>[number]
type Fields = Readonly<Record<string, unknown>>

/** A write of `/scale`, as far as owners are concerned. */
export interface ScaleWrite {
  readonly manager: string
  readonly apiVersion: string
  /** Where the number of replicas is. */
  readonly path: readonly string[]
  /** Whether the number changes. */
  readonly isChange: boolean
  /** Set for an apply. */
  readonly apply: { readonly force: boolean } | undefined
}

/**
 * Who owns what of an object after its `/scale` was written, as a real server keeps it.
 *
 * An updater that owned the number beside other fields loses it even when nothing changes, the new owner has no
 * time, and a number that nobody owns stays so.
 */
export function scaleOwners(live: KubeObject, write: ScaleWrite): readonly Entry[] {
  const { manager, apiVersion, isChange, apply } = write
  const entries = live.metadata.managedFields ?? []
  const path = write.path.map((step) => `f:${step}`)
  const holders = entries.filter(({ fieldsV1 }) => has(fieldsV1, path))
  const own: Entry = {
    ...{ manager, operation: apply ? "Apply" : "Update", apiVersion, fieldsType: "FieldsV1" },
    fieldsV1: path.reduceRight<Fields>((inner, step) => ({ [step]: inner }), {}),
    subresource: "scale",
  }
  const isOwn = (entry: Entry) =>
    entry.manager === manager && entry.operation === own.operation && entry.subresource === "scale"
  if (apply?.force === false && isChange)
    mustNotContest(
      holders.filter((entry) => !isOwn(entry)),
      write,
    )
  if (apply === undefined && !isChange) {
    const loses = (entry: Entry) => entry.operation === "Update" && holders.includes(entry)
    return entries.map((entry) => (loses(entry) ? (without(entry, path) ?? entry) : entry))
  }
  if (apply === undefined && holders.length === 0) return entries
  const keeps = (entry: Entry) => !isChange && entry.operation === "Apply"
  const others = entries.filter((entry) => !isOwn(entry))
  return [own, ...others.flatMap((entry) => (keeps(entry) ? [entry] : (without(entry, path) ?? [])))]
}

function mustNotContest(holders: readonly Entry[], { path }: ScaleWrite): void {
  if (holders.length === 0) return
  const field = `.${path.join(".")}`
  const named = holders.map(({ manager, operation, subresource }) => {
    const through = subresource === undefined ? "" : ` with subresource ${JSON.stringify(subresource)}`
    return `conflict with ${JSON.stringify(manager)}${through}${operation === "Apply" ? "" : " using autoscaling/v1"}`
  })
  const count = named.length === 1 ? "1 conflict" : `${named.length} conflicts`
  const list = named.length === 1 ? ` ${named[0]}: ${field}` : named.map((one) => `\n${one}:\n- ${field}`).join("")
  const causes = named.map((message) => ({ reason: "FieldManagerConflict", message, field }))
  throw new Refusal(409, "Conflict", `Apply failed with ${count}:${list}`, { causes })
}

function has(fields: unknown, [step = "", ...rest]: readonly string[]): boolean {
  if (!isRecord(fields) || !Object.hasOwn(fields, step)) return false
  return rest.length === 0 || has(fields[step], rest)
}

/** The entry without a field; undefined when that was all. */
function without(entry: Entry, path: readonly string[]): Entry | undefined {
  const fieldsV1 = pruned(entry.fieldsV1, path)
  return fieldsV1 === undefined ? undefined : { ...entry, fieldsV1 }
}

function pruned(fields: unknown, [step = "", ...rest]: readonly string[]): Fields | undefined {
  if (!isRecord(fields)) return undefined
  const { [step]: inner, ...others } = fields
  const left = rest.length === 0 || inner === undefined ? undefined : pruned(inner, rest)
  const all = left === undefined ? others : { ...fields, [step]: left }
  return Object.keys(all).length === 0 ? undefined : all
}
