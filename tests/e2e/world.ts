/** What the end-to-end tests see of the cluster: the API server, asked directly, and its audit log. */
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { type KubeObject, objectKey } from "../../src/kube/mod.ts"
import { pause } from "../cluster/processes.ts"
import type { AuditEntry, AuditQuery, TestCluster } from "../support/cluster.ts"

/** A Katalog that ships with the repository. */
export function shipped(name: string): string {
  return join(import.meta.dir, "../../katalogs", name)
}

/** A Katalog of these tests. */
export function katalog(name: string): string {
  return join(import.meta.dir, "katalogs", name)
}

/** Asks `question` until it answers something other than undefined or false; fails after the time, with what was asked for. */
export async function until<T>(
  what: string,
  question: () => Promise<T | undefined | false> | T | undefined | false,
  timeoutMs = 20_000,
): Promise<T> {
  const deadline = performance.now() + timeoutMs
  let trouble: unknown
  for (;;) {
    try {
      const answer = await question()
      if (answer !== undefined && answer !== false) return answer
    } catch (error) {
      trouble = error
    }
    if (performance.now() > deadline) {
      throw new Error(`${what}: not seen within ${timeoutMs} ms`, trouble === undefined ? {} : { cause: trouble })
    }
    await pause(25)
  }
}

/** A condition of a status, as the API conventions have it. */
export interface Condition {
  readonly type: string
  readonly status: string
  readonly reason: string
  readonly message: string
  readonly observedGeneration?: number
  readonly lastTransitionTime: string
}

/** A live object; these tests look into every part of it. */
export type Live = KubeObject & {
  readonly metadata: { readonly uid: string; readonly resourceVersion: string; readonly generation?: number }
  // biome-ignore lint/suspicious/noExplicitAny: the server's own answer, read field by field in assertions
  readonly [field: string]: any
}

const bases: Readonly<Record<string, string>> = {
  configmaps: "/api/v1",
  events: "/api/v1",
  secrets: "/api/v1",
  services: "/api/v1",
  pods: "/api/v1",
  jobs: "/apis/batch/v1",
  namespaces: "/api/v1",
  serviceaccounts: "/api/v1",
  deployments: "/apis/apps/v1",
  leases: "/apis/coordination.k8s.io/v1",
  customresourcedefinitions: "/apis/apiextensions.k8s.io/v1",
  validatingwebhookconfigurations: "/apis/admissionregistration.k8s.io/v1",
  clusterroles: "/apis/rbac.authorization.k8s.io/v1",
  clusterrolebindings: "/apis/rbac.authorization.k8s.io/v1",
}

/** The API server as its administrator sees it, without a cache between. */
export class World {
  readonly #cluster: TestCluster
  readonly #tls: { readonly ca: string; readonly cert: string; readonly key: string }
  #markers = 0

