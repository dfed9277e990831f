import type { KubeObject } from "../kube/mod.ts"
import { type Fields, listAt, mapAt, specOf, textAt, withMeta } from "./fields.ts"
import type { RequestContext } from "./resource.ts"

const annotation = "kubernetes.io/limit-ranger"

/** A Pod whose containers ask for what the LimitRanges of its namespace give to those that say nothing. */
export function withLimitRanges(pod: KubeObject, { list }: RequestContext): KubeObject {
  const ranges = (list?.("limitranges") ?? []).filter(({ metadata }) => metadata.namespace === pod.metadata.namespace)
  return ranges.reduce(withLimitRange, pod)
}

function withLimitRange(pod: KubeObject, range: KubeObject): KubeObject {
  const items = listAt(specOf(range), "limits").filter(({ type }) => type === "Container")
  const requests: Fields = Object.assign({}, ...items.map((item) => mapAt(item, "defaultRequest")))
  const limits: Fields = Object.assign({}, ...items.map((item) => mapAt(item, "default")))
  const notes: string[] = []
  const filled = (container: Fields, what: string): Fields => {
    const resources = mapAt(container, "resources")
    const result: Record<string, unknown> = { ...resources }
    for (const [member, defaults, word] of [
      ["requests", requests, "request"],
      ["limits", limits, "limit"],
    ] as const) {
      const given = mapAt(resources, member)
      const missing = Object.keys(defaults)
        .filter((key) => given[key] === undefined)
        .sort()
      if (missing.length === 0) continue
      result[member] = { ...given, ...Object.fromEntries(missing.map((key) => [key, defaults[key]])) }
      notes.push(`${missing.join(", ")} ${word} for ${what} ${textAt(container, "name")}`)
    }
    return { ...container, resources: result }
  }
  const spec = specOf(pod)
  const containers = listAt(spec, "containers").map((container) => filled(container, "container"))
  const starting = listAt(spec, "initContainers").map((container) => filled(container, "init container"))
  if (notes.length === 0) return pod
  const text = `LimitRanger plugin set: ${notes.join("; ")}`
  const noted = withMeta(pod, { annotations: { ...pod.metadata.annotations, [annotation]: text } })
  return { ...noted, spec: { ...spec, containers, ...(starting.length > 0 ? { initContainers: starting } : {}) } }
}
