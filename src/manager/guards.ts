import { Changes, type Clock, isOrkError, type Logger, type Ms, ms, Scope } from "../base/mod.ts"
import { covers, describeObject, gvkOf, isTerminating, type KubeObject, keyOf, type ResourceInfo } from "../kube/mod.ts"
import type { Kinds, Ledger } from "../operator/mod.ts"
import { type Guard, guardKinds, guardLabel, guardOwner, guardsOf, type Plan } from "../plan/mod.ts"
import type { Client, Informer, InformerSet } from "../runtime/mod.ts"

const retryMs: Ms = ms("10s")
const forbiddenMs: Ms = ms("5m")
const fieldManager = "ork-guards"

/** What keeping guards needs. */
export interface GuardKeeperDeps {
  readonly client: Client
  readonly kinds: Kinds
  readonly informers: InformerSet
  readonly ledger: Ledger
  readonly clock: Clock
  readonly log: Logger
}

/**
 * Keeps the admission policies of a plan in the cluster: made, corrected, made again when somebody deletes them, removed
 * when the plan has them no more. Never holds an operator up: without the permission it says so and tries again.
 */
export class GuardKeeper {
  readonly #deps: GuardKeeperDeps
  readonly #changes = new Changes()
  #plan: Plan
  /** The plan without guards for which it was seen that none are left. */
  #clear: Plan | undefined
  #version = 0
  #said = ""

  constructor(deps: GuardKeeperDeps, plan: Plan) {
    this.#deps = deps
    this.#plan = plan
  }

  /** Keeps the guards of this plan from now on. */
  want(plan: Plan): void {
    this.#plan = plan
    this.#wake()
  }

