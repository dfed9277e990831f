import { seeded } from "../base/mod.ts"
import { type KatalogSpec, readManifests } from "../katalog/mod.ts"
import {
  builtinSchemas,
  coerce,
  formatGvk,
  type Gvk,
  gvkOf,
  isKubeObject,
  isRecord,
  type KubeObject,
  keyOf,
  objectKey,
  type SchemaSet,
  validate,
  withCrds,
  withDefaults,
} from "../kube/mod.ts"
import {
  judgeRules,
  type Look,
  type OperatorPlan,
  type Plan,
  placesOf,
  prepareObject,
  type RenderScope,
  readCross,
  renderEntry,
  scopeOfPrepared,
} from "../plan/mod.ts"
import type { Terminal } from "./terminal.ts"

/** One object that would be applied for a custom resource. */
export interface RenderedObject {
  readonly operator: string
  readonly cr: KubeObject
  readonly entry: string
  readonly where: string
  readonly object: KubeObject
  /** Path in the object to the place where its value was written. */
  readonly places: ReadonlyMap<string, string>
}

/** What a Katalog makes of custom resources, without a cluster. */
export interface Rendering {
  readonly objects: readonly RenderedObject[]
  /** What is wrong, one line each. */
  readonly problems: readonly string[]
  /** What is not printed because its source is only in a cluster, one line each. */
  readonly waits: readonly string[]
}

/** A custom resource and where it was read. */
export interface Sample {
  readonly cr: KubeObject
  readonly path: string
}

/** The custom resources of a Katalog's own `crFiles`. */
export function samplesOf(terminal: Terminal, specs: readonly KatalogSpec[]): readonly Sample[] {
  return specs.flatMap((spec) =>
    spec.crds
      .filter((crd) => crd.enabled)
      .flatMap((crd) =>
        crd.crFiles.flatMap((ref) => {
          const read = readManifests(terminal.files, ref)
          const isOwn = (cr: KubeObject) =>
            gvkOf(cr).kind === crd.apiTypes.kind && gvkOf(cr).group === crd.apiTypes.group
          return read.ok ? read.value.filter(isOwn).map((cr) => ({ cr, path: ref.path })) : []
        }),
      ),
  )
}

/** Renders every sample by the operator of its kind, as a server with these CRDs would see it; there are no children yet. */
export function renderSamples(
  terminal: Terminal,
  { plan, specs }: { readonly plan: Plan; readonly specs: readonly KatalogSpec[] },
  samples: readonly Sample[],
): Rendering {
  const crds = specs.flatMap((spec) => spec.crds.flatMap(({ crd }) => (crd ? [crd.object] : [])))
  const schemas = withCrds(builtinSchemas(), crds)
  const sources = sourcesOf(terminal, specs, crds)
  const objects: RenderedObject[] = []
  const problems: string[] = []
  const waits: string[] = []
  for (const { cr, path } of samples) {
    const { group, kind } = gvkOf(cr)
    const operator = plan.operators.find(({ gvk }) => gvk.group === group && gvk.kind === kind)
    if (operator === undefined) problems.push(`${path}: no operator of this Katalog runs ${kind}.${group}`)
    else {
      const made = renderSample(terminal, { operator, schemas, crds, sources }, { cr, path })
      objects.push(...made.objects)
      problems.push(...made.problems)
      waits.push(...made.waits)
    }
  }
  return { objects, problems, waits }
}

/** What entries may copy and read of others: the objects that the Katalog itself brings. */
function sourcesOf(terminal: Terminal, specs: readonly KatalogSpec[], crds: readonly KubeObject[]): Look {
  const refs = specs.flatMap((spec) =>
    spec.crds.filter((crd) => crd.enabled).flatMap((crd) => [...crd.setup, ...crd.crFiles]),
  )
  const brought = refs.flatMap((ref) => {
    const read = readManifests(terminal.files, ref)
    return read.ok ? read.value.map((object) => inNamespace(object, "default", crds)) : []
  })
  const ofKind = (gvk: Gvk) => brought.filter((object) => formatGvk(gvkOf(object)) === formatGvk(gvk))
  return {
    get({ gvk, namespace, name }) {
      return ofKind(gvk).find((object) => keyOf(object) === objectKey(namespace, name)) ?? "missing"
    },
    list: ({ gvk, namespace, labels }) =>
      ofKind(gvk).filter(
        ({ metadata }) =>
          (namespace ?? metadata.namespace) === metadata.namespace &&
          Object.entries(labels).every(([key, value]) => metadata.labels?.[key] === value),
      ),
  }
}

interface Around {
  readonly operator: OperatorPlan
  readonly schemas: SchemaSet
  readonly crds: readonly KubeObject[]
  readonly sources: Look
}

