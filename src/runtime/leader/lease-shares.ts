import {
  type Clock,
  isOrkError,
  type Logger,
  type Metrics,
  type Ms,
  messageOf,
  ms,
  noMetrics,
  type Random,
  Scope,
  withDeadline,
} from "../../base/mod.ts"
import { formatMatchLabels, type KubeObject, objectKey } from "../../kube/mod.ts"
import type { Client } from "../client/api.ts"
import { LeaderElector } from "./elector.ts"
import { fairShare } from "./fair-share.ts"
import { LeaseLock, leaseResource, recordOf } from "./lease-lock.ts"

/** Where the Leases are, and in whose name. */
export interface LeaseSharesOptions {
  readonly namespace: string
  /** Leases are called `<prefix>-<name>`, and `<prefix>-member-<n>` for each process. */
  readonly leaseName: (name: string) => string
  /** The Lease that says that this process is there. */
  readonly memberName: string
  /** On every Lease, so that they are found together; memberships carry `memberLabel` beside it. */
  readonly labels: Readonly<Record<string, string>>
  readonly identity: string
  readonly leaseMs?: Ms
  readonly renewDeadlineMs?: Ms
  readonly retryMs?: Ms
}

/** On the Lease of a process: it stands for the process itself, not for work. */
export const memberLabel = "orkestra.orkspace.io/member"

/** After so many missed renewals a process is not counted on. */
const silentTries = 3
/** After the time of so many leases the Lease of a process is removed. */
const goneLeases = 4

/** What this process does while it holds one lease. Ends soon after `leading` aborts. */
export type LeadOne = (name: string, leading: AbortSignal, lost: AbortSignal) => Promise<void>

interface Reign {
  readonly elector: LeaderElector
  readonly scope: Scope
  /** Set once it is being given up; resolves when the lease is released. */
  ending: Promise<void> | undefined
}

/** A Lease of the group as it was seen, and for how long we saw it unchanged. */
interface Seen {
  readonly holder: string
  readonly durationMs: number
  readonly version: string | undefined
  unchangedMs: number
}

/**
 * Several leases, spread evenly over all processes of a group.
 *
 * Guarantees: each lease has at most one leader, by the rules of `LeaderElector`; a process takes no more than its share,
 * and gives up what is more than that when another joins; what a process held that died is taken over by the others
 * once its leases have run out. Every process says that it is there by a Lease of its own.
 * Not promised: which process leads what.
 */
export class LeaseShares {
  readonly #deps: { client: Client; clock: Clock; random: Random; log: Logger; metrics: Metrics }
  readonly #options: Required<LeaseSharesOptions>
  readonly #member: LeaseLock
  readonly #reigns = new Map<string, Reign>()
  readonly #seen = new Map<string, Seen>()
  #names: readonly string[]
  #members: readonly string[] = []
  #complaint: string | undefined

  constructor(
    deps: { client: Client; clock: Clock; random: Random; log: Logger; metrics?: Metrics },
    options: LeaseSharesOptions,
    names: readonly string[],
  ) {
    this.#deps = { metrics: noMetrics, ...deps }
    this.#options = { leaseMs: ms("15s"), renewDeadlineMs: ms("10s"), retryMs: ms("2s"), ...options }
    const { namespace, memberName, labels } = options
    this.#member = new LeaseLock(deps, { namespace, name: memberName, labels: { ...labels, [memberLabel]: "true" } })
    this.#names = names
  }

  /** The leases to be shared from now on. */
  want(names: readonly string[]): void {
    this.#names = names
  }

  /** True while this process leads `name`, by its own clock. */
  isLeader(name: string): boolean {
    return this.#reigns.get(name)?.elector.isLeader ?? false
  }

  /** Who holds the lease of `name`, as last seen; undefined when nobody does. */
  holder(name: string): string | undefined {
    if (this.isLeader(name)) return this.#options.identity
    const seen = this.#seen.get(this.#options.leaseName(name))
    return seen && isLive(seen) && seen.holder !== "" ? seen.holder : undefined
  }

