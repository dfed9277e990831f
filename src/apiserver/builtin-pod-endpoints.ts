import { type KubeObject, type StatusCause, semanticEqual } from "../kube/mod.ts"
import { type Fields, listAt, mapAt, specOf, statusOf, textAt } from "./fields.ts"
import { duplicate, forbidden } from "./names.ts"

/** A Pod after a write to one of its endpoints: each changes its own part and nothing else. */
export function updatePodAt(pod: KubeObject, old: KubeObject, endpoint: string): KubeObject {
  const [spec, before] = [specOf(pod), specOf(old)]
  // The owners are those of this write.
  const metadata = { ...old.metadata, ...owners(pod) }
  switch (endpoint) {
    case "ephemeralcontainers": {
      const { ephemeralContainers } = spec
      const kept = ephemeralContainers === undefined ? {} : { ephemeralContainers }
      const { ephemeralContainers: _, ...rest } = before
      return { ...pod, metadata, spec: { ...rest, ...kept }, status: statusOf(old) }
    }
    case "resize": {
      const resized = ["containers", "initContainers"].filter((key) => Array.isArray(before[key]))
      const lists = resized.map((key) => [key, listAt(before, key).map((one) => withResources(one, listAt(spec, key)))])
      return { ...pod, metadata, spec: { ...before, ...Object.fromEntries(lists) }, status: statusOf(old) }
    }
    default:
      return pod
  }
}

function owners({ metadata: { managedFields, resourceVersion } }: KubeObject): Partial<KubeObject["metadata"]> {
  return {
    ...(managedFields === undefined ? {} : { managedFields }),
    ...(resourceVersion === undefined ? {} : { resourceVersion }),
  }
}

function withResources(container: Fields, wanted: readonly Fields[]): Fields {
  const found = wanted.find(({ name }) => name === container["name"])
  if (found === undefined) return container
  const { resources, resizePolicy } = found
  return {
    ...container,
    ...(resources === undefined ? {} : { resources }),
    ...(resizePolicy === undefined ? {} : { resizePolicy }),
  }
}

/** What is wrong with a write to an endpoint of a Pod; undefined for endpoints without rules of their own. */
export function podEndpointCauses(
  pod: KubeObject,
  old: KubeObject | undefined,
  endpoint: string,
): readonly StatusCause[] | undefined {
  if (old === undefined) return undefined
  if (endpoint === "ephemeralcontainers") return ephemeralCauses(specOf(pod), specOf(old))
  return endpoint === "resize" ? resizeCauses(specOf(pod), specOf(old)) : undefined
}

const lasting = ["lifecycle", "livenessProbe", "ports", "readinessProbe", "resizePolicy", "startupProbe"]

function ephemeralCauses(spec: Fields, before: Fields): readonly StatusCause[] {
  const at = "spec.ephemeralContainers"
  const containers = listAt(spec, "ephemeralContainers")
  const others = ["containers", "initContainers"].flatMap((key) => listAt(before, key))
  const own = containers.flatMap((container, index) => {
    const { name } = container
    const isTaken = [...others, ...containers.slice(0, index)].some((one) => one["name"] === name)
    const members = lasting.filter((member) => container[member] !== undefined)
    return [
      ...(isTaken ? [duplicate(`${at}[${index}].name`, name)] : []),
      ...members.map((member) => forbidden(`${at}[${index}].${member}`, "cannot be set for an Ephemeral Container")),
    ]
  })
  const changes = listAt(before, "ephemeralContainers").flatMap((container) => {
    const name = JSON.stringify(textAt(container, "name"))
    const now = containers.find((one) => one["name"] === container["name"])
    if (now === undefined) return [forbidden(at, `existing ephemeral containers ${name} may not be removed\n`)]
    const why = `existing ephemeral containers ${name} may not be changed`
    return semanticEqual(now, container) ? [] : [forbidden(at, why)]
  })
  return [...own, ...changes]
}

const resizable = new Set(["cpu", "memory"])

function resizeCauses(spec: Fields, before: Fields): readonly StatusCause[] {
  return ["containers", "initContainers"].flatMap((key) =>
    listAt(spec, key).flatMap((container, index) => {
      const at = `spec.${key}[${index}].resources`
      const old = listAt(before, key)[index] ?? {}
      return ["limits", "requests"].flatMap((member) => {
        const [now, then] = [mapAt(container, "resources", member), mapAt(old, "resources", member)]
        const names = [...new Set([...Object.keys(now), ...Object.keys(then)])]
        const isFixed = names.some((name) => !resizable.has(name) && now[name] !== then[name])
        if (isFixed) return [forbidden("spec", "only cpu and memory resources are mutable")]
        const isRemoved = Object.keys(then).some((name) => resizable.has(name) && now[name] === undefined)
        return isRemoved ? [forbidden(`${at}.${member}`, `resource ${member} cannot be removed`)] : []
      })
    }),
  )
}
