/**
 * The embedded Kubernetes API server: one `(Request) => Promise<Response>` over a store.
 *
 * It never imports the client, so neither can hide the other's bug. Storage is synchronous: between reading and
 * committing an object nothing else runs, except where a webhook is asked.
 */
export type { Api, ApiObjectRef, DeleteOptions, WriteOptions } from "./api.ts"
export { builtinResources } from "./builtin.ts"
export { type Cluster, type ClusterDeps, type ClusterOptions, startCluster } from "./cluster.ts"
export { crdController, serveCrds } from "./crd-controller.ts"
export { type Login, tokenLogin } from "./login.ts"
export { handleDiscovery } from "./pages.ts"
export { builtinAdmission } from "./plugins/all.ts"
export type {
  Admission,
  AdmissionCall,
  Attributes,
  Authorize,
  Connect,
  ConnectCall,
  Page,
  User,
} from "./ports.ts"
export { Refusal } from "./refusal.ts"
export type {
  PrinterColumn,
  RequestContext,
  Resource,
  Scale,
  Strategy,
  Subresource,
  TableCell,
  Verb,
} from "./resource.ts"
export { type ApiServer, type ApiServerOptions, createApiServer } from "./server.ts"
export type { Change, Storage, StoredRef } from "./storage.ts"
export { MemoryStorage } from "./storage-memory.ts"
export { type SqliteOptions, SqliteStorage } from "./storage-sqlite.ts"
export type { WebhookDeps, WebhookSend, WebhookService } from "./webhook-client.ts"
