import { OrkError } from "../../base/mod.ts"
import { apiVersionOf, type KubeObject, type ObjectKey, type ResourceInfo, splitKey } from "../../kube/mod.ts"
import type { ApplyOptions, DeleteOptions, ListOptions, PatchType, WatchOptions, WriteOptions } from "./api.ts"

/** One call, as a value: what goes on the wire without its server. */
export interface Call {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE"
  readonly path: string
  readonly query: Readonly<Record<string, string>>
  readonly contentType?: string
  readonly body?: unknown
  readonly accept?: string
}

/** A request to `server` (a base URL without a slash at its end). */
export function toRequest(server: string, call: Call, signal: AbortSignal | undefined): Request {
  const query = new URLSearchParams(call.query).toString()
  const headers: Record<string, string> = { accept: call.accept ?? "application/json" }
  if (call.body !== undefined) headers["content-type"] = call.contentType ?? "application/json"
  return new Request(`${server}${call.path}${query === "" ? "" : `?${query}`}`, {
    method: call.method,
    headers,
    ...(call.body === undefined ? {} : { body: bodyText(call.body) }),
    ...(signal === undefined ? {} : { signal }),
  })
}

/** What follows the resource in a path. */
export interface PathParts {
  readonly namespace?: string | undefined
  readonly name?: string | undefined
  readonly subresource?: string | undefined
}

/** `/apis/apps/v1/namespaces/shop/deployments/web/status`; without a name, the collection. */
export function resourcePath(resource: ResourceInfo, parts: PathParts): string {
  const { gvr } = resource
  const segments = [gvr.group === "" ? "api" : "apis", ...apiVersionOf(gvr).split("/")]
  if (resource.namespaced && parts.namespace) segments.push("namespaces", parts.namespace)
  segments.push(gvr.resource)
  if (parts.name !== undefined) segments.push(parts.name)
  if (parts.subresource !== undefined) segments.push(parts.subresource)
  return `/${segments.map(encodeURIComponent).join("/")}`
}

/** GET of one object. */
export function getCall(resource: ResourceInfo, key: ObjectKey): Call {
  return { method: "GET", path: objectPath(resource, splitKey(key)), query: {} }
}

/** GET of one page of a collection. */
export function listCall(resource: ResourceInfo, options: ListOptions): Call {
  return { method: "GET", path: resourcePath(resource, { namespace: options.namespace }), query: listQuery(options) }
}

/** GET of a collection's changes. `timeoutSeconds` is the server's limit for the stream. */
export function watchCall(resource: ResourceInfo, options: WatchOptions, timeoutSeconds: number): Call {
  const initial = options.sendInitialEvents === true
  const query = defined({
    watch: "true",
    allowWatchBookmarks: "true",
    timeoutSeconds: String(timeoutSeconds),
    labelSelector: options.labelSelector,
    fieldSelector: options.fieldSelector,
    resourceVersion: options.resourceVersion,
    sendInitialEvents: initial ? "true" : undefined,
    resourceVersionMatch: initial ? "NotOlderThan" : undefined,
  })
  return { method: "GET", path: resourcePath(resource, { namespace: options.namespace }), query }
}

/** POST to a collection; the namespace is the object's. */
export function createCall(resource: ResourceInfo, object: KubeObject, options: WriteOptions): Call {
  const namespace = namespaceFor(resource, object.metadata)
  return { method: "POST", path: resourcePath(resource, { namespace }), query: writeQuery(options), body: object }
}

/** PUT of a whole object. */
export function updateCall(resource: ResourceInfo, object: KubeObject, options: WriteOptions): Call {
  const path = objectPath(resource, object.metadata, options.subresource)
  return { method: "PUT", path, query: writeQuery(options), body: object }
}

const patchContentTypes: Readonly<Record<PatchType, string>> = {
  merge: "application/merge-patch+json",
  json: "application/json-patch+json",
  strategic: "application/strategic-merge-patch+json",
}

/** PATCH of one object. */
export function patchCall(
  resource: ResourceInfo,
  key: ObjectKey,
  patch: { readonly type: PatchType; readonly body: unknown; readonly options: WriteOptions },
): Call {
  return {
    method: "PATCH",
    path: objectPath(resource, splitKey(key), patch.options.subresource),
    query: writeQuery(patch.options),
    contentType: patchContentTypes[patch.type],
    body: patch.body,
  }
}

/** Server-side apply. The body is JSON, which is YAML too. */
export function applyCall(resource: ResourceInfo, object: KubeObject, options: ApplyOptions): Call {
  return {
    method: "PATCH",
    path: objectPath(resource, object.metadata, options.subresource),
    query: { ...writeQuery(options), force: String(options.force) },
    contentType: "application/apply-patch+yaml",
    body: object,
  }
}

/** DELETE of one object, with its preconditions in the body. */
export function deleteCall(resource: ResourceInfo, key: ObjectKey, options: DeleteOptions): Call {
  const preconditions = defined({ uid: options.uid, resourceVersion: options.resourceVersion })
  const body = {
    apiVersion: "v1",
    kind: "DeleteOptions",
    propagationPolicy: options.propagation,
    gracePeriodSeconds: options.gracePeriodSeconds,
    ...(Object.keys(preconditions).length === 0 ? {} : { preconditions }),
  }
  return { method: "DELETE", path: objectPath(resource, splitKey(key)), query: {}, body }
}

/** DELETE of everything that a list with the same options would show. */
export function deleteCollectionCall(resource: ResourceInfo, options: ListOptions): Call {
  return { ...listCall(resource, options), method: "DELETE" }
}

function listQuery(options: ListOptions): Readonly<Record<string, string>> {
  return defined({
    labelSelector: options.labelSelector,
    fieldSelector: options.fieldSelector,
    limit: options.limit === undefined ? undefined : String(options.limit),
    continue: options.continueToken,
    resourceVersion: options.resourceVersion,
  })
}

function writeQuery(options: WriteOptions): Readonly<Record<string, string>> {
  return defined({
    fieldManager: options.fieldManager,
    dryRun: options.dryRun ? "All" : undefined,
    fieldValidation: options.fieldValidation,
  })
}

interface Named {
  readonly name?: string | undefined
  readonly namespace?: string | undefined
}

function objectPath(resource: ResourceInfo, named: Named, subresource?: string): string {
  if (!named.name) throw new OrkError("api/bad-request", `${resource.gvk.kind}: has no metadata.name; set it`)
  return resourcePath(resource, { namespace: namespaceFor(resource, named), name: named.name, subresource })
}

function namespaceFor(resource: ResourceInfo, named: Named): string | undefined {
  if (!resource.namespaced || named.namespace) return named.namespace
  throw new OrkError("api/bad-request", `${resource.gvk.kind}/${named.name ?? ""}: has no metadata.namespace; set it`)
}

function defined(query: Readonly<Record<string, string | undefined>>): Readonly<Record<string, string>> {
  const kept: Record<string, string> = {}
  for (const [name, value] of Object.entries(query)) if (value !== undefined) kept[name] = value
  return kept
}

/**
 * JSON that also means the same to a YAML reader, which is what the server reads apply bodies with: YAML folds or refuses
 * these characters where they stand as they are.
 */
function bodyText(body: unknown): string {
  return JSON.stringify(body).replace(/[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`
  })
}
