import type { KubeObject } from "../kube/mod.ts"
import type { Api } from "./api.ts"
import type { RequestContext, Resource, Verb } from "./resource.ts"

/** Who sent a request. */
export interface User {
  readonly name: string
  readonly groups: readonly string[]
  /** Of those who are objects: ServiceAccounts. */
  readonly uid?: string
  /** What else is known of them, by key. */
  readonly extra?: Readonly<Record<string, readonly string[]>>
}

/** One write that admission may look at. `object` is undefined for a deletion, `old` for a create. */
export interface AdmissionCall {
  readonly resource: Resource
  readonly operation: "CREATE" | "UPDATE" | "DELETE" | "CONNECT"
  readonly namespace: string
  readonly name: string
  readonly object: KubeObject | undefined
  readonly old: KubeObject | undefined
  readonly context: RequestContext
  /** The kind of `object` where it is not the resource's: Binding, Eviction, PodExecOptions. */
  readonly gvk?: { readonly group: string; readonly version: string; readonly kind: string }
  /** The options of the request as they came: `CreateOptions`, `DeleteOptions` ... */
  readonly options: Readonly<Record<string, unknown>>
  /** Adds a Warning header to the answer. */
  readonly warn: (text: string) => void
}

/** Admission: first everything that changes, then everything that judges. Both refuse by throwing a `Refusal`. */
export interface Admission {
  /** The object as it shall be; the same value when nothing changes. Never called for a deletion. */
  mutate(call: AdmissionCall & { readonly object: KubeObject }): Promise<KubeObject>
  validate(call: AdmissionCall): Promise<void>
}

/** What somebody wants to do; `resource` is undefined for paths that are no resources. */
export interface Attributes {
  readonly user: User
  readonly verb: Verb | string
  readonly group: string
  readonly version: string
  readonly resource: string
  readonly subresource: string
  readonly namespace: string
  readonly name: string
  /** The path of a request that is for no resource, else "". */
  readonly path: string
}

/** Whether somebody may do something; the reason goes into the 403. */
export type Authorize = (attributes: Attributes) => { readonly allowed: boolean; readonly reason?: string }

/** Answers paths that are no objects: discovery, OpenAPI, version, health. Undefined: not mine. */
export type Page = (request: Request, api: Api) => Promise<Response> | Response | undefined

/** One request to a subresource that the server itself knows nothing about: `pods/log`, `serviceaccounts/token`. */
export interface ConnectCall {
  readonly request: Request
  readonly resource: Resource
  readonly subresource: string
  readonly namespace: string
  readonly name: string
  readonly context: RequestContext
  readonly api: Api
}

/** Answers a subresource of its own making; refuses by throwing a `Refusal`. */
export type Connect = (call: ConnectCall) => Promise<Response>
