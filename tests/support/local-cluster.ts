import { type Cluster, type Storage, startCluster } from "../../src/apiserver/mod.ts"
import { seeded, silent } from "../../src/base/mod.ts"
import { type Gvr, type KubeObject, parseApiVersion } from "../../src/kube/mod.ts"
import { FakeClock } from "./clock.ts"

/** Plural names of the kinds that tests make; the others end in "s". */
const plurals: Readonly<Record<string, string>> = { Endpoints: "endpoints", Ingress: "ingresses" }

/** The resource of a kind. */
function gvrFor(apiVersion: string, kind: string): Gvr {
  return { ...parseApiVersion(apiVersion), resource: plurals[kind] ?? `${kind.toLowerCase()}s` }
}

/** A whole cluster in memory with a clock that stands still: `await using cluster = await LocalCluster.start()`. */
export class LocalCluster implements AsyncDisposable {
  private constructor(
    readonly clock: FakeClock,
    readonly cluster: Cluster,
  ) {}

  static async start(options: { readonly pretend?: boolean; readonly storage?: Storage } = {}): Promise<LocalCluster> {
    const clock = new FakeClock()
    const { pretend = true, storage } = options
    const deps = { clock, random: seeded(11), log: silent }
    const more = storage ? { storage } : {}
    const cluster = await startCluster(deps, { pretend, authority: "CA", port: 6443, ...more })
    const world = new LocalCluster(clock, cluster)
    await world.settle()
    return world
  }

  /** Lets everything happen that is due within `duration`. */
  async settle(duration = "2s"): Promise<void> {
    await this.clock.advance(duration)
    await this.clock.settle()
  }

  async create(object: KubeObject): Promise<KubeObject> {
    const namespaced = this.cluster.api.resource(gvrFor(object.apiVersion, object.kind))?.namespaced
    const home = namespaced ? { namespace: "default" } : {}
    const whole = { ...object, metadata: { ...home, ...object.metadata } }
    return await this.cluster.api.create(gvrFor(object.apiVersion, object.kind), whole, { manager: "test" })
  }

  /** Merges into the spec of an object. */
  async edit(apiVersion: string, kind: string, name: string, spec: Readonly<Record<string, unknown>>): Promise<void> {
    const found = this.get(apiVersion, kind, name)
    if (!found) throw new Error(`no ${kind} ${name}`)
    const before = found["spec"]
    const next = { ...found, spec: { ...(typeof before === "object" ? before : {}), ...spec } }
    await this.cluster.api.update(gvrFor(apiVersion, kind), next, { manager: "test" })
  }

  // biome-ignore lint/suspicious/noExplicitAny: tests look into objects as they please
  get(apiVersion: string, kind: string, name: string, namespace = "default"): any {
    const gvr = gvrFor(apiVersion, kind)
    const home = this.cluster.api.resource(gvr)?.namespaced ? namespace : ""
    return this.cluster.api.get(gvr, { namespace: home, name })
  }

  // biome-ignore lint/suspicious/noExplicitAny: as above
  list(apiVersion: string, kind: string, namespace?: string): readonly any[] {
    return this.cluster.api.list(gvrFor(apiVersion, kind), namespace)
  }

  async delete(
    apiVersion: string,
    kind: string,
    name: string,
    propagation?: "Background" | "Foreground" | "Orphan",
  ): Promise<void> {
    const gvr = gvrFor(apiVersion, kind)
    const namespace = this.cluster.api.resource(gvr)?.namespaced ? "default" : ""
    await this.cluster.api.delete(gvr, { namespace, name }, propagation ? { propagation } : {})
  }

  /** The reasons of all events about an object, in order of their making. */
  reasons(kind: string, name: string): readonly string[] {
    return this.list("v1", "Event")
      .filter(({ involvedObject }) => involvedObject.kind === kind && involvedObject.name === name)
      .map(({ reason }) => reason)
  }

  /** How many changes are committed while `duration` passes. */
  async writesIn(duration: string): Promise<number> {
    let count = 0
    const listening = this.cluster.api.onChange(() => void count++)
    await this.settle(duration)
    listening[Symbol.dispose]()
    return count
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.cluster.close()
  }
}
