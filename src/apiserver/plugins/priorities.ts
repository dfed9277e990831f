import type { KubeObject } from "../../kube/mod.ts"
import type { Api } from "../api.ts"
import { fill } from "../builtin-types.ts"
import { type Fields, numberAt, specOf, textAt } from "../fields.ts"
import { gvrs, prefixOf } from "../gvrs.ts"
import { type Draft, isCreation, type Plugin, refused, refusedDraft } from "./plugin.ts"

const onlyOne = "is already marked as default. Only one default can exist"

/** PriorityClasses: what one says counts for the Pods that name it; one at most is for all others. */
export const priorities: Plugin = {
  prefixes: [prefixOf(gvrs.pods), prefixOf(gvrs.priorityClasses)],
  mutate: (draft, api) => {
    if (draft.resource.prefix !== prefixOf(gvrs.pods) || draft.context.subresource !== "") return draft.object
    const { object, old } = draft
    const spec = specOf(object)
    if (old === undefined) return { ...object, spec: withPriority(draft, spec, classOf(draft, spec, api)) }
    const { priority, preemptionPolicy } = specOf(old)
    return { ...object, spec: fill(spec, { priority, preemptionPolicy }) }
  },
  validate: (call, api) => {
    const { resource, object, name } = call
    if (resource.prefix !== prefixOf(gvrs.priorityClasses) || object?.["globalDefault"] !== true) return
    const other = usualClass(api)
    if (other === undefined || (!isCreation(call) && other.metadata.name === name)) return
    throw refused(call, `PriorityClass ${other.metadata.name} ${onlyOne}`)
  },
}

function classOf(draft: Draft, spec: Fields, api: Api): KubeObject | undefined {
  const name = textAt(spec, "priorityClassName")
  if (name === "") return usualClass(api)
  const found = api.get(gvrs.priorityClasses, { namespace: "", name })
  if (found === undefined) throw refusedDraft(draft, `no PriorityClass with name ${name} was found`)
  return found
}

function usualClass(api: Api): KubeObject | undefined {
  const usual = api.list(gvrs.priorityClasses).filter(({ globalDefault }) => globalDefault === true)
  return usual.sort((a, b) => numberAt(a, "value") - numberAt(b, "value"))[0]
}

const computed = "must not be provided in pod spec; priority admission controller computed"
const from = "from the given PriorityClass name"

function withPriority(draft: Draft, spec: Fields, chosen: KubeObject | undefined): Fields {
  const { priority: asked, preemptionPolicy: policy } = spec
  const priority = chosen === undefined ? 0 : numberAt(chosen, "value")
  if (asked !== undefined && asked !== priority) {
    throw refusedDraft(draft, `the integer value of priority (${asked}) ${computed} ${priority} ${from}`)
  }
  const preemptionPolicy = chosen === undefined ? "PreemptLowerPriority" : textAt(chosen, "preemptionPolicy")
  if (policy !== undefined && policy !== preemptionPolicy) {
    throw refusedDraft(
      draft,
      `the string value of PreemptionPolicy (${policy}) ${computed} ${preemptionPolicy} ${from}`,
    )
  }
  const priorityClassName = chosen?.metadata.name
  return fill({ ...spec, priority, preemptionPolicy }, { priorityClassName })
}
