/** A generic controller runtime: caches, queues, workers, leadership, events, metrics. Knows no Katalogs. */
// cache
export type { IndexFunction } from "./cache/indexer.ts"
export { Informer, type InformerDeps, type InformerOptions, type StoreEvent } from "./cache/informer.ts"
export { InformerSet } from "./cache/informer-set.ts"
export type { Lister } from "./cache/lister.ts"
export type { Change, Project } from "./cache/store.ts"
// client
export type {
  ApplyOptions,
  CallOptions,
  Client,
  DeleteOptions,
  Discovery,
  ListOptions,
  ObjectList,
  PatchType,
  WatchEvent,
  WatchOptions,
  WriteOptions,
} from "./client/api.ts"
export { type ClientDeps, client, listPages } from "./client/client.ts"
export { type ConnectDeps, type Connection, type ConnectOptions, connect, connectTo } from "./client/connect.ts"
export { discovery } from "./client/discovery.ts"
export { type Endpoint, fixedEndpoint, type Material, type MaterialOptions, noMaterial } from "./client/endpoint.ts"
export {
  type ClosableTransport,
  type FetchTransportOptions,
  fetchTransport,
  openTransport,
} from "./client/fetch-transport.ts"
export { type FlightSlots, type FlightSlotsOptions, flightSlots } from "./client/flight-slots.ts"
export { type KubeconfigDeps, type KubeconfigOptions, loadKubeconfig } from "./client/kubeconfig.ts"
export { requestLog } from "./client/middleware/request-log.ts"
export { type RetryAfterOptions, retryAfter } from "./client/middleware/retry-after.ts"
export { type ThrottleOptions, throttle } from "./client/middleware/throttle.ts"
export { userAgent } from "./client/middleware/user-agent.ts"
export { type WatchStreamOptions, watchEvents } from "./client/watch-stream.ts"
// controller
export { Controller, type ControllerOptions, type PassOutcome, type PassReport } from "./controller/controller.ts"
export type { Outcome, Reason, Reconciler } from "./controller/reconciler.ts"
export { type BookEntry, WatchBook } from "./controller/watch-book.ts"
// events
export { eventResource, type RecordedEvent } from "./events/event-object.ts"
export { type EventEntry, EventRecorder, type EventRecorderOptions } from "./events/recorder.ts"
// leader
export { LeaderElector, type LeaderElectorOptions } from "./leader/elector.ts"
export { leaderClient } from "./leader/leader-client.ts"
export { type LeaseRecord, type LiveLease, leaseResource, liveLeases, readLease } from "./leader/lease-lock.ts"
export { type LeadOne, LeaseShares, type LeaseSharesOptions, memberLabel } from "./leader/lease-shares.ts"
export { LeadershipLost } from "./leader/lost.ts"
// metrics
export { type MetricDeclaration, prometheusMetrics } from "./metrics/prometheus.ts"
// queue
export { DelayQueue } from "./queue/delay-queue.ts"
export { RateLimiter } from "./queue/rate-limiter.ts"
export { type Place, type WorkItem, Workqueue, type WorkqueueOptions } from "./queue/workqueue.ts"
