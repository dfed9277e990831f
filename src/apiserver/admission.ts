import type { Random } from "../base/mod.ts"
import { apiVersionOf, type Gvr, isRecord, type KubeObject, semanticEqual } from "../kube/mod.ts"
import { conditionsHold, scopeOf } from "./admission-conditions.ts"
import { matchedResource } from "./admission-match.ts"
import { judgeByPolicies } from "./admission-policies.ts"
import { askWebhook, conditionFault, type Question, reviewRequest } from "./admission-review.ts"
import type { Api } from "./api.ts"
import { decide } from "./authorizer.ts"
import { celAuthorizer } from "./cel-authorizer.ts"
import { mutateAgain, mutateByPolicies } from "./mutating-policies.ts"
import type { Admission, AdmissionCall } from "./ports.ts"
import type { Resource } from "./resource.ts"
import { uuid } from "./uuid.ts"
import type { WebhookDeps } from "./webhook-client.ts"

type Node = Readonly<Record<string, unknown>>

/** What admission by webhooks stands on. */
export interface AdmissionDeps extends WebhookDeps {
  readonly random: Random
  /** Read when there is something to admit: the server is made with its admission. */
  readonly api: () => Api
}

const group = "admissionregistration.k8s.io"
const mutatingGvr: Gvr = { group, version: "v1", resource: "mutatingwebhookconfigurations" }
const validatingGvr: Gvr = { group, version: "v1", resource: "validatingwebhookconfigurations" }

/**
 * Asks the webhooks that are configured in the server: those that change one after the other, the others at once.
 * Before each sort of them comes the same sort of admission policies.
 */
export function webhookAdmission(deps: AdmissionDeps): Admission {
  return {
    mutate: (call) => mutate(deps, call),
    validate: async (call) => {
      // Those that change are asked here as well: a deletion they can only refuse.
      const isFixed = call.operation === "DELETE" || call.operation === "CONNECT"
      for (const hook of isFixed ? hooksFor(deps, mutatingGvr, call) : []) await ask(deps, { ...hook, call }, true)
      judgeByPolicies(deps.api(), call)
      const hooks = hooksFor(deps, validatingGvr, call)
      const outcomes = await Promise.allSettled(hooks.map((hook) => ask(deps, { ...hook, call }, false)))
      const failure = outcomes.find((outcome) => outcome.status === "rejected")
      if (failure !== undefined) throw failure.reason
    },
  }
}

interface Hook {
  readonly hook: Node
  readonly shownAs: Resource
}

/** The webhooks that want to see a call, in the order of their configurations' names. */
function hooksFor({ api }: AdmissionDeps, gvr: Gvr, call: AdmissionCall): readonly Hook[] {
  // What configures admission is not subject to it: a mistake there can always be taken back.
  if (call.resource.gvr.group === group) return []
  const server = api()
  if (server.resource(gvr) === undefined) return []
  return server.list(gvr).flatMap(({ webhooks }) =>
    (Array.isArray(webhooks) ? webhooks.filter(isRecord) : []).flatMap((hook) => {
      const shownAs = matchedResource(hook, call, server)
      return shownAs === undefined ? [] : [{ hook, shownAs }]
    }),
  )
}

async function mutate(deps: AdmissionDeps, call: AdmissionCall & { readonly object: KubeObject }): Promise<KubeObject> {
  const first = mutateByPolicies(deps.api(), call)
  const object = await mutateByWebhooks(deps, { ...call, object: first })
  return object === first ? object : mutateAgain(deps.api(), { ...call, object })
}

async function mutateByWebhooks(
  deps: AdmissionDeps,
  call: AdmissionCall & { readonly object: KubeObject },
): Promise<KubeObject> {
  const hooks = hooksFor(deps, mutatingGvr, call)
  let object = call.object
  // How many changes each webhook had seen when it was done.
  const seen = new Map<Hook, number>()
  let changes = 0
  const run = async (hook: Hook) => {
    const next = await ask(deps, { ...hook, call: { ...call, object } }, true)
    if (next !== undefined && !semanticEqual(next, object)) {
      object = next
      changes++
    }
    seen.set(hook, changes)
  }
  for (const hook of hooks) await run(hook)
  for (const hook of hooks) {
    if (hook.hook["reinvocationPolicy"] === "IfNeeded" && (seen.get(hook) ?? 0) < changes) await run(hook)
  }
  return object
}

async function ask(
  deps: AdmissionDeps,
  { hook, shownAs, call }: Hook & { readonly call: AdmissionCall },
  isMutating: boolean,
): Promise<KubeObject | undefined> {
  const shown = await inVersion(call, shownAs)
  const question: Question = { hook, call: shown, shownAs, uid: uuid(deps.random) }
  const { object, old } = shown
  const authorizer = celAuthorizer(call.context.user, (user, wish) => decide(deps.api(), user, wish))
  const scope = scopeOf({ object, oldObject: old, request: reviewRequest(question), authorizer })
  const holds = conditionsHold(hook["matchConditions"], scope)
  if (holds === false) return undefined
  if (holds !== true) {
    if (hook["failurePolicy"] === "Ignore") return undefined
    throw conditionFault(call, holds.fault)
  }
  const answered = await askWebhook(deps, question, isMutating)
  return answered && converted(answered, shownAs, call.resource)
}

async function inVersion(call: AdmissionCall, shownAs: Resource): Promise<AdmissionCall> {
  if (shownAs === call.resource) return call
  const shown = async (one: KubeObject | undefined) => one && converted(one, call.resource, shownAs)
  return { ...call, object: await shown(call.object), old: await shown(call.old) }
}

async function converted(object: KubeObject, from: Resource, to: Resource): Promise<KubeObject> {
  if (from === to) return object
  const apiVersion = apiVersionOf(to.gvr)
  const [result] = (await from.convert?.([object], apiVersion)) ?? []
  return result ?? { ...object, apiVersion }
}