  /** Takes part until `signal` aborts; returns when all that it led has ended and its leases are released. */
  async run(signal: AbortSignal, lead: LeadOne): Promise<void> {
    const giving = new Scope({ log: this.#deps.log })
    while (!signal.aborted) {
      await this.#look(signal)
      // The work drains beside this loop, which must go on saying that we are there.
      if (!signal.aborted)
        for (const name of this.#settle(lead)) giving.run(`give up ${name}`, () => this.#giveUp(name))
      await this.#deps.clock.sleep(this.#options.retryMs, signal).catch(() => undefined) // only the abort rejects it
    }
    // Dependents come after what they depend on: stopped first.
    for (const name of [...this.#names].reverse()) await this.#giveUp(name)
    await Promise.all([...this.#reigns.keys()].map((name) => this.#giveUp(name)))
    await giving.stop()
    await this.#leave()
  }

  /** Says that we are there, and sees who else is and what they hold. An error only costs time. */
  async #look(signal: AbortSignal): Promise<void> {
    const { clock, client } = this.#deps
    const { namespace, labels, renewDeadlineMs, retryMs } = this.#options
    const limit = ms(renewDeadlineMs / 2)
    try {
      const timeoutError = () => new Error("no answer in time")
      await withDeadline(clock, { limit, signal, timeoutError }, async (inner) => {
        await this.#sayHere(inner)
        const labelSelector = formatMatchLabels(labels)
        const { items } = await client.list(leaseResource, { namespace, labelSelector, signal: inner })
        this.#note(items)
        await this.#bury(items, inner)
      })
      this.#complaint = undefined
    } catch (error) {
      for (const seen of this.#seen.values()) seen.unchangedMs += retryMs
      if (signal.aborted) return
      const complaint = isOrkError(error) ? error.code : messageOf(error)
      const level = complaint === this.#complaint ? "debug" : "warn"
      this.#complaint = complaint
      this.#deps.log[level]("leases not read, trying again", { code: complaint, error: messageOf(error) })
    }
  }

  async #sayHere(signal: AbortSignal): Promise<void> {
    const { identity, leaseMs } = this.#options
    const nowMs = this.#deps.clock.nowMs()
    const before = await this.#member.read({ signal })
    const acquiredAtMs = before?.record.acquiredAtMs ?? nowMs
    const record = { holder: identity, durationMs: leaseMs, renewedAtMs: nowMs, acquiredAtMs, transitions: 0 }
    await this.#member.write(record, before, { signal })
  }

  #note(items: readonly KubeObject[]): void {
    const before = new Map(this.#seen)
    this.#seen.clear()
    for (const object of items) {
      const name = object.metadata.name ?? ""
      const { holder, durationMs } = recordOf(object)
      const version = object.metadata.resourceVersion
      const last = before.get(name)
      const unchangedMs = last?.version === version ? (last?.unchangedMs ?? 0) + this.#options.retryMs : 0
      this.#seen.set(name, { holder, durationMs, version, unchangedMs })
    }
    this.#members = items
      .filter(({ metadata }) => metadata.labels?.[memberLabel] === "true")
      .flatMap(({ metadata }) => this.#seen.get(metadata.name ?? "") ?? [])
      .filter((seen) => !this.#isSilent(seen))
      .map(({ holder }) => holder)
  }

  /** Who missed some renewals may be gone: what it holds is tried for, and taken once it has run out. */
  #isSilent({ unchangedMs }: Seen): boolean {
    return unchangedMs >= silentTries * this.#options.retryMs
  }

  /** Removes the Leases of processes that are long gone. */
  async #bury(items: readonly KubeObject[], signal: AbortSignal): Promise<void> {
    for (const { metadata } of items) {
      const seen = this.#seen.get(metadata.name ?? "")
      if (metadata.labels?.[memberLabel] !== "true" || !seen || seen.unchangedMs < goneLeases * seen.durationMs)
        continue
      const { namespace, name = "", resourceVersion = "" } = metadata
      await this.#deps.client.delete(leaseResource, objectKey(namespace, name), { resourceVersion, signal })
    }
  }

  /** Begins to try for what is ours to take; returns what is to be given up. */
  #settle(lead: LeadOne): readonly string[] {
    const leases = new Map(this.#names.map((name) => [name, this.#heldBy(name)]))
    const { keep, take } = fairShare(this.#options.identity, this.#members, leases)
    for (const name of take) if (!this.#reigns.has(name)) this.#pursue(name, lead)
    return [...this.#reigns.keys()].filter((name) => !keep.has(name) && !take.has(name))
  }

  #heldBy(name: string): string | undefined {
    const reign = this.#reigns.get(name)
    if (reign?.ending) return "" // neither ours nor free
    if (reign?.elector.isLeader) return this.#options.identity
    const seen = this.#seen.get(this.#options.leaseName(name))
    if (!seen || seen.holder === "" || this.#isSilent(seen)) return undefined
    return seen.holder === this.#options.identity ? undefined : seen.holder
  }

  #pursue(name: string, lead: LeadOne): void {
    const { leaseName, namespace, identity, labels, leaseMs, renewDeadlineMs, retryMs } = this.#options
    const times = { leaseMs, renewDeadlineMs, retryMs }
    const elector = new LeaderElector(this.#deps, { namespace, name: leaseName(name), identity, labels, ...times })
    const scope = new Scope({ log: this.#deps.log })
    this.#reigns.set(name, { elector, scope, ending: undefined })
    scope.run(`lead ${name}`, (signal) => elector.run(signal, (leading, lost) => lead(name, leading, lost)))
  }

  /** Ends the work behind a lease and releases it. */
  async #giveUp(name: string): Promise<void> {
    const reign = this.#reigns.get(name)
    if (!reign) return
    reign.ending ??= reign.scope.stop().finally(() => this.#reigns.delete(name))
    await reign.ending
  }

  async #leave(): Promise<void> {
    const { clock, client, log } = this.#deps
    const { namespace, memberName, retryMs } = this.#options
    const timeoutError = () => new Error("no answer in time")
    try {
      await withDeadline(clock, { limit: retryMs, signal: undefined, timeoutError }, (signal) =>
        client.delete(leaseResource, objectKey(namespace, memberName), { signal }),
      )
    } catch (error) {
      log.warn("the membership was not given up; the others notice when it runs out", { error: messageOf(error) })
    }
  }
}

function isLive({ unchangedMs, durationMs }: Seen): boolean {
  return unchangedMs < durationMs
}
