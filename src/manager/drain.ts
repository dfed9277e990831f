import { inParallel, isOrkError, type OrkError } from "../base/mod.ts"
import { formatGvk, type Gvk, isTerminating, type KubeObject, keyOf, type ResourceInfo } from "../kube/mod.ts"
import { ownFinalizersOf } from "../operator/mod.ts"
import { guardKinds, guardLabel, guardOwner, type OperatorPlan } from "../plan/mod.ts"
import { type Client, type Discovery, listPages } from "../runtime/mod.ts"

const parallelMax = 8
const pageSize = 500
const triesMax = 5
/** Its patches are told apart from those of the operators. */
const drainManager = "ork-drain"

/** What draining needs. */
export interface DrainDeps {
  readonly client: Client
  readonly discovery: Discovery
}

/** What is drained: the kinds of these operators, or every kind that a CRD defines. */
export interface DrainOptions {
  readonly operators: readonly OperatorPlan[]
  readonly all: boolean
  readonly dryRun: boolean
  readonly signal: AbortSignal
}

/** One custom resource that had finalizers of ours, and which. */
export interface Drained {
  readonly apiVersion: string
  readonly kind: string
  readonly namespace: string
  readonly name: string
  readonly finalizers: readonly string[]
  /** Its deletion was waiting: it may be gone now. */
  readonly deleting: boolean
  /** Why they are still there. */
  readonly error?: string
}

/** What became of a drain: custom resources in the order of their kinds, and kinds that could not be looked at. */
export interface DrainReport {
  readonly objects: readonly Drained[]
  /** Admission policies of ours that refused deletions, removed. */
  readonly policies: readonly string[]
  readonly kinds: readonly { readonly kind: string; readonly error: string }[]
}

/**
 * Takes the finalizers of `ork` off custom resources and touches nothing else: afterwards they can be deleted while no
 * `ork` runs. Children that only a running `ork` removes stay.
 */
export async function drain(deps: DrainDeps, options: DrainOptions): Promise<DrainReport> {
  const objects: Drained[] = []
  const kinds: { kind: string; error: string }[] = []
  const attempt = async (kind: string, work: () => Promise<void>) => {
    try {
      await work()
    } catch (error) {
      if (!isOrkError(error) || options.signal.aborted) throw error
      kinds.push({ kind, error: error.message })
    }
  }
  const policies: string[] = []
  await attempt("ValidatingAdmissionPolicy", async () => void policies.push(...(await removePolicies(deps, options))))
  for (const resource of await resourcesOf(deps, options)) {
    await attempt(formatGvk(resource.gvk), async () => void objects.push(...(await drainKind(deps, resource, options))))
  }
  return { objects, policies, kinds }
}

/** Without ork nobody would take its protection back. */
async function removePolicies(deps: DrainDeps, options: DrainOptions): Promise<readonly string[]> {
  const { operators, all, dryRun, signal } = options
  const mapper = await deps.discovery.refresh({ signal })
  const katalogs = [...new Set(operators.map(({ katalog }) => guardOwner(katalog)))]
  const labelSelector = all ? guardLabel : `${guardLabel} in (${katalogs.join(",")})`
  const removed: string[] = []
  for (const resource of guardKinds.flatMap((gvk) => mapper.byKind(gvk) ?? [])) {
    const { items } = await deps.client.list(resource, { labelSelector, signal })
    for (const object of items) {
      if (!dryRun) await deps.client.delete(resource, keyOf(object), { signal })
      removed.push(`${resource.gvk.kind}/${object.metadata.name}`)
    }
  }
  return removed
}

/** A kind that the cluster does not serve has no objects. */
async function resourcesOf(
  deps: DrainDeps,
  { operators, all, signal }: DrainOptions,
): Promise<readonly ResourceInfo[]> {
  const mapper = await deps.discovery.refresh({ signal })
  const gvks: readonly Gvk[] = all ? await definedKinds(deps, signal) : operators.map(({ gvk }) => gvk)
  return gvks.flatMap((gvk) => mapper.byKind(gvk) ?? [])
}

async function definedKinds({ client, discovery }: DrainDeps, signal: AbortSignal): Promise<readonly Gvk[]> {
  const mapper = await discovery.mapper({ signal })
  const definition = mapper.byKind({
    group: "apiextensions.k8s.io",
    version: "v1",
    kind: "CustomResourceDefinition",
  })
  if (!definition) return []
  const found: Gvk[] = []
  for await (const { items } of listPages(client, definition, { limit: pageSize, signal }))
    found.push(...items.flatMap(servedKind))
  return found
}

// One version is enough: all of them show the same objects.
function servedKind({ spec }: KubeObject): readonly Gvk[] {
  // What the server stores as a CustomResourceDefinition has these fields.
  const { group, names, versions } = spec as {
    readonly group: string
    readonly names: { readonly kind: string }
    readonly versions: readonly { readonly name: string; readonly served: boolean }[]
  }
  const served = versions.find((version) => version.served)
  return served ? [{ group, version: served.name, kind: names.kind }] : []
}

async function drainKind(deps: DrainDeps, resource: ResourceInfo, options: DrainOptions): Promise<readonly Drained[]> {
  const { operators, signal } = options
  const plans = operators.filter(({ gvk }) => formatGvk(gvk) === formatGvk(resource.gvk))
  const held: KubeObject[] = []
  for await (const { items } of listPages(deps.client, resource, { limit: pageSize, signal })) {
    held.push(...items.filter((cr) => ownFinalizersOf(plans, cr).length > 0))
  }
  const drained = new Map<KubeObject, Drained>()
  await inParallel(held, parallelMax, async (cr) => {
    const { namespace = "", name = "" } = cr.metadata
    const { group, version, kind } = resource.gvk
    const base = { apiVersion: group ? `${group}/${version}` : version, kind, namespace, name }
    const entry = { ...base, finalizers: ownFinalizersOf(plans, cr), deleting: isTerminating(cr) }
    const error = options.dryRun ? undefined : await release(deps, { resource, cr, plans, signal })
    drained.set(cr, error ? { ...entry, error: error.message } : entry)
  })
  return held.flatMap((cr) => drained.get(cr) ?? [])
}

interface Release {
  readonly resource: ResourceInfo
  readonly cr: KubeObject
  readonly plans: readonly OperatorPlan[]
  readonly signal: AbortSignal
}

/** Bound to the version that was looked at, so that nobody else's finalizer is lost; what changed meanwhile is read again. */
async function release({ client }: DrainDeps, { resource, cr, plans, signal }: Release): Promise<OrkError | undefined> {
  let current: KubeObject | undefined = cr
  for (let tries = 1; current !== undefined; tries++) {
    const own = ownFinalizersOf(plans, current)
    if (own.length === 0) return undefined
    const finalizers = (current.metadata.finalizers ?? []).filter((name) => !own.includes(name))
    const body = { metadata: { resourceVersion: current.metadata.resourceVersion, finalizers } }
    try {
      await client.patch(resource, keyOf(cr), { type: "merge", body }, { fieldManager: drainManager, signal })
      return undefined
    } catch (error) {
      if (!isOrkError(error) || signal.aborted) throw error
      if (error.code === "api/not-found") return undefined
      if (error.code !== "api/conflict" || tries === triesMax) return error
    }
    current = await client.get(resource, keyOf(cr), { signal })
  }
  return undefined
}
