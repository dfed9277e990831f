import { apiVersionOf, formatGvr, type Gvr } from "../kube/mod.ts"
import type { Resource } from "./resource.ts"

/** What is served now. Resources come and go with their CRDs. */
export class Registry {
  readonly #byGvr = new Map<string, Resource>()
  readonly #byPath = new Map<string, Map<string, Resource>>()
  #all: readonly Resource[] | undefined
  #groups: ReadonlySet<string> | undefined

  constructor(resources: readonly Resource[]) {
    for (const resource of resources) this.add(resource)
  }

  /** Adds a resource, in place of the one that had its address. */
  add(resource: Resource): void {
    this.#byGvr.set(formatGvr(resource.gvr), resource)
    const version = apiVersionOf(resource.gvr)
    const names = this.#byPath.get(version) ?? new Map<string, Resource>()
    this.#byPath.set(version, names.set(resource.gvr.resource, resource))
    this.#all = undefined
    this.#groups = undefined
  }

  /** Takes a resource away; its objects stay where they are. */
  remove(gvr: Gvr): Resource | undefined {
    const resource = this.#byGvr.get(formatGvr(gvr))
    if (resource === undefined) return undefined
    this.#byGvr.delete(formatGvr(gvr))
    const version = apiVersionOf(gvr)
    const names = this.#byPath.get(version)
    names?.delete(gvr.resource)
    if (names?.size === 0) this.#byPath.delete(version)
    this.#all = undefined
    this.#groups = undefined
    return resource
  }

  get(gvr: Gvr): Resource | undefined {
    return this.#byGvr.get(formatGvr(gvr))
  }

  /** The resource behind `apps/v1` and `deployments`. */
  find(apiVersion: string, plural: string): Resource | undefined {
    return this.#byPath.get(apiVersion)?.get(plural)
  }

  /** Whether any version of a group is served. */
  hasGroup(group: string): boolean {
    this.#groups ??= new Set(this.all().map(({ gvr }) => gvr.group))
    return this.#groups.has(group)
  }

  /** Whether a group is one of CRDs. */
  isCustom(group: string): boolean {
    return this.all().some(({ gvr, isCustom }) => isCustom && gvr.group === group)
  }

  all(): readonly Resource[] {
    this.#all ??= [...this.#byGvr.values()]
    return this.#all
  }
}
