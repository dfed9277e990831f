import { type Clock, isOrkError, OrkError, type Random, type Transport } from "../../base/mod.ts"
import {
  apiVersionOf,
  describeObject,
  formatGroupKind,
  isKubeObject,
  isRecord,
  type KubeObject,
  type ObjectKey,
  type ResourceInfo,
} from "../../kube/mod.ts"
import { ask, jsonOf, objectOf, refusal } from "./answers.ts"
import type { CallOptions, Client, ListOptions, ObjectList, WatchEvent, WatchOptions } from "./api.ts"
import {
  applyCall,
  type Call,
  createCall,
  deleteCall,
  deleteCollectionCall,
  getCall,
  listCall,
  patchCall,
  toRequest,
  updateCall,
  watchCall,
} from "./requests.ts"
import { watchEvents } from "./watch-stream.ts"

/** What a client works with; the randomness spreads the renewal of watches. */
export interface ClientDeps {
  readonly transport: Transport
  readonly clock: Clock
  readonly random: Random
}

/** A client of the server at `server` (a base URL without a slash at its end). */
export function client(deps: ClientDeps, { server }: { readonly server: string }): Client {
  const nowMs = () => deps.clock.nowMs()
  const send = (call: Call, subject: string, options: CallOptions = {}) =>
    ask(deps.transport, toRequest(server, call, options.signal), { subject, nowMs })
  const sendForObject = async (call: Call, subject: string, options: CallOptions = {}) =>
    objectOf(await send(call, subject, options), subject)

  return {
    async get(resource, key, options) {
      const subject = about(resource, key, "get")
      return orIfAbsent(undefined, () => sendForObject(getCall(resource, key), subject, options))
    },
    async list(resource, options = {}) {
      const subject = aboutAll(resource, options.namespace, "list")
      const response = await send(listCall(resource, options), subject, options)
      return listFrom(await jsonOf(response, subject), resource, subject)
    },
    async create(resource, object, options = {}) {
      return sendForObject(createCall(resource, object, options), `${describeObject(object)}: create`, options)
    },
    async update(resource, object, options = {}) {
      return sendForObject(updateCall(resource, object, options), `${describeObject(object)}: update`, options)
    },
    async patch(resource, key, patch, options = {}) {
      const call = patchCall(resource, key, { ...patch, options })
      return sendForObject(call, about(resource, key, "patch"), options)
    },
    async apply(resource, object, options) {
      const subject = `${describeObject(object)}: apply`
      const response = await send(applyCall(resource, object, options), subject, options)
      return { object: await objectOf(response, subject), created: response.status === 201 }
    },
    async delete(resource, key, options = {}) {
      const call = deleteCall(resource, key, options)
      return orIfAbsent(false, async () => {
        await send(call, about(resource, key, "delete"), options)
        return true
      })
    },
    async deleteCollection(resource, options = {}) {
      const subject = aboutAll(resource, options.namespace, "delete all")
      await send(deleteCollectionCall(resource, options), subject, options)
    },
    watch: (resource, options = {}) => watch(deps, server, { resource, options }),
    raw: (path, options = {}) => raw(deps.transport, `${server}${path}`, { ...options, nowMs }),
  }
}

async function* watch(
  { transport, clock, random }: ClientDeps,
  server: string,
  { resource, options }: { readonly resource: ResourceInfo; readonly options: WatchOptions },
): AsyncGenerator<WatchEvent> {
  const subject = aboutAll(resource, options.namespace, "watch")
  // 5 to 10 minutes, drawn anew each time, so that many watches are not renewed in the same moment.
  const timeoutSeconds = options.timeoutSeconds ?? 300 + Math.floor(random.next() * 301)
  const request = toRequest(server, watchCall(resource, options, timeoutSeconds), options.signal)
  const response = await ask(transport, request, { subject, nowMs: () => clock.nowMs() })
  yield* watchEvents(response, { clock, subject, signal: options.signal, silenceMax: options.silenceMax })
}

async function raw(
  transport: Transport,
  url: string,
  { signal, nowMs }: CallOptions & { readonly nowMs: () => number },
): Promise<unknown> {
  const response = await transport(new Request(url, signal === undefined ? {} : { signal }))
  if (response.status === 404) {
    await response.body?.cancel()
    return undefined
  }
  const path = new URL(url).pathname
  if (!response.ok) throw await refusal(response, { subject: path, nowMs: nowMs() })
  return response.headers.get("content-type")?.includes("json") ? jsonOf(response, path) : response.text()
}

function about(resource: ResourceInfo, key: ObjectKey, verb: string): string {
  return `${resource.gvk.kind}/${key}: ${verb}`
}

function aboutAll(resource: ResourceInfo, namespace: string | undefined, verb: string): string {
  return `${formatGroupKind(resource.gvk)}${namespace ? ` in ${namespace}` : ""}: ${verb}`
}

async function orIfAbsent<T>(absent: T, call: () => Promise<T>): Promise<T> {
  try {
    return await call()
  } catch (error) {
    if (isOrkError(error, "api/not-found")) return absent
    throw error
  }
}

function listFrom(value: unknown, resource: ResourceInfo, subject: string): ObjectList {
  const metadata = isRecord(value) && isRecord(value["metadata"]) ? value["metadata"] : undefined
  const items = isRecord(value) ? value["items"] : undefined
  if (metadata === undefined || (!Array.isArray(items) && items !== null)) {
    throw new OrkError("api/unavailable", `${subject}: the answer is not a list; is this an API server?`)
  }
  const named = { apiVersion: apiVersionOf(resource.gvk), kind: resource.gvk.kind }
  const token = metadata["continue"]
  return {
    resourceVersion: String(metadata["resourceVersion"] ?? ""),
    continueToken: typeof token === "string" && token !== "" ? token : undefined,
    items: (items ?? []).map((item: unknown) => complete(item, named)),
  }
}

/** Built-in kinds leave out apiVersion and kind in a list; a copy of the top level fills them in. */
function complete(item: unknown, named: { readonly apiVersion: string; readonly kind: string }): KubeObject {
  if (isKubeObject(item)) return item
  return { ...named, metadata: {}, ...(isRecord(item) ? item : {}) }
}

/** Everything of a collection, page by page; `pageSize` objects a request. Throws "api/expired" when a page is gone. */
export async function* listPages(
  client: Client,
  resource: ResourceInfo,
  options: ListOptions & { readonly limit: number },
): AsyncGenerator<ObjectList> {
  let page = await client.list(resource, options)
  yield page
  while (page.continueToken !== undefined) {
    // The token fixes the version: sending both is an error.
    const { resourceVersion: _, ...rest } = options
    page = await client.list(resource, { ...rest, continueToken: page.continueToken })
    yield page
  }
}
