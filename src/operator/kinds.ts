import {
  Changes,
  type Clock,
  isOrkError,
  type Logger,
  type Metrics,
  type Ms,
  messageOf,
  ms,
  onAbort,
  type Random,
  Scope,
} from "../base/mod.ts"
import {
  builtinSchemas,
  conditionOf,
  formatGroupKind,
  type Gvk,
  isRecord,
  type KubeObject,
  type ResourceInfo,
  type RestMapper,
  type SchemaSet,
  withCrds,
} from "../kube/mod.ts"
import { type Client, type Discovery, Informer, type StoreEvent } from "../runtime/mod.ts"

/** What following the kinds of a cluster needs. */
export interface KindsDeps {
  readonly client: Client
  readonly discovery: Discovery
  readonly clock: Clock
  readonly random: Random
  readonly log: Logger
  readonly metrics: Metrics
}

const soonMs = ms("100ms")
const pollMs = ms("10s")

const crdResource: ResourceInfo = {
  gvk: { group: "apiextensions.k8s.io", version: "v1", kind: "CustomResourceDefinition" },
  gvr: { group: "apiextensions.k8s.io", version: "v1", resource: "customresourcedefinitions" },
  namespaced: false,
  singular: "customresourcedefinition",
  shortNames: ["crd", "crds"],
  verbs: ["get", "list", "watch", "patch"],
  subresources: ["status"],
}

/**
 * What the cluster serves of the kinds that matter here, with their schemas, followed as it changes.
 *
 * Guarantees: a CRD that appears is noticed by a watch, one that vanishes too; kinds that are no CRD, or whose CRD may
 * not be watched, are looked for every ten seconds while they are missing.
 */
export class Kinds {
  /** Wakes whoever waits for a kind to come or go. */
  readonly changes = new Changes()
  readonly #deps: KindsDeps
  #wanted: readonly Gvk[]
  #names: ReadonlySet<string>
  #crds: Informer
  readonly #rewanted = new Changes()
  readonly #dirty = new Changes()
  readonly #removed = new Set<string>()
  #shipped: readonly KubeObject[]
  #mapper: RestMapper | undefined
  #schemas: SchemaSet
  #lastProblem = ""

  /** `wanted`: the kinds to follow. `shipped`: CRDs that the Katalog brings, until the cluster's own are seen. */
  constructor(deps: KindsDeps, options: { wanted: readonly Gvk[]; shipped: readonly KubeObject[] }) {
    this.#deps = deps
    this.#wanted = options.wanted
    this.#shipped = options.shipped
    this.#schemas = withCrds(builtinSchemas(), options.shipped)
    this.#names = new Set(options.wanted.map(formatGroupKind))
    this.#crds = this.#informer()
  }

