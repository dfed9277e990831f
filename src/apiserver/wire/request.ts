import type { Logger, Scope } from "../../base/mod.ts"
import type { Api } from "../api.ts"
import type { Core } from "../core.ts"
import type { Authorize, Connect, Page, User } from "../ports.ts"
import type { Resource } from "../resource.ts"
import type { Route } from "../router.ts"
import type { Form } from "./accept.ts"
import type { EventLines } from "./event-lines.ts"

/** What answers are made with. */
export interface Answering {
  readonly core: Core
  readonly api: Api
  readonly scope: Scope
  readonly log: Logger
  readonly lines: EventLines
  readonly authorize?: Authorize
  readonly pages?: readonly Page[]
  readonly connect?: Readonly<Record<string, Connect>>
  readonly parseYaml?: (text: string) => unknown
}

/** One request and what is collected for its answer. */
export interface Asked {
  readonly request: Request
  readonly user: User
  readonly warnings: string[]
}

/** A request for a resource, with its parameters. */
export interface ResourceRequest {
  readonly answering: Answering
  readonly asked: Asked
  readonly route: Route
  readonly resource: Resource
  readonly query: URLSearchParams
  readonly form: Form
}
