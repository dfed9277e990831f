import type { Clock } from "../../base/mod.ts"
import type { KubeObject } from "../../kube/mod.ts"
import { type Amount, type Amounts, amountsOf, amountText, combined, onlyNamed, plus } from "../amounts.ts"
import type { Api } from "../api.ts"
import { mapAt, numberAt, specOf, statusOf } from "../fields.ts"
import { gvrs } from "../gvrs.ts"
import type { AdmissionCall } from "../ports.ts"
import { isInScope, missingRequests, trackedNames, usageOf } from "../quota-usage.ts"
import { Refusal } from "../refusal.ts"
import { refused } from "./plugin.ts"

const attemptsMax = 8

/** What quotas are charged with. */
export interface QuotaDeps {
  readonly api: Api
  readonly clock: Clock
}

/** Refuses a write that goes beyond a ResourceQuota of its namespace; charges it to them all otherwise. */
export async function chargeQuotas({ api, clock }: QuotaDeps, call: AdmissionCall): Promise<void> {
  const { namespace, object } = call
  if (namespace === "" || object === undefined || call.resource.prefix === "namespaces" || !isCharged(call)) return
  for (let attempt = 1; ; attempt++) {
    const charged = api
      .list(gvrs.quotas, namespace)
      .flatMap((quota) => charge(quota, { ...call, object }, clock.nowMs()) ?? [])
    if (call.context.dryRun || charged.length === 0) return
    try {
      // The first that is not as it was read stops the others: all is looked at again.
      for (const quota of charged)
        await api.update(gvrs.quotas, quota, { manager: "kube-apiserver", subresource: "status" })
      return
    } catch (error) {
      if (!(error instanceof Refusal && error.code === 409) || attempt === attemptsMax) throw error
    }
  }
}

// Nothing that is counted changes with an update, but for these.
function isCharged({ resource, operation, context, object, old }: AdmissionCall): boolean {
  const { subresource } = context
  if (operation === "CREATE") return subresource === ""
  if (operation !== "UPDATE" || old === undefined || object === undefined) return false
  const ends = (pod: KubeObject) => numberAt(specOf(pod), "activeDeadlineSeconds", -1) >= 0
  switch (resource.prefix) {
    case "pods":
      return subresource === "resize" || (subresource === "" && ends(object) !== ends(old))
    case "services":
    case "persistentvolumeclaims":
      return subresource === ""
    default:
      return false
  }
}

/** The quota as it is with this write; undefined when it is not about it. */
function charge(
  quota: KubeObject,
  call: AdmissionCall & { readonly object: KubeObject },
  nowMs: number,
): KubeObject | undefined {
  const { resource, object, old } = call
  const { hard, used: counted } = { hard: mapAt(statusOf(quota), "hard"), used: mapAt(statusOf(quota), "used") }
  const names = trackedNames(Object.keys(hard), resource.gvr)
  if (names.length === 0 || !isInScope(quota, object)) return undefined
  const { name = "" } = quota.metadata
  const missing = resource.prefix === "pods" ? missingRequests(specOf(object), names) : undefined
  if (missing !== undefined) throw refused(call, `failed quota: ${name}: ${missing}`)
  const unknown = names.filter((one) => counted[one] === undefined).sort()
  if (unknown.length > 0) throw refused(call, `status unknown for quota: ${name}, resources: ${unknown.join(",")}`)
  const now = usageOf({ gvr: resource.gvr, object, nowMs })
  const before = old && isInScope(quota, old) ? usageOf({ gvr: resource.gvr, object: old, nowMs }) : {}
  const asked = onlyNamed(increases(now, before), names)
  if (Object.keys(asked).length === 0) return undefined
  const [used, limits] = [amountsOf(counted), amountsOf(hard)]
  const next = combined(used, asked, plus)
  const exceeded = Object.keys(asked).filter((one) => atOf(next, one) > atOf(limits, one))
  if (exceeded.length > 0) {
    const shown = (amounts: Amounts) => textOf(onlyNamed(amounts, exceeded))
    const parts = `requested: ${shown(asked)}, used: ${shown(used)}, limited: ${shown(limits)}`
    throw refused(call, `exceeded quota: ${name}, ${parts}`)
  }
  const texts = Object.fromEntries(Object.entries(next).map(([one, amount]) => [one, amountText(amount)]))
  return { ...quota, status: { ...statusOf(quota), used: texts } }
}

function increases(now: Amounts, before: Amounts): Amounts {
  const grown = Object.entries(now).map(([name, amount]): [string, Amount] => {
    const less = before[name]?.billionths ?? 0n
    return [name, { ...amount, billionths: amount.billionths - less }]
  })
  return Object.fromEntries(grown.filter(([, { billionths }]) => billionths > 0n))
}

function atOf(amounts: Amounts, name: string): bigint {
  return amounts[name]?.billionths ?? 0n
}

function textOf(amounts: Amounts): string {
  const names = Object.keys(amounts).sort()
  return names.map((name) => `${name}=${amountText(amounts[name] ?? { billionths: 0n, isBinary: false })}`).join(",")
}
