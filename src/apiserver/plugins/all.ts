import type { Clock } from "../../base/mod.ts"
import type { KubeObject } from "../../kube/mod.ts"
import type { Api } from "../api.ts"
import { mustNotEscalate } from "../escalation.ts"
import type { Admission } from "../ports.ts"
import { accounts } from "./accounts.ts"
import { ingressClasses, runtimeClasses, storageClasses } from "./classes.ts"
import { limitRanges } from "./limit-ranges.ts"
import type { Draft, Plugin } from "./plugin.ts"
import { podSecurity } from "./pod-security.ts"
import { priorities } from "./priorities.ts"
import { chargeQuotas } from "./quotas.ts"
import { tolerations } from "./tolerations.ts"

/** What admission stands on; the server is made with it, so it is read when there is something to admit. */
export interface PluginDeps {
  readonly api: () => Api
  readonly clock: Clock
  /** True: nobody gives away rights that they do not have. */
  readonly enforceRbac?: boolean
}

/** The rules that every server has, in a real server's order, around what is configured: quotas come last. */
export function builtinAdmission({ api, clock, enforceRbac }: PluginDeps, configured: Admission): Admission {
  const plugins = byPrefix([
    limitRanges,
    accounts(clock),
    podSecurity,
    priorities,
    tolerations,
    storageClasses,
    runtimeClasses,
    ingressClasses,
  ])
  return {
    mutate: async (draft) => {
      const own = plugins.get(draft.resource.prefix)
      const object = own === undefined ? draft.object : await mutated(own, draft, api())
      const changed = await configured.mutate({ ...draft, object })
      // What others put in is looked at as well: a container gets its token and its limits, whoever added it.
      const isOther = own !== undefined && changed !== object
      const whole = isOther ? await mutated(own, { ...draft, object: changed }, api()) : changed
      if (enforceRbac === true) mustNotEscalate(api(), { ...draft, object: whole })
      return whole
    },
    validate: async (call) => {
      for (const { validate } of plugins.get(call.resource.prefix) ?? []) {
        if (call.operation !== "DELETE") validate?.(call, api())
      }
      await configured.validate(call)
      await chargeQuotas({ api: api(), clock }, call)
    },
  }
}

async function mutated(plugins: readonly Plugin[], draft: Draft, api: Api): Promise<KubeObject> {
  let { object } = draft
  for (const { mutate } of plugins) {
    if (mutate === undefined) continue
    const next = mutate({ ...draft, object }, api)
    object = next instanceof Promise ? await next : next
  }
  return object
}

function byPrefix(plugins: readonly Plugin[]): ReadonlyMap<string, readonly Plugin[]> {
  const prefixes = new Set(plugins.flatMap((plugin) => plugin.prefixes))
  return new Map([...prefixes].map((prefix) => [prefix, plugins.filter((one) => one.prefixes.includes(prefix))]))
}
