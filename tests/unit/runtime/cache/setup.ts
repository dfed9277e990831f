import { silent } from "../../../../src/base/mod.ts"
import type { KubeObject } from "../../../../src/kube/mod.ts"
import { Informer, type InformerOptions, type StoreEvent } from "../../../../src/runtime/mod.ts"
import { FakeClock } from "../../../support/clock.ts"
import { ScriptedClient } from "../../../support/scenario.ts"
import { noJitter, recordingLog, recordingMetrics, widgets } from "../support.ts"

/** A running informer over a scripted server, and what its handler heard as `type name@version`. */
export function startInformer(options: Partial<InformerOptions> = {}) {
  const clock = new FakeClock(0)
  const client = new ScriptedClient()
  const { log, lines, levels } = recordingLog()
  const { metrics } = recordingMetrics()
  const informer = new Informer({ client, clock, random: noJitter, log, metrics }, { resource: widgets, ...options })
  const events: StoreEvent[] = []
  informer.onEvent((event) => events.push(event))
  const stop = new AbortController()
  const running = Promise.resolve().then(() => informer.run(stop.signal)) // after the test has written its script
  const heard = () => events.splice(0).map(short)
  return { clock, client, informer, lines, levels, events, heard, stop, running }
}

/** The same, with a first state of `objects` at version `resourceVersion` already in the store, and nothing heard. */
export async function syncedInformer(objects: readonly KubeObject[], options: Partial<InformerOptions> = {}) {
  const started = startInformer(options)
  await started.clock.settle()
  started.client.stream.added(...objects)
  started.client.stream.bookmark("100", true)
  await started.clock.settle()
  started.events.splice(0)
  return started
}

/** `added a@1`. */
export function short(event: StoreEvent): string {
  return `${event.type} ${event.object.metadata.name}@${event.object.metadata.resourceVersion}`
}

/** The store's content as `a@1`. */
export function content(informer: Informer): readonly string[] {
  return informer.lister
    .list()
    .map(({ metadata }) => `${metadata.name}@${metadata.resourceVersion}`)
    .sort()
}

/** What an informer needs, on a scripted server and with nothing recorded. */
export function informerDeps() {
  const clock = new FakeClock(0)
  const client = new ScriptedClient()
  return { client, clock, random: noJitter, log: silent, metrics: recordingMetrics().metrics }
}
