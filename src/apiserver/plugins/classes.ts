import { type KubeObject, semanticEqual } from "../../kube/mod.ts"
import type { Api } from "../api.ts"
import { type Fields, listAt, mapAt, specOf, textAt } from "../fields.ts"
import { gvrs, prefixOf } from "../gvrs.ts"
import { type Draft, isCreation, type Plugin, refusedDraft } from "./plugin.ts"

/** One kind of class that may be the usual one, and where objects name theirs. */
interface Usual {
  readonly of: "claims" | "ingresses"
  readonly classes: "storageClasses" | "ingressClasses"
  readonly field: string
  /** The annotation that names a class as the field does. */
  readonly older: string
  /** Annotations that make a class the usual one. */
  readonly marks: readonly string[]
}

/** The usual StorageClass for claims that name none. */
export const storageClasses = usualClass({
  of: "claims",
  classes: "storageClasses",
  field: "storageClassName",
  older: "volume.beta.kubernetes.io/storage-class",
  marks: ["storageclass.kubernetes.io/is-default-class", "storageclass.beta.kubernetes.io/is-default-class"],
})

/** The usual IngressClass for Ingresses that name none. */
export const ingressClasses = usualClass({
  of: "ingresses",
  classes: "ingressClasses",
  field: "ingressClassName",
  older: "kubernetes.io/ingress.class",
  marks: ["ingressclass.kubernetes.io/is-default-class"],
})

function usualClass({ of, classes, field, older, marks }: Usual): Plugin {
  return {
    prefixes: [prefixOf(gvrs[of])],
    mutate: (draft, api) => {
      const { object } = draft
      const spec = specOf(object)
      const isNamed = spec[field] !== undefined || object.metadata.annotations?.[older] !== undefined
      if (!isCreation(draft) || isNamed) return object
      const isUsual = ({ metadata }: KubeObject) => marks.some((mark) => metadata.annotations?.[mark] === "true")
      const [newest] = api.list(gvrs[classes]).filter(isUsual).sort(newestFirst)
      return newest === undefined ? object : { ...object, spec: { ...spec, [field]: newest.metadata.name } }
    },
  }
}

function newestFirst({ metadata: a }: KubeObject, { metadata: b }: KubeObject): number {
  const [older = "", newer = ""] = [a.creationTimestamp, b.creationTimestamp]
  if (older !== newer) return older < newer ? 1 : -1
  return (a.name ?? "") < (b.name ?? "") ? -1 : 1
}

/** RuntimeClasses: what one adds to the Pods that name it. */
export const runtimeClasses: Plugin = {
  prefixes: [prefixOf(gvrs.pods)],
  mutate: (draft, api) => {
    if (!isCreation(draft)) return draft.object
    const spec = specOf(draft.object)
    const chosen = runtimeClass(draft, textAt(spec, "runtimeClassName"), api)
    const overhead = overheadOf(draft, spec, chosen)
    if (chosen === undefined) return draft.object
    return { ...draft.object, spec: { ...withScheduling(draft, spec, chosen), ...overhead } }
  },
}

function runtimeClass(draft: Draft, name: string, api: Api): KubeObject | undefined {
  if (name === "") return undefined
  const found = api.get(gvrs.runtimeClasses, { namespace: "", name })
  if (found === undefined) throw refusedDraft(draft, `pod rejected: RuntimeClass ${JSON.stringify(name)} not found`)
  return found
}

function overheadOf(draft: Draft, spec: Fields, chosen: KubeObject | undefined): Fields {
  const own = mapAt(spec, "overhead")
  const fixed = mapAt(chosen, "overhead", "podFixed")
  if (Object.keys(fixed).length === 0) {
    if (Object.keys(own).length === 0) return {}
    throw refusedDraft(draft, "pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead")
  }
  if (Object.keys(own).length > 0 && !semanticEqual(own, fixed)) {
    throw refusedDraft(draft, "pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead")
  }
  return { overhead: fixed }
}

function withScheduling(draft: Draft, spec: Fields, chosen: KubeObject): Fields {
  const wanted = mapAt(chosen, "scheduling", "nodeSelector")
  const own = mapAt(spec, "nodeSelector")
  for (const [key, value] of Object.entries(wanted)) {
    if (own[key] === undefined || own[key] === value) continue
    const theirs = `runtimeClass.scheduling.nodeSelector[${key}] = ${value}`
    throw refusedDraft(draft, `conflict: ${theirs}; pod.spec.nodeSelector[${key}] = ${own[key]}`)
  }
  const nodeSelector = Object.keys(wanted).length === 0 ? {} : { nodeSelector: { ...own, ...wanted } }
  const added = listAt(mapAt(chosen, "scheduling"), "tolerations")
  const given = listAt(spec, "tolerations")
  const missing = added.filter((one) => !given.some((other) => semanticEqual(one, other)))
  const tolerations = missing.length === 0 ? {} : { tolerations: [...given, ...missing] }
  return { ...spec, ...nodeSelector, ...tolerations }
}
