import {
  apply,
  builtinSchemas,
  getPath,
  gvkOf,
  isKubeObject,
  isRecord,
  jsonPatch,
  type KubeObject,
  mergePatch,
  parsePath,
  prune,
  resetFields,
  type SchemaSet,
  semanticEqual,
  strategicMergePatch,
  update,
  type WriteOptions,
  withCrds,
  withDefaults,
} from "../../../src/kube/mod.ts"
import type { Recorded, Recording } from "./record.ts"
import { widgetCrd } from "./widget.ts"

const set: SchemaSet = withCrds(builtinSchemas(), [widgetCrd])

/** How a recorded answer differs from what the pure functions say; nothing when they agree. */
export function replay(recorded: Recorded, refilled: Recording["refilled"]): readonly string[] {
  const { step, answer, sent, before } = recorded
  if (step.verb === "apply") return isKubeObject(sent) ? replayApply(recorded, sent, refilled) : ["sent is no object"]
  if (!isKubeObject(answer) || recorded.httpStatus >= 300) return [`the server refused: ${JSON.stringify(answer)}`]
  const patched = patch(recorded)
  if (!isKubeObject(patched)) return [`no object: ${JSON.stringify(patched)}`]
  const isCustom = patched.kind === "Widget"
  const whole = isCustom ? completed(patched) : patched
  // Defaults of the server's own kinds are taken from the answer; what it allocates after the write is not there yet.
  const { managedFields: _, ...metadata } = answer.metadata
  const unallocated = before === undefined && answer.kind === "Service" ? withoutAllocated(answer) : answer
  const given = patched.metadata.managedFields
  const stored = isCustom
    ? whole
    : { ...unallocated, metadata: { ...metadata, ...(given === undefined ? {} : { managedFields: given }) } }
  const { managedFields } = update({ ...optionsOf(recorded, whole), object: stored })
  return [
    ...objectDifferences(whole, answer, { before, refilled }),
    ...ownerDifferences(managedFields, answer.metadata.managedFields),
  ]
}

function patch({ step, sent, before }: Recorded): unknown {
  switch (step.verb) {
    case "json": {
      const result = jsonPatch(before, sent)
      return result.ok ? result.value : result.error
    }
    case "merge":
      return mergePatch(before, sent)
    case "strategic": {
      const schema = before && set.root(gvkOf(before))
      const result = strategicMergePatch(before, sent, { schema, set })
      return result.ok ? result.value : result.error
    }
    default:
      return sent
  }
}

function replayApply(recorded: Recorded, config: KubeObject, refilled: Recording["refilled"]): readonly string[] {
  const { step, answer, before, httpStatus } = recorded
  const result = apply({
    ...optionsOf(recorded, config),
    config,
    force: step.force === true,
    ...(config.kind === "Widget" ? { complete: completed } : {}),
  })
  if (result.ok && httpStatus === 422) return nullDifferences(result.value.object, answer)
  if (result.ok) {
    if (httpStatus >= 300 || !isKubeObject(answer)) return [`the server refused: ${JSON.stringify(answer)}`]
    return [
      ...objectDifferences(result.value.object, answer, { before, refilled }),
      ...ownerDifferences(result.value.managedFields, answer.metadata.managedFields),
    ]
  }
  const { error } = result
  const code = { conflict: 409, "bad-request": 400, untyped: 500 }[error.kind]
  if (code !== httpStatus || !isRecord(answer)) return [`refused with ${code}, server ${httpStatus}: ${error.message}`]
  // Managers come in any order there; and how a wrong value is printed is not part of the promise.
  if (error.kind !== "conflict") return sameWords(error.message, String(answer["message"]))
  const details = isRecord(answer["details"]) ? answer["details"] : {}
  const theirs = sorted(details["causes"])
  const ours = sorted(error.causes)
  const words = error.message === answer["message"] || error.causes.length > 1 ? [] : [`message: ${error.message}`]
  return semanticEqual(ours, theirs) ? words : [`causes ${JSON.stringify(ours)} != ${JSON.stringify(theirs)}`]
}

/** A custom resource that lost all of a map has null there, and is refused for it. */
function nullDifferences(ours: KubeObject, answer: unknown): readonly string[] {
  const details = isRecord(answer) && isRecord(answer["details"]) ? answer["details"] : {}
  const causes = Array.isArray(details["causes"]) ? details["causes"].filter(isRecord) : []
  const isExpected = causes.length > 0 && causes.every(({ field }) => getPath(ours, parsePath(String(field))) === null)
  return isExpected ? [] : [`no null where the server refused: ${JSON.stringify(answer)}`]
}

function sameWords(ours: string, theirs: string): readonly string[] {
  const lines = (text: string) =>
    text
      .split("\n")
      .map((line) => line.replace(/, got .*/, ""))
      .sort()
  return semanticEqual(lines(ours), lines(theirs)) ? [] : [`${ours}\n!= ${theirs}`]
}

