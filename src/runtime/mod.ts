/** A generic controller runtime: caches, queues, workers, leadership, events, metrics. Knows no Katalogs. */
// client
export type { ApplyOptions, Client, Discovery, WatchEvent } from "./client/api.ts"
export { type Connection, connect } from "./client/connect.ts"
export { type Endpoint, fixedEndpoint } from "./client/endpoint.ts"
export { fetchTransport } from "./client/fetch-transport.ts"
export { loadKubeconfig } from "./client/kubeconfig.ts"

// cache
export type { IndexFunction } from "./cache/indexer.ts"
export { Informer, type InformerDeps, type InformerOptions, type StoreEvent } from "./cache/informer.ts"
export { InformerSet } from "./cache/informer-set.ts"
export type { Lister } from "./cache/lister.ts"
export type { Change, Project } from "./cache/store.ts"
// controller
export { Controller, type ControllerOptions, type PassOutcome, type PassReport } from "./controller/controller.ts"
export type { Outcome, Reason, Reconciler } from "./controller/reconciler.ts"
// events
export { eventResource, type RecordedEvent } from "./events/event-object.ts"
export { type EventEntry, EventRecorder, type EventRecorderOptions } from "./events/recorder.ts"
// leader
export { LeaderElector, type LeaderElectorOptions } from "./leader/elector.ts"
export { type LeaseRecord, leaseResource, readLease } from "./leader/lease-lock.ts"
export { LeadershipLost } from "./leader/lost.ts"
// metrics
export { type MetricDeclaration, prometheusMetrics } from "./metrics/prometheus.ts"
// queue
export { DelayQueue } from "./queue/delay-queue.ts"
export { RateLimiter } from "./queue/rate-limiter.ts"
export { type WorkItem, Workqueue, type WorkqueueOptions } from "./queue/workqueue.ts"
