import { type Clock, isOrkError, type Logger, type Ms, ms, OrkError } from "../base/mod.ts"
import {
  apiVersionOf,
  builtinSchemas,
  conditionOf,
  covers,
  describeObject,
  formatGroupKind,
  gvkOf,
  isRecord,
  type KubeObject,
  keyOf,
  type ResourceInfo,
  type SchemaSet,
  statusOf,
  withCrds,
} from "../kube/mod.ts"
import type { Client, Discovery } from "../runtime/mod.ts"

/** The field manager of files that a Katalog names. */
export const setupManager = "ork-setup"

/** What applying files needs. */
export interface SetupDeps {
  readonly client: Client
  readonly discovery: Discovery
  readonly clock: Clock
  readonly log: Logger
}

/** What became of one object of a file. `left`: somebody else changed it, and it was not touched. */
export interface SetupResult {
  readonly verb: "created" | "updated" | "unchanged" | "left"
  readonly object: string
  readonly detail: string
}

const settleLimitMs = ms("30s")
const pollMs: Ms = ms("50ms")

/**
 * Applies one object of `setup`, `crdFile` or `crFiles` as `ork-setup`, without force.
 *
 * A file that equals the cluster writes nothing; a change in the file arrives; an edit made in the cluster stays and is
 * reported. A CRD is waited for until it is Established. Waits up to 30 s for a kind that has just been defined.
 */
export async function applySetup(
  deps: SetupDeps,
  written: KubeObject,
  options: { readonly namespace: string; readonly crds: readonly KubeObject[]; readonly signal: AbortSignal },
): Promise<SetupResult> {
  const { signal } = options
  const resource = await patiently(deps, signal, () => resourceFor(deps, written, signal))
  const object = withDefaultNamespace(written, resource, options.namespace)
  const schemas = withCrds(builtinSchemas(), options.crds)
  const { live, ...result } = await patiently(deps, signal, () =>
    applyFile(deps, resource, object, { schemas, signal }),
  )
  if (object.kind === "CustomResourceDefinition") await established(deps, resource, { crd: object, live }, signal)
  return result
}

/** With the object as it is in the cluster now. */
type Applied = SetupResult & { readonly live: KubeObject | undefined }

async function resourceFor(deps: SetupDeps, object: KubeObject, signal: AbortSignal): Promise<ResourceInfo> {
  const gvk = gvkOf(object)
  const known = (await deps.discovery.mapper({ signal })).byKind(gvk)
  const found = known ?? (await deps.discovery.refresh({ signal })).byKind(gvk)
  if (found) return found
  const kind = `${formatGroupKind(gvk)} (${apiVersionOf(gvk)})`
  throw new OrkError("api/unknown-kind", `${describeObject(object)}: the cluster does not serve ${kind}`)
}

// A CRD that was just created answers 404 and 429 for a moment.
async function patiently<T>(deps: SetupDeps, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  const deadlineMs = deps.clock.steadyMs() + settleLimitMs
  for (;;) {
    try {
      return await work()
    } catch (error) {
      const passing = isOrkError(error, "api/unknown-kind", "api/not-found", "api/throttled", "api/unavailable")
      if (!passing || signal.aborted || deps.clock.steadyMs() >= deadlineMs) throw error
      deps.log.debug("setup waits", { error: error.message })
      await deps.clock.sleep(pollMs, signal)
    }
  }
}

function withDefaultNamespace(object: KubeObject, resource: ResourceInfo, namespace: string): KubeObject {
  if (!resource.namespaced || object.metadata.namespace) return object
  return { ...object, metadata: { ...object.metadata, namespace } }
}

async function applyFile(
  deps: SetupDeps,
  resource: ResourceInfo,
  object: KubeObject,
  options: { readonly schemas: SchemaSet; readonly signal: AbortSignal },
): Promise<Applied> {
  const { signal, schemas } = options
  const live = await deps.client.get(resource, keyOf(object), { signal })
  const name = describeObject(object)
  const differs = live ? covers(live, object, schemas.root(resource.gvk), schemas) : [""]
  if (live && differs.length === 0 && !ownsMore(live, object))
    return { verb: "unchanged", object: name, detail: "", live }
  try {
    const applied = await deps.client.apply(resource, object, { fieldManager: setupManager, force: false, signal })
    const same = applied.object.metadata.resourceVersion === live?.metadata.resourceVersion
    const verb = applied.created ? "created" : same ? "unchanged" : "updated"
    return { verb, object: name, detail: "", live: applied.object }
  } catch (error) {
    if (!isOrkError(error, "api/field-conflict")) throw error
    const causes = statusOf(error)?.details?.causes ?? []
    const detail = causes.map((cause) => `${cause.field} (${cause.message})`).join(", ")
    return { verb: "left", object: name, detail, live }
  }
}

/** True when `ork-setup` owns a field on `live` that the file no longer declares, so that applying removes it. */
export function ownsMore(live: KubeObject, object: KubeObject): boolean {
  const entry = live.metadata.managedFields?.find((e) => e.manager === setupManager && e.operation === "Apply")
  return entry !== undefined && hasUndeclared(entry.fieldsV1, object)
}

function hasUndeclared(fields: unknown, declared: unknown): boolean {
  if (!isRecord(fields)) return false
  return Object.entries(fields).some(([key, below]) => {
    if (key === ".") return false
    if (key.startsWith("f:")) {
      const name = key.slice(2)
      return !isRecord(declared) || !(name in declared) || hasUndeclared(below, declared[name])
    }
    if (!Array.isArray(declared)) return true
    const wanted: unknown = JSON.parse(key.slice(2))
    if (key.startsWith("v:")) return !declared.includes(wanted)
    const item = declared.find((candidate) => isRecord(candidate) && isRecord(wanted) && matchesKey(candidate, wanted))
    return item === undefined ? !isDefaultedKey(declared, wanted) : hasUndeclared(below, item)
  })
}

function matchesKey(item: Readonly<Record<string, unknown>>, key: Readonly<Record<string, unknown>>): boolean {
  return Object.entries(key).every(([name, value]) => item[name] === undefined || item[name] === value)
}

function isDefaultedKey(declared: readonly unknown[], key: unknown): boolean {
  return declared.length > 0 && !isRecord(key)
}

async function established(
  deps: SetupDeps,
  resource: ResourceInfo,
  { crd, live: last }: { readonly crd: KubeObject; readonly live: KubeObject | undefined },
  signal: AbortSignal,
): Promise<void> {
  const deadlineMs = deps.clock.steadyMs() + settleLimitMs
  for (let live = last; ; live = await deps.client.get(resource, keyOf(crd), { signal })) {
    if (conditionOf(live?.["status"], "Established")?.status === "True") return
    const refused = conditionOf(live?.["status"], "NamesAccepted")
    if (refused?.status === "False" || deps.clock.steadyMs() >= deadlineMs) {
      const why = refused?.status === "False" ? refused.message : "it is not Established after 30 s"
      throw new OrkError("api/unavailable", `${describeObject(crd)}: ${why}`)
    }
    await deps.clock.sleep(pollMs, signal)
  }
}