  constructor(cluster: TestCluster) {
    this.#cluster = cluster
    const config = JSON.parse(readFileSync(cluster.kubeconfig, "utf8"))
    const text = (base64: string) => Buffer.from(base64, "base64").toString()
    this.#tls = {
      ca: text(config.clusters[0].cluster["certificate-authority-data"]),
      cert: text(config.users[0].user["client-certificate-data"]),
      key: text(config.users[0].user["client-key-data"]),
    }
  }

  /** The path of one object, or of all: `pathOf("shops.shop.example.io/v1", "default", "corner")`. */
  pathOf(resource: string, namespace?: string, name?: string): string {
    const [plural = "", group] = /^([a-z]+)\.(.+)$/.exec(resource)?.slice(1) ?? [resource]
    const base = group === undefined ? bases[plural] : `/apis/${group}`
    return [base, ...(namespace ? ["namespaces", namespace] : []), plural, ...(name ? [name] : [])].join("/")
  }

  async request(method: string, path: string, body?: unknown, type = "application/json"): Promise<Response> {
    return await fetch(`${this.#cluster.server}${path}`, {
      method,
      tls: { ...this.#tls },
      ...(body === undefined ? {} : { headers: { "content-type": type }, body: JSON.stringify(body) }),
    })
  }

  /** The object, or undefined when there is none. */
  async get(resource: string, namespace: string | undefined, name: string): Promise<Live | undefined> {
    return await this.#object(await this.request("GET", this.pathOf(resource, namespace, name)))
  }

  /** The objects of a resource, in one namespace or all. */
  async list(resource: string, namespace?: string, labelSelector = ""): Promise<readonly Live[]> {
    const query = labelSelector ? `?labelSelector=${encodeURIComponent(labelSelector)}` : ""
    const answer = await this.request("GET", this.pathOf(resource, namespace) + query)
    // The server's own list.
    return answer.ok ? ((await answer.json()) as { items: Live[] }).items : []
  }

  /** The children of a CR among the objects of a resource. */
  async children(resource: string, cr: Live): Promise<readonly Live[]> {
    return await this.list(resource, undefined, `orkestra.orkspace.io/owner-uid=${cr.metadata.uid}`)
  }

  async create(resource: string, object: KubeObject): Promise<Live> {
    const { namespace } = object.metadata
    const answer = await this.request("POST", this.pathOf(resource, namespace), object)
    if (!answer.ok)
      throw new Error(`create ${resource} ${objectKey(namespace, object.metadata.name ?? "")}: ${await answer.text()}`)
    return (await answer.json()) as Live // the server's own answer
  }

  /** A JSON merge patch by `manager`. */
  async patch(
    target: { readonly resource: string; readonly namespace?: string; readonly name: string },
    patch: unknown,
    manager = "somebody",
  ): Promise<Live> {
    const path = `${this.pathOf(target.resource, target.namespace, target.name)}?fieldManager=${manager}`
    const answer = await this.request("PATCH", path, patch, "application/merge-patch+json")
    if (!answer.ok) throw new Error(`patch ${path}: ${await answer.text()}`)
    return (await answer.json()) as Live // the server's own answer
  }

  async delete(resource: string, namespace: string | undefined, name: string): Promise<void> {
    await (await this.request("DELETE", this.pathOf(resource, namespace, name))).text()
  }

  async namespace(name: string): Promise<string> {
    await this.create("namespaces", { apiVersion: "v1", kind: "Namespace", metadata: { name } })
    return name
  }

  /** The CR once its condition Ready is `status` for its newest generation. */
  async ready(resource: string, namespace: string | undefined, name: string, status = "True"): Promise<Live> {
    return await until(`${resource} ${namespace}/${name} Ready=${status}`, async () => {
      const live = await this.get(resource, namespace, name)
      const condition = conditionOf(live, "Ready")
      return condition?.status === status && condition.observedGeneration === live?.metadata.generation && live
    })
  }

  /** What was asked, once everything up to this moment is in the audit log. */
  async asked(query: AuditQuery): Promise<readonly AuditEntry[]> {
    const marker = `marker-${++this.#markers}-${performance.now()}`
    await (await this.request("GET", this.pathOf("configmaps", "default", marker))).text()
    await until("the audit log has caught up", async () =>
      (await this.#cluster.audit({ verbs: ["get"] })).some((entry) => entry.name === marker),
    )
    return await this.#cluster.audit(query)
  }

  /** What `user` wrote since; Events and Leases are not counted. */
  async writes(user: string, since: Date): Promise<readonly string[]> {
    const verbs = ["create", "update", "patch", "delete", "deletecollection"]
    return (await this.asked({ user, verbs, since }))
      .filter((entry) => !["events", "leases"].includes(entry.resource))
      .map(describeEntry)
  }

  async #object(answer: Response): Promise<Live | undefined> {
    if (answer.ok) return (await answer.json()) as Live // the server's own answer
    const text = await answer.text()
    if (answer.status === 404) return undefined
    throw new Error(text)
  }
}

/** `patch configmaps default/web`, with the subresource. */
export function describeEntry(entry: AuditEntry): string {
  const resource = entry.subresource ? `${entry.resource}/${entry.subresource}` : entry.resource
  return `${entry.verb} ${resource} ${entry.namespace ? `${entry.namespace}/` : ""}${entry.name}`
}

export function conditionOf(live: Live | undefined, type: string): Condition | undefined {
  return live?.["status"]?.conditions?.find((condition: Condition) => condition.type === type)
}