function sorted(causes: unknown): readonly string[] {
  return (Array.isArray(causes) ? causes : [])
    .map((cause) => JSON.stringify(cause, ["reason", "message", "field"]))
    .sort()
}

/** What a write needs to know besides what is written. Where the server wrote nothing, a time of ours would show. */
function optionsOf({ step, before, answer }: Recorded, object: KubeObject): WriteOptions {
  const entries = isKubeObject(answer) ? (answer.metadata.managedFields ?? []) : []
  const times = entries.map((entry) => (isRecord(entry) ? String(entry["time"] ?? "") : "")).sort()
  const isNoop = isKubeObject(answer) && answer.metadata.resourceVersion === before?.metadata.resourceVersion
  const isCustom = object.kind === "Widget"
  const root = set.root(gvkOf(object))
  const hasStatus = isCustom || root?.properties?.["status"] !== undefined
  return {
    live: before,
    manager: step.by,
    schema: root,
    set,
    now: isNoop ? "2099-01-01T00:00:00Z" : (times.at(-1) ?? ""),
    reset: resetFields({ subresource: step.subresource, isCustom, hasStatus }),
    ...(step.subresource === undefined ? {} : { subresource: step.subresource }),
  }
}

/** What the server makes of a custom resource. */
function completed(object: KubeObject): KubeObject {
  const schema = set.root(gvkOf(object))
  const value = withDefaults(prune(object, schema, set).value, schema, set)
  if (!isKubeObject(value)) throw new Error("no object")
  return value
}

function ownerDifferences(ours: unknown, theirs: unknown): readonly string[] {
  const [left, right] = [JSON.stringify(ours), JSON.stringify(theirs ?? [])]
  return semanticEqual(ours, theirs ?? []) ? [] : [`managedFields ${left}\n!= ${right}`]
}

const serverOnly = new Set(["creationTimestamp", "generation", "managedFields", "resourceVersion", "uid"])

interface Allowed {
  readonly before: unknown
  readonly refilled: readonly string[]
}

// Addresses of a Service are given out after its owners are written down.
function withoutAllocated(service: KubeObject): KubeObject {
  const allocated = new Set(["clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy"])
  const spec = Object.entries(isRecord(service["spec"]) ? service["spec"] : {})
  return { ...service, spec: Object.fromEntries(spec.filter(([key]) => !allocated.has(key))) }
}

/** The item of an older list that has the name of this one; by place where items have no names. */
function sameItem(list: unknown, item: unknown, index: number): unknown {
  if (!Array.isArray(list)) return undefined
  const isNamed = isRecord(item) && typeof item["name"] === "string"
  return isNamed ? list.find((other) => isRecord(other) && other["name"] === item["name"]) : list[index]
}

/** Differences of two objects. What only the server has is its own default, unless it was there before. */
function objectDifferences(ours: KubeObject, theirs: KubeObject, allowed: Allowed): readonly string[] {
  const bare = ({ stringData, ...object }: KubeObject) => {
    const metadata = Object.entries(object.metadata).filter(([key]) => !serverOnly.has(key))
    const encoded = Object.entries(isRecord(stringData) ? stringData : {}).map(([key, text]) => [
      key,
      btoa(String(text)),
    ])
    const all = { ...(isRecord(object["data"]) ? object["data"] : {}), ...Object.fromEntries(encoded) }
    const data = stringData === undefined ? {} : { data: all }
    return { ...object, ...data, metadata: Object.fromEntries(metadata) }
  }
  const isExact = ours.kind === "Widget"
  const found: string[] = []
  const walk = (left: unknown, right: unknown, at: { readonly path: string; readonly before: unknown }): void => {
    if (isRecord(left) && isRecord(right)) {
      for (const key of new Set([...Object.keys(left), ...Object.keys(right)])) {
        const before = isRecord(at.before) ? at.before[key] : undefined
        walk(left[key], right[key], { path: at.path === "" ? key : `${at.path}.${key}`, before })
      }
    } else if (Array.isArray(left) && Array.isArray(right) && left.length === right.length) {
      for (const [index, item] of left.entries()) {
        const before = sameItem(at.before, item, index)
        walk(item, right[index], { path: `${at.path}[${index}]`, before })
      }
    } else if (left === undefined && !isExact) {
      const isNew = at.before === undefined || allowed.refilled.includes(at.path) || at.path.startsWith("status")
      if (!isNew) found.push(`${at.path} is still there: ${JSON.stringify(right)}`)
    } else if (!semanticEqual(left, right)) {
      found.push(`${at.path}: ${JSON.stringify(left)} != ${JSON.stringify(right)}`)
    }
  }
  walk(bare(ours), bare(theirs), { path: "", before: allowed.before })
  return found
}
