import {
  type Fields,
  type LogLevel,
  logger,
  type Metrics,
  noMetrics,
  type Random,
  type Transport,
} from "../../src/base/mod.ts"
import { load } from "../../src/katalog/mod.ts"
import { type Condition, conditionOf, conditionsOf, type KubeObject } from "../../src/kube/mod.ts"
import { type FleetChange, Manager } from "../../src/manager/mod.ts"
import type { Operator } from "../../src/operator/mod.ts"
import { build, type Plan } from "../../src/plan/mod.ts"
import { FakeClock } from "./clock.ts"
import { EmbeddedServer } from "./embedded-server.ts"
import { memoryFiles } from "./files.ts"
import { crd } from "./makers.ts"

const noJitter: Random = { next: () => 0.5 }

/** The plan of a Katalog's text; fails when there are errors. */
export function planOf(text: string): Plan {
  const { spec, spans, diagnostics } = load(memoryFiles({ "katalog.yaml": text }), "katalog.yaml")
  const built = spec && build(spec, spans)
  if (built?.plan) return built.plan
  const all = [...diagnostics, ...(built?.diagnostics ?? [])]
  throw new Error(all.map(({ code, message }) => `${code} ${message}`).join("\n"))
}

function shown({ katalog }: Plan) {
  return {
    documents: { raw: {}, enriched: {} },
    katalog: { name: katalog, version: undefined, namespace: "default" },
  }
}

/**
 * The whole product over the embedded API server, on a clock that stands still.
 *
 * `start` serves the CRD Website unless told otherwise, runs the Katalog and lets everything settle.
 */
export class World implements AsyncDisposable {
  readonly clock = new FakeClock()
  readonly server = new EmbeddedServer(this.clock)
  readonly lines: { readonly level: LogLevel; readonly message: string; readonly fields: Fields }[] = []
  /** What answers external calls. */
  external: Transport = async () => new Response("", { status: 404 })
  #plan: Plan
  #manager: Manager
  #stop = new AbortController()
  #running: Promise<void> = Promise.resolve()
  readonly #others: { readonly stop: AbortController; readonly running: Promise<void> }[] = []
  readonly #leaseName: string | undefined
  readonly #ledgerName: string | undefined

  private constructor(plan: Plan, { leaseName, ledgerName }: { leaseName?: string; ledgerName?: string }) {
    this.#plan = plan
    this.#leaseName = leaseName
    this.#ledgerName = ledgerName ?? leaseName
    this.#manager = this.#make()
  }

  /** A world in which `text` runs; `objects` are there before it starts, the CRD Website unless `crds` says otherwise. */
  static async start(
    text: string | Plan,
    options: {
      readonly objects?: readonly KubeObject[]
      readonly crds?: readonly KubeObject[]
      /** Without it the process leads from the start. */
      readonly leaseName?: string
      /** Where is noted what was made; without it and without a Lease nothing is. */
      readonly ledgerName?: string
    } = {},
  ): Promise<World> {
    const world = new World(typeof text === "string" ? planOf(text) : text, options)
    for (const object of options.crds ?? [crd("Website")]) world.server.put(object)
    for (const object of options.objects ?? []) world.server.put(object)
    world.#run()
    await world.settle()
    return world
  }

  get manager(): Manager {
    return this.#manager
  }

  /** The operator called `name`. */
  operator(name = "website"): Operator {
    const operator = this.#manager.fleet.operator(name)
    if (!operator) throw new Error(`no operator ${name}`)
    return operator
  }

  /** Lets one second pass, so that everything that is due has run. */
  async settle(): Promise<void> {
    await this.clock.advance("1s")
    await this.clock.settle()
  }

  async advance(duration: string): Promise<void> {
    await this.clock.advance(duration)
    await this.clock.settle()
  }

  /** Gives the running process another Katalog, and settles. */
  async want(text: string): Promise<FleetChange> {
    this.#plan = planOf(text)
    const wanted = this.#manager.want(this.#plan, shown(this.#plan))
    await this.settle()
    return await wanted
  }

  /** Stops the process, runs `text` (or the same Katalog) in a new one, and settles. */
  async restart(text?: string): Promise<void> {
    await this.stop()
    if (text !== undefined) this.#plan = planOf(text)
    this.#stop = new AbortController()
    this.#manager = this.#make()
    this.#run()
    await this.settle()
  }

  /** Another process of the same Katalog, which runs until the world ends. Only of use with a Lease. */
  async join(identity: string): Promise<Manager> {
    const manager = this.#make(identity)
    const stop = new AbortController()
    this.#others.push({ stop, running: manager.run(stop.signal) })
    await this.settle()
    return manager
  }

  /** Stops the process and waits until it has ended. */
  async stop(): Promise<void> {
    this.#stop.abort(new Error("test stops"))
    await this.clock.advance("30s")
    await this.#running
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { stop } of this.#others) stop.abort(new Error("test stops"))
    await this.stop()
    await Promise.all(this.#others.map(({ running }) => running))
    await this.server[Symbol.asyncDispose]()
  }

  /** A condition of a custom resource. */
  condition(type: string, key = "default/shop", kind = "Website"): Condition | undefined {
    return conditionOf(this.server.read(kind, key)?.["status"], type)
  }

  /** `True`, `False` or undefined by type, of all conditions of a custom resource. */
  conditions(key = "default/shop", kind = "Website"): Readonly<Record<string, string>> {
    const all = conditionsOf(this.server.read(kind, key)?.["status"])
    return Object.fromEntries(all.map(({ type, status }) => [type, status]))
  }

  /** Reasons of the events about a custom resource, oldest first. */
  events(name = "shop", operator = "website"): readonly { readonly reason: string; readonly message: string }[] {
    return this.#manager.view.events(operator, "default", name).toReversed()
  }

  #make(identity = "test"): Manager {
    const log = logger((level, message, fields) => this.lines.push({ level, message, fields }))
    const metrics: Metrics & { text(): Promise<string> } = { ...noMetrics, text: async () => "" }
    const { clock, server } = this
    const external: Transport = (request) => this.external(request)
    const deps = { client: server, discovery: server, clock, random: noJitter, log, metrics, external }
    return new Manager(deps, this.#plan, {
      identity,
      version: "test",
      inCluster: false,
      namespace: "default",
      leaseName: this.#leaseName,
      ledgerName: this.#ledgerName,
      ...shown(this.#plan),
    })
  }

  #run(): void {
    this.#running = this.#manager.run(this.#stop.signal)
  }
}
