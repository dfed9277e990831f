import { type Clock, type Ms, ms, OrkError } from "../../../../src/base/mod.ts"
import { isRecord, type KubeObject } from "../../../../src/kube/mod.ts"
import { type Call, ScriptedClient } from "../../../support/scenario.ts"

/** One Lease with the server's rules: a create needs absence, an update the newest version. */
export class LeaseServer {
  lease: KubeObject | undefined
  writes = 0
  #version = 0

  /** A client of its own for one elector: its network can be slow or broken without the others'. */
  client(clock: Clock, network: { latency?: () => Ms; down?: () => boolean } = {}): ScriptedClient {
    const client = new ScriptedClient()
    const over = (answer: (call: Call) => KubeObject | undefined) => async (call: Call) => {
      const latency = network.latency?.() ?? ms(0)
      if (latency > 0) await clock.sleep(ms(Math.floor(latency / 2)), call.signal)
      if (network.down?.()) throw new OrkError("net/refused", "connection refused")
      const answered = answer(call) // whatever happens to the answer: the server has it
      if (latency > 0) await clock.sleep(ms(Math.ceil(latency / 2)), call.signal)
      return answered
    }
    client.always(
      "get",
      over(() => this.lease),
    )
    client.always(
      "create",
      over((call) => this.#create(call.object)),
    )
    client.always(
      "update",
      over((call) => this.#update(call.object)),
    )
    return client
  }

  get spec(): Readonly<Record<string, unknown>> {
    const spec = this.lease?.["spec"]
    return isRecord(spec) ? spec : {}
  }

  /** Somebody edits the Lease by other means. */
  edit(spec: Readonly<Record<string, unknown>>): void {
    if (this.lease !== undefined) this.#store({ ...this.lease, spec: { ...this.spec, ...spec } })
  }

  #create(object: KubeObject | undefined): KubeObject | undefined {
    if (this.lease !== undefined) throw new OrkError("api/already-exists", "exists")
    return this.#store(object)
  }

  #update(object: KubeObject | undefined): KubeObject | undefined {
    if (this.lease === undefined) throw new OrkError("api/not-found", "gone")
    if (object?.metadata.resourceVersion !== this.lease.metadata.resourceVersion) {
      throw new OrkError("api/conflict", "stale")
    }
    return this.#store(object)
  }

  #store(object: KubeObject | undefined): KubeObject | undefined {
    if (object === undefined) return undefined
    this.writes++
    this.lease = { ...object, metadata: { ...object.metadata, resourceVersion: String(++this.#version) } }
    return this.lease
  }
}