  /** Works until `signal` aborts: while this process leads. */
  async run(signal: AbortSignal): Promise<void> {
    const { kinds, informers, clock, log } = this.#deps
    while (!kinds.isKnown) await kinds.changes.next(signal)
    const owner = `guards of ${this.#plan.katalog}`
    await using life = new Scope({ log }, { parent: signal })
    life.defer(() => informers.release(owner))
    life.run("guards of late kinds", async (inner) => {
      for (;;) {
        await kinds.changes.next(inner)
        this.#wake()
      }
    })
    const followed: Informer[] = []
    for (;;) {
      const seen = this.#version
      const pauseMs = await this.#once({ owner, followed, life }, signal)
      if (pauseMs !== undefined) await clock.sleep(pauseMs, signal)
      else while (this.#version === seen) await this.#changes.next(signal)
    }
  }

  /** Removes what is to go when nothing runs any more. */
  async cleanUp(signal: AbortSignal): Promise<void> {
    const going = this.#guards().filter(({ cleanupOnShutdown }) => cleanupOnShutdown)
    try {
      for (const object of objectsOf(going)) await this.#remove(object, signal)
    } catch (error) {
      if (!isOrkError(error)) throw error
      this.#deps.log.warn("protection stays behind", { error: error.message })
    }
  }

  /** One look; how long to wait before the next try, undefined when all is as it should be. */
  async #once(
    { owner, followed, life }: { readonly owner: string; readonly followed: Informer[]; readonly life: Scope },
    signal: AbortSignal,
  ): Promise<Ms | undefined> {
    const plan = this.#plan
    const wanted = objectsOf(this.#guards())
    if (wanted.length === 0 && this.#clear === plan) return undefined
    if (wanted.length === 0 && (await this.#deps.ledger.read()).guards === false) {
      this.#clear = plan
      return undefined
    }
    try {
      const resources = guardKinds.flatMap((gvk) => this.#deps.kinds.resourceOf(gvk) ?? [])
      if (resources.length < guardKinds.length) {
        if (wanted.length > 0) this.#say("the cluster serves no ValidatingAdmissionPolicy: nothing is refused")
        return undefined
      }
      if (wanted.length > 0 && followed.length === 0) followed.push(...this.#follow(resources, owner, life))
      const live = await this.#live(resources, followed, signal)
      if (wanted.length > 0) await this.#note(true)
      for (const object of wanted) await this.#keep(object, live, signal)
      const names = new Set(wanted.map(describeObject))
      for (const object of live) if (!names.has(describeObject(object))) await this.#remove(object, signal)
      if (wanted.length === 0) await this.#note(false)
      this.#clear = wanted.length === 0 ? plan : undefined
      return undefined
    } catch (error) {
      if (!isOrkError(error) || signal.aborted) throw error
      const isDenied = error.code === "api/forbidden"
      if (wanted.length > 0) this.#say(`protection is not in place: ${error.message}`)
      else if (isDenied) {
        this.#clear = plan // there is most probably nothing to remove
        return undefined
      }
      return isDenied ? forbiddenMs : retryMs
    }
  }

  /** Notes whether there may be guards, so that a start without them need not look. */
  async #note(guards: boolean): Promise<void> {
    await this.#deps.ledger.update(this.#deps.client, (state) => ({ ...state, guards }))
  }

  #guards(): readonly Guard[] {
    return this.#plan.operators.flatMap((operator) => {
      const resource = this.#deps.kinds.resourceOf(operator.gvk)
      return resource ? guardsOf(operator, resource) : []
    })
  }

  #follow(resources: readonly ResourceInfo[], owner: string, life: Scope): readonly Informer[] {
    return resources.map((resource) => {
      const informer = this.#deps.informers.acquire({ resource, labelSelector: this.#selector }, owner)
      const handler = informer.onEvent(() => this.#wake())
      life.defer(() => handler[Symbol.dispose]())
      return informer
    })
  }

  async #live(
    resources: readonly ResourceInfo[],
    followed: readonly Informer[],
    signal: AbortSignal,
  ): Promise<readonly KubeObject[]> {
    for (const informer of followed) {
      while (!informer.hasSynced) {
        if (informer.lastError) throw informer.lastError
        await this.#deps.clock.sleep(ms(20), signal)
      }
    }
    if (followed.length > 0) return followed.flatMap((informer) => informer.lister.list())
    const options = { labelSelector: this.#selector, signal }
    const lists = await Promise.all(resources.map((resource) => this.#deps.client.list(resource, options)))
    return lists.flatMap(({ items }) => items)
  }

  async #keep(object: KubeObject, live: readonly KubeObject[], signal: AbortSignal): Promise<void> {
    const { kinds, client, log } = this.#deps
    const name = describeObject(object)
    const existing = live.find((one) => describeObject(one) === name)
    if (existing && isTerminating(existing)) return
    if (existing && covers(existing, object, kinds.schemas.root(gvkOf(object)), kinds.schemas).length === 0) return
    const resource = kinds.resourceOf(gvkOf(object))
    if (!resource) return
    const answer = await client.apply(resource, object, { fieldManager, force: true, signal })
    log.info(`${answer.created ? "created" : "updated"} ${name}`)
  }

  async #remove(object: KubeObject, signal: AbortSignal): Promise<void> {
    const resource = this.#deps.kinds.resourceOf(gvkOf(object))
    if (!resource || isTerminating(object)) return
    if (await this.#deps.client.delete(resource, keyOf(object), { signal })) {
      this.#deps.log.info(`deleted ${describeObject(object)}`)
    }
  }

  get #selector(): string {
    const katalogs = [this.#plan.katalog, ...this.#plan.operators.map(({ katalog }) => katalog)]
    return `${guardLabel} in (${[...new Set(katalogs.map(guardOwner))].join(",")})`
  }

  #say(message: string): void {
    if (message === this.#said) return
    this.#said = message
    this.#deps.log.warn(message)
  }

  #wake(): void {
    this.#version++
    this.#changes.notify()
  }
}

function objectsOf(guards: readonly Guard[]): readonly KubeObject[] {
  return guards.flatMap(({ objects }) => objects)
}