function renderSample(terminal: Terminal, { operator, schemas, crds, sources }: Around, sample: Sample): Rendering {
  const schema = schemas.root(operator.gvk)
  const complete = withDefaults(sample.cr, schema, schemas)
  const cr = isKubeObject(complete) ? complete : sample.cr
  const name = `${cr.kind} ${cr.metadata.name ?? ""}`
  const problems = validate(cr, schema, schemas).map(
    (error) => `${sample.path}: ${name}: ${error.path}: ${error.message}`,
  )
  if (problems.length > 0) return { objects: [], problems, waits: [] }
  const namespace = cr.metadata.namespace ?? (isClusterScoped(cr, crds) ? undefined : "default")
  const stored = { ...cr, metadata: { ...cr.metadata, ...(namespace !== undefined && { namespace }) } }
  const seen: RenderScope = { ...scopeOf(terminal, stored), sources: (ref) => sources.get(ref) }
  const { scope: plain, refused } = prepared(operator, stored, { scope: seen, schemas })
  const { values: cross, failures } = readCross(operator.cross, plain, sources)
  const failed = [...refused, ...failures.map(({ where, message }) => `${where}: ${message}`)]
  if (failed.length > 0) {
    return { objects: [], problems: failed.map((why) => `${sample.path}: ${name}: ${why}`), waits: [] }
  }
  const scope = { ...plain, data: { ...plain.data, cross } }
  const waits: string[] = []
  const objects: RenderedObject[] = []
  for (const resource of operator.resources) {
    const result = renderEntry(resource, scope)
    problems.push(...result.failures.map(({ where, message }) => `${where}: ${name}: ${resource.id}: ${message}`))
    waits.push(...result.waits.map((what) => `${resource.where}: ${name}: ${resource.id}: waits for ${what}`))
    for (const rendered of result.rendered) {
      const root = schemas.root(resource.gvk)
      const typed = coerce(rendered.object, root, schemas)
      const value = typed.ok ? typed.value : rendered.object
      const errors = typed.ok ? validate(value, root, schemas) : typed.error
      problems.push(
        ...errors.map((error) => `${resource.where}: ${name}: ${rendered.id}: ${error.path}: ${error.message}`),
      )
      if (!isKubeObject(value)) continue
      const { status } = rendered
      const whole = status && status.hasStatus !== false ? { ...value, status: status.value } : value
      const object = inNamespace(whole, namespace, crds)
      const places = placesOf(rendered, scope)
      objects.push({ operator: operator.name, cr: stored, entry: rendered.id, where: resource.where, object, places })
    }
  }
  return { objects, problems, waits }
}

/** What the entries see, or why they would not be asked. */
function prepared(
  operator: OperatorPlan,
  cr: KubeObject,
  { scope, schemas }: { readonly scope: RenderScope; readonly schemas: SchemaSet },
): { readonly scope: RenderScope; readonly refused: readonly string[] } {
  const made = prepareObject(operator, cr, { scope, schemas })
  const changed = scopeOfPrepared(scope, made.object)
  const rules = judgeRules(operator.prepare, changed)
  const failures = made.failures.length > 0 ? made.failures : rules.failures
  return { scope: changed, refused: [...failures.map(({ where, message }) => `${where}: ${message}`), ...rules.denied] }
}

function scopeOf(terminal: Terminal, cr: KubeObject): RenderScope {
  const { apiVersion, kind, metadata, spec, status } = cr
  const ork = { inCluster: false, namespace: "default", version: terminal.version }
  const data = { apiVersion, kind, metadata, spec, status, children: {}, ork }
  // Nothing that is kept may be random; what is made once looks the same in each printout.
  return { data, nowMs: terminal.clock.nowMs(), random: seeded(1) }
}

/** Kinds of the server itself that have no namespace. */
const clusterScoped = new Set([
  "Namespace",
  "PersistentVolume",
  "ClusterRole",
  "ClusterRoleBinding",
  "StorageClass",
  "PriorityClass",
  "PriorityLevelConfiguration",
  "RuntimeClass",
  "IngressClass",
  "CustomResourceDefinition",
  "ValidatingWebhookConfiguration",
  "MutatingWebhookConfiguration",
])

function isClusterScoped(object: KubeObject, crds: readonly KubeObject[]): boolean {
  const { group, kind } = gvkOf(object)
  const crd = crds.find(({ spec }) => isRecord(spec) && spec["group"] === group && kindOf(spec["names"]) === kind)
  if (crd === undefined) return clusterScoped.has(kind)
  return isRecord(crd["spec"]) && crd["spec"]["scope"] === "Cluster"
}

function kindOf(names: unknown): unknown {
  return isRecord(names) ? names["kind"] : undefined
}

function inNamespace(object: KubeObject, namespace: string | undefined, crds: readonly KubeObject[]): KubeObject {
  if (namespace === undefined || object.metadata.namespace || isClusterScoped(object, crds)) return object
  return { ...object, metadata: { ...object.metadata, namespace } }
}
