/** What is done to one object, step by step. */
export interface Scenario {
  readonly name: string
  readonly steps: readonly Step[]
  /** Paths that the server fills again after an apply removed them: its own defaults. */
  readonly refilled?: readonly string[]
}

/** One write. `apply` is server-side apply; `put` is a merge patch that the test applies before it sends the whole. */
export interface Step {
  readonly verb: "apply" | "create" | "json" | "merge" | "put" | "strategic"
  readonly by: string
  readonly body: unknown
  readonly force?: boolean
  readonly subresource?: string
}

type Body = Readonly<Record<string, unknown>>
type More = Pick<Step, "force" | "subresource">

/** A server-side apply. */
export const apply = (by: string, body: Body, more: More = {}): Step => ({ verb: "apply", by, body, ...more })
/** A server-side apply with force. */
export const force = (by: string, body: Body): Step => apply(by, body, { force: true })
/** A create. */
export const create = (by: string, body: Body): Step => ({ verb: "create", by, body })
/** A whole write of what is there, changed by a merge patch. */
export const put = (by: string, body: Body): Step => ({ verb: "put", by, body })
/** A merge patch. */
export const merge = (by: string, body: Body, more: More = {}): Step => ({ verb: "merge", by, body, ...more })
/** A strategic merge patch. */
export const strategic = (by: string, body: Body): Step => ({ verb: "strategic", by, body })
/** A JSON patch. */
export const json = (by: string, ...body: readonly Body[]): Step => ({ verb: "json", by, body })

/** A ConfigMap. */
export const configMap = (data?: Body, metadata: Body = {}): Body => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata,
  ...(data === undefined ? {} : { data }),
})
/** A Secret. */
export const secret = (fields: Body): Body => ({ apiVersion: "v1", kind: "Secret", metadata: {}, ...fields })
/** A Widget: the custom resource of these tests. */
export const widget = (spec?: Body, more: Body = {}): Body => ({
  apiVersion: "test.example/v1",
  kind: "Widget",
  metadata: {},
  ...(spec === undefined ? {} : { spec }),
  ...more,
})
/** A Service. */
export const service = (spec: Body, metadata: Body = {}): Body => ({
  apiVersion: "v1",
  kind: "Service",
  metadata,
  spec,
})
/** A Deployment without replicas, so that nothing runs. */
export const deployment = (spec: Body, metadata: Body = {}): Body => ({
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata,
  spec,
})
/** The spec of a Deployment with these containers. */
export const containers = (...list: readonly Body[]): Body => ({ template: { spec: { containers: list } } })

const labels = { app: "web" }
/** A whole Deployment spec with these containers. */
export const whole = (list: readonly Body[], more: Body = {}): Body => ({
  replicas: 0,
  selector: { matchLabels: labels },
  template: { metadata: { labels }, spec: { containers: list } },
  ...more,
})
/** A container. */
export const container = (name: string, more: Body = {}): Body => ({ name, image: "nginx", ...more })
