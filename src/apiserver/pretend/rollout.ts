import type { KubeObject } from "../../kube/mod.ts"
import { mapAt, numberAt, specOf, statusOf, textAt } from "../fields.ts"
import { shareOf } from "./workload.ts"

/** A ReplicaSet and how many replicas it should ask for; no set: the one that is about to be made. */
export interface Scaled {
  readonly set: KubeObject | undefined
  readonly replicas: number
}

/** A Deployment and its ReplicaSets: the one of its template, and the others. */
export interface Rollout {
  readonly deployment: KubeObject
  readonly current: KubeObject | undefined
  readonly old: readonly KubeObject[]
  readonly isPaused: boolean
}

/** The next step from what runs to what is declared, within surge and unavailability; none when nothing can be done now. */
export function rollout({ deployment, current, old, isPaused }: Rollout): readonly Scaled[] {
  const wanted = wantedOf(deployment)
  if (isPaused) return scaleOnly(wanted, current, old)
  if (isRecreate(deployment)) {
    const down = old.filter((set) => askedOf(set) > 0).map((set): Scaled => ({ set, replicas: 0 }))
    return down.length > 0 ? down : grown(current, wanted, wanted)
  }
  const total = [...old, ...(current ? [current] : [])].reduce((sum, set) => sum + askedOf(set), 0)
  const room = wanted + surgeOf(deployment) - total
  const now = current ? askedOf(current) : 0
  if (now > wanted) return [{ set: current, replicas: wanted }]
  const up = now < wanted && room > 0 ? grown(current, now + Math.min(room, wanted - now), wanted) : []
  return up.length > 0 || current === undefined ? up : shrunk({ deployment, current, old, total })
}

/** How many Pods a rollout may have beyond the wanted ones. */
export function surgeOf(deployment: KubeObject): number {
  if (isRecreate(deployment)) return 0
  return shareOf(
    mapAt(specOf(deployment), "strategy", "rollingUpdate")["maxSurge"] ?? "25%",
    wantedOf(deployment),
    "up",
  )
}

/** How many Pods a rollout may lack; one where surge is none either. */
export function unavailableOf(deployment: KubeObject): number {
  const wanted = wantedOf(deployment)
  if (isRecreate(deployment)) return 0
  const share = shareOf(
    mapAt(specOf(deployment), "strategy", "rollingUpdate")["maxUnavailable"] ?? "25%",
    wanted,
    "down",
  )
  return Math.min(wanted, share === 0 && surgeOf(deployment) === 0 ? 1 : share)
}

function isRecreate(deployment: KubeObject): boolean {
  return textAt(mapAt(specOf(deployment), "strategy"), "type") === "Recreate"
}

function wantedOf(deployment: KubeObject): number {
  return numberAt(specOf(deployment), "replicas", 1)
}

function askedOf(set: KubeObject): number {
  return numberAt(specOf(set), "replicas")
}

function grown(set: KubeObject | undefined, replicas: number, wanted: number): readonly Scaled[] {
  return set !== undefined && askedOf(set) === replicas ? [] : [{ set, replicas: Math.min(replicas, wanted) }]
}

/** A paused Deployment keeps its shares; the newest set that runs takes the difference. */
function scaleOnly(wanted: number, current: KubeObject | undefined, old: readonly KubeObject[]): readonly Scaled[] {
  const running = [...old, ...(current ? [current] : [])].filter((set) => askedOf(set) > 0)
  const set = running.at(-1) ?? current
  const others = running.filter((other) => other !== set).reduce((sum, other) => sum + askedOf(other), 0)
  if (set === undefined) return []
  const replicas = Math.max(0, wanted - others)
  return askedOf(set) === replicas ? [] : [{ set, replicas }]
}

/** Old sets give way: first what is not available there, then as many as new ones have become available. */
function shrunk({
  deployment,
  current,
  old,
  total,
}: Omit<Rollout, "isPaused" | "current"> & {
  readonly current: KubeObject
  readonly total: number
}): readonly Scaled[] {
  const least = wantedOf(deployment) - unavailableOf(deployment)
  const newLacks = askedOf(current) - availableOf(current)
  let mayGo = total - least - newLacks
  const left = new Map(old.map((set) => [set, askedOf(set)]))
  const take = (set: KubeObject, count: number) => {
    const taken = Math.max(0, Math.min(count, mayGo, left.get(set) ?? 0))
    left.set(set, (left.get(set) ?? 0) - taken)
    mayGo -= taken
  }
  for (const set of old) take(set, askedOf(set) - availableOf(set))
  for (const set of old) take(set, askedOf(set))
  return old.filter((set) => left.get(set) !== askedOf(set)).map((set) => ({ set, replicas: left.get(set) ?? 0 }))
}

function availableOf(set: KubeObject): number {
  return numberAt(statusOf(set), "availableReplicas")
}