  /** Follows these kinds from now on. */
  want(options: { wanted: readonly Gvk[]; shipped: readonly KubeObject[] }): void {
    const names = new Set(options.wanted.map(formatGroupKind))
    const isNew = [...names].some((name) => !this.#names.has(name))
    this.#wanted = options.wanted
    this.#shipped = options.shipped
    this.#schemas = withCrds(builtinSchemas(), [...options.shipped, ...this.#crds.lister.list()])
    if (isNew) {
      // What was of no interest was not kept: list anew.
      this.#names = names
      this.#rewanted.notify()
    }
    this.#dirty.notify()
  }

  /** True once the cluster has said what it serves. */
  get isKnown(): boolean {
    return this.#mapper !== undefined
  }

  /** The resource of a kind, or undefined while the cluster does not serve it. */
  resourceOf(gvk: Gvk): ResourceInfo | undefined {
    return this.#removed.has(formatGroupKind(gvk)) ? undefined : this.#mapper?.byKind(gvk)
  }

  /** Everything the cluster serves, one version of each resource. */
  get resources(): readonly ResourceInfo[] {
    const unique = new Map<string, ResourceInfo>()
    for (const resource of this.#mapper?.all ?? []) {
      const id = `${resource.gvr.group}/${resource.gvr.resource}`
      if (!unique.has(id)) unique.set(id, resource)
    }
    return [...unique.values()]
  }

  /** Schemas of the built-in kinds and of the CRDs that matter here. */
  get schemas(): SchemaSet {
    return {
      root: (gvk) => this.#schemas.root(gvk),
      resolve: (schema) => this.#schemas.resolve(schema),
    }
  }

  /** The resource as soon as the cluster serves it. */
  async served(gvk: Gvk, signal: AbortSignal): Promise<ResourceInfo> {
    for (;;) {
      const resource = this.resourceOf(gvk)
      if (resource) return resource
      await this.changes.next(signal)
    }
  }

  /** Resolves when the cluster no longer serves the kind. */
  async gone(gvk: Gvk, signal: AbortSignal): Promise<void> {
    while (this.resourceOf(gvk)) await this.changes.next(signal)
  }

  /** Follows the cluster until `signal` aborts. */
  async run(signal: AbortSignal): Promise<void> {
    await Promise.all([this.#following(signal), this.#refreshing(signal)])
  }

  async #following(signal: AbortSignal): Promise<void> {
    for (let followed = this.#names; ; ) {
      const life = new Scope({ log: this.#deps.log }, { parent: signal })
      if (followed !== this.#names) this.#crds = this.#informer()
      followed = this.#names
      const crds = this.#crds
      using _events = crds.onEvent((event) => this.#onCrd(event))
      life.run("CRDs", (inner) => crds.run(inner))
      try {
        while (followed === this.#names) await this.#rewanted.next(signal)
      } finally {
        await life.stop()
      }
    }
  }

  #informer(): Informer {
    const names = this.#names
    const project = (crd: KubeObject) => (names.has(crdGroupKind(crd)) ? crd : undefined)
    return new Informer(this.#deps, { resource: crdResource, project })
  }

  #onCrd({ type, object: crd, initial }: StoreEvent): void {
    if (type === "deleted") this.#removed.add(crdGroupKind(crd))
    else if (isEstablished(crd)) this.#removed.delete(crdGroupKind(crd))
    this.#schemas = withCrds(builtinSchemas(), [...this.#shipped, ...this.#crds.lister.list()])
    // At the start the cluster has just said what it serves.
    if (!initial || this.#isMissing(crd)) this.#dirty.notify()
    this.changes.notify()
  }

  #isMissing(crd: KubeObject): boolean {
    const name = crdGroupKind(crd)
    return this.#wanted.some((gvk) => formatGroupKind(gvk) === name && !this.#mapper?.byKind(gvk))
  }

  async #refreshing(signal: AbortSignal): Promise<void> {
    const { discovery } = this.#deps
    // What applying files has asked a moment ago will do; what it lacks is looked for below.
    for (let look = () => discovery.mapper({ signal }); ; look = () => discovery.refresh({ signal })) {
      await this.#refresh(look)
      await this.#pause(this.#nextLookMs(), signal)
    }
  }

  async #refresh(look: () => Promise<RestMapper>): Promise<void> {
    try {
      this.#mapper = await look()
      this.#lastProblem = ""
      this.changes.notify()
    } catch (error) {
      if (!isOrkError(error)) throw error
      const problem = messageOf(error)
      if (problem !== this.#lastProblem) this.#deps.log.warn("discovery failed, trying again", { error: problem })
      this.#lastProblem = problem
    }
  }

  // Established in its CRD but not yet in discovery: a matter of milliseconds. Otherwise a slow look.
  #nextLookMs(): Ms | undefined {
    const missing = this.#wanted.filter((gvk) => !this.#mapper?.byKind(gvk))
    if (missing.length === 0) return this.#mapper ? undefined : pollMs
    const names = new Set(missing.map(formatGroupKind))
    const established = this.#crds.lister.list().some((crd) => names.has(crdGroupKind(crd)) && isEstablished(crd))
    return established ? soonMs : pollMs
  }

  async #pause(afterMs: Ms | undefined, signal: AbortSignal): Promise<void> {
    if (afterMs === undefined) return await this.#dirty.next(signal)
    const timer = new AbortController()
    using _link = onAbort(signal, (reason) => timer.abort(reason))
    const ticking = this.#deps.clock.sleep(afterMs, timer.signal).then(
      () => this.#dirty.notify(),
      () => undefined, // something changed first, or we stop
    )
    try {
      await this.#dirty.next(signal)
    } finally {
      timer.abort()
      await ticking
    }
  }
}

function crdGroupKind(crd: KubeObject): string {
  const spec = isRecord(crd["spec"]) ? crd["spec"] : {}
  const names = isRecord(spec["names"]) ? spec["names"] : {}
  return formatGroupKind({ group: String(spec["group"]), kind: String(names["kind"]) })
}

function isEstablished(crd: KubeObject): boolean {
  return conditionOf(crd["status"], "Established")?.status === "True"
}
