import type { Ms } from "../../base/mod.ts"
import type { KubeObject, ObjectKey, ResourceInfo, RestMapper } from "../../kube/mod.ts"

/** What every call takes. When `signal` aborts, the call rejects with its reason. */
export interface CallOptions {
  readonly signal?: AbortSignal
}

/** Which objects of a collection, and which page of them. */
export interface ListOptions extends CallOptions {
  /** Undefined: all namespaces. */
  readonly namespace?: string
  readonly labelSelector?: string
  readonly fieldSelector?: string
  readonly limit?: number
  readonly continueToken?: string
  readonly resourceVersion?: string
}

/** One page of a list. `items` carry apiVersion and kind even where the server leaves them out. */
export interface ObjectList {
  readonly resourceVersion: string
  readonly continueToken: string | undefined
  readonly items: readonly KubeObject[]
}

/** How a write is carried out. */
export interface WriteOptions extends CallOptions {
  readonly fieldManager?: string
  readonly dryRun?: boolean
  /** `Strict` makes an unknown field an error. */
  readonly fieldValidation?: "Strict" | "Warn" | "Ignore"
  readonly subresource?: "status" | "scale"
}

/** How an apply is carried out. `force` takes fields from other managers; without it that is "api/field-conflict". */
export interface ApplyOptions extends WriteOptions {
  readonly fieldManager: string
  readonly force: boolean
}

/** `uid` and `resourceVersion` are preconditions: another value at the server is "api/conflict". */
export interface DeleteOptions extends CallOptions {
  readonly uid?: string
  readonly resourceVersion?: string
  readonly propagation?: "Background" | "Foreground" | "Orphan"
  readonly gracePeriodSeconds?: number
}

/** Merge patch (RFC 7396), JSON patch (RFC 6902), or the strategic merge patch of built-in kinds. */
export type PatchType = "merge" | "json" | "strategic"

/** Which changes of a collection, and from where on. */
export interface WatchOptions extends CallOptions {
  readonly namespace?: string
  readonly labelSelector?: string
  readonly fieldSelector?: string
  readonly resourceVersion?: string
  /** Ask for the whole state as ADDED events first, ended by a bookmark with `initialEventsEnd`. */
  readonly sendInitialEvents?: boolean
  readonly timeoutSeconds?: number
  /** The stream is given up when it was silent for this long. */
  readonly silenceMax?: Ms
}

/** One change, or the news that nothing changed up to a version. */
export type WatchEvent =
  | { readonly type: "ADDED" | "MODIFIED" | "DELETED"; readonly object: KubeObject }
  | { readonly type: "BOOKMARK"; readonly resourceVersion: string; readonly initialEventsEnd: boolean }

/**
 * All verbs of one API server. "Not found" is an answer where it is expected (`get`, `delete`); every other no is an
 * `OrkError`. Every call ends promptly when its signal aborts, with the signal's reason.
 */
export interface Client {
  get(resource: ResourceInfo, key: ObjectKey, options?: CallOptions): Promise<KubeObject | undefined>
  list(resource: ResourceInfo, options?: ListOptions): Promise<ObjectList>
  create(resource: ResourceInfo, object: KubeObject, options?: WriteOptions): Promise<KubeObject>
  update(resource: ResourceInfo, object: KubeObject, options?: WriteOptions): Promise<KubeObject>
  patch(
    resource: ResourceInfo,
    key: ObjectKey,
    patch: { readonly type: PatchType; readonly body: unknown },
    options?: WriteOptions,
  ): Promise<KubeObject>
  /** Server-side apply. `created`: the server answered 201. */
  apply(
    resource: ResourceInfo,
    object: KubeObject,
    options: ApplyOptions,
  ): Promise<{ readonly object: KubeObject; readonly created: boolean }>
  /** False when it was gone already. */
  delete(resource: ResourceInfo, key: ObjectKey, options?: DeleteOptions): Promise<boolean>
  deleteCollection(resource: ResourceInfo, options?: ListOptions): Promise<void>
  /** One stream; ends when the server ends it, throws `OrkError` "api/expired" on 410, "net/timeout" after silence. */
  watch(resource: ResourceInfo, options?: WatchOptions): AsyncIterable<WatchEvent>
  /** GET of any path as JSON (undefined on 404) or, where it is no JSON, as text: `/version`, `/readyz`. */
  raw(path: string, options?: CallOptions): Promise<unknown>
}

/** What a server serves, as snapshots. */
export interface Discovery {
  /** The newest snapshot; fetched once, then kept. */
  mapper(options?: CallOptions): Promise<RestMapper>
  /** Fetches anew. Concurrent callers share one fetch. */
  refresh(options?: CallOptions): Promise<RestMapper>
}
