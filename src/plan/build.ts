import { assert, type Diagnostic, hasErrors } from "../base/mod.ts"
import { type BlockSpec, type CrdSpec, defaults, type EntrySpec, type KatalogSpec, type Spans } from "../katalog/mod.ts"
import { isRecord, parsePath, shortenName, stableHash } from "../kube/mod.ts"
import { bothGates, compileGate, type Gate } from "./conditions.ts"
import { dependencyOrder } from "./order.ts"
import type { Lifecycle, OperatorPlan, Plan, ResourcePlan, StatusFieldPlan } from "./plan.ts"
import { gvkOfEntry, nameOf, type ShortFormContext, skeletonOf } from "./resources.ts"
import { type CompileContext, compileValue, whereOf } from "./value.ts"

/** A plan, or what keeps the spec from becoming one. */
export interface Built {
  readonly plan: Plan | undefined
  readonly diagnostics: readonly Diagnostic[]
}

/** Compiles a spec: every template parsed, every short form a complete object, operators in dependency order. */
export function build(spec: KatalogSpec, spans: Spans): Built {
  const diagnostics: Diagnostic[] = []
  const report = (diagnostic: Diagnostic) => diagnostics.push(diagnostic)
  const operators = spec.crds.filter((crd) => crd.enabled).map((crd) => buildOperator(spec.name, crd, spans, report))
  const ordered = dependencyOrder(operators)
  assert(ordered.ok, "the front end has refused circles")
  return { plan: hasErrors(diagnostics) ? undefined : { katalog: spec.name, operators: ordered.value }, diagnostics }
}

type Report = (diagnostic: Diagnostic) => void

function buildOperator(katalog: string, crd: CrdSpec, spans: Spans, report: Report): OperatorPlan {
  const box = crd.operatorBox
  const shortForms = { onlyWorkloadName: onlyWorkload(crd) }
  const block = (spec: BlockSpec | undefined, lifecycle: Lifecycle | "byEntry") =>
    buildBlock(spec, lifecycle, { crd, spans, report, shortForms })
  const resources = [...block(box.onCreate, "byEntry"), ...block(box.onReconcile, "managed")]
  const onDelete = block(box.onDelete, "managed")
  const status = { conditions: box.status.conditions, fields: buildStatus(crd, spans, report) }
  const refs = [...resources, ...onDelete, ...status.fields].flatMap((part) =>
    "object" in part ? entryRefs(part) : fieldRefs(part),
  )
  const { group, version, kind, plural } = crd.apiTypes
  const base = {
    name: crd.name,
    katalog,
    gvk: { group, version, kind },
    plural,
    fieldManager: shortenName(`ork/${katalog}/${crd.name}`, 128),
    workers: crd.workers,
    workersSource: crd.workers === defaults.workers ? ("default" as const) : ("configured" as const),
    resync: crd.resync,
    failureThreshold: crd.queue.failureThreshold,
    dependsOn: crd.dependsOn,
    finalizer: crd.finalizer,
    readsChildren: refs.some((ref) => ref[0] === "children"),
  }
  const meaning = {
    ...base,
    resources: resources.map(meaningOf),
    onDelete: onDelete.map(meaningOf),
    conditions: status.conditions,
    status: status.fields.map(fieldMeaning),
  }
  return { ...base, crd: crd.crd?.object, resources, onDelete, status, fingerprint: stableHash(meaning) }
}

function entryRefs(resource: ResourcePlan): readonly (readonly string[])[] {
  return [...resource.object.refs, ...resource.gate.refs]
}

function fieldRefs(field: StatusFieldPlan): readonly (readonly string[])[] {
  return [...field.value.refs, ...field.gate.refs]
}

// Positions are left out: moving a line must not replace an operator.
function meaningOf(resource: ResourcePlan): unknown {
  return { ...resource, where: undefined, object: resource.object.source, gate: resource.gate.source }
}

function fieldMeaning(field: StatusFieldPlan): unknown {
  return { ...field, where: undefined, value: field.value.source, gate: field.gate.source }
}

function onlyWorkload(crd: CrdSpec): ShortFormContext["onlyWorkloadName"] {
  const workloads = entriesOf(crd).filter((entry) => entry.kind === "deployments")
  const [only] = workloads
  return only && workloads.length === 1 && only.forEach === undefined ? nameOf(only) : undefined
}

function entriesOf(crd: CrdSpec): readonly EntrySpec[] {
  return [...(crd.operatorBox.onCreate?.entries ?? []), ...(crd.operatorBox.onReconcile?.entries ?? [])]
}

interface BlockContext {
  readonly crd: CrdSpec
  readonly spans: Spans
  readonly report: Report
  readonly shortForms: ShortFormContext
}

function buildBlock(
  block: BlockSpec | undefined,
  lifecycle: Lifecycle | "byEntry",
  context: BlockContext,
): readonly ResourcePlan[] {
  if (!block) return []
  const compile: CompileContext = { spans: context.spans, allowRandom: false, report: context.report }
  const blockGate = compileGate(block.when, block.or, compile)
  return block.entries.flatMap((entry) => {
    const own = lifecycle === "byEntry" ? (entry.reconcile ? "managed" : "once") : lifecycle
    return buildEntry(entry, own, blockGate, context) ?? []
  })
}

function buildEntry(
  entry: EntrySpec,
  lifecycle: Lifecycle,
  blockGate: Gate,
  context: BlockContext,
): ResourcePlan | undefined {
  const { spans, report } = context
  const gvk = gvkOfEntry(entry)
  if (!gvk) {
    report(
      entryError(entry, spans, {
        code: "ORK0404",
        message: "an object needs a fixed apiVersion and kind",
        help: "write both as plain text",
      }),
    )
    return undefined
  }
  checkSelector(entry, context)
  const compile: CompileContext = { spans, report, allowRandom: lifecycle === "once" }
  return {
    id: entry.id,
    where: whereOf(spans, entry.at),
    gvk,
    lifecycle,
    gate: bothGates(blockGate, compileGate(entry.when, entry.or, compile)),
    forEach: entry.forEach && { path: parsePath(entry.forEach.field.replace(/^\./, "")), as: entry.forEach.as },
    object: compileValue(skeletonOf(entry, context.shortForms), entry.at, compile),
    forceConflict: entry.forceConflict,
    prune: entry.prune,
    retain: entry.deletionPolicy === "retain",
    adoption: entry.adoption,
    wave: waveOf(gvk.kind),
  }
}

const workloadKinds = new Set(["Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Job", "CronJob", "Pod"])
const earlyKinds = new Set([
  "ServiceAccount",
  "Role",
  "RoleBinding",
  "ClusterRole",
  "ClusterRoleBinding",
  "ConfigMap",
  "Secret",
  "Service",
  "PersistentVolumeClaim",
])

/** Namespaces first, then what workloads read, then the rest. */
function waveOf(kind: string): 0 | 1 | 2 {
  if (kind === "Namespace") return 0
  return earlyKinds.has(kind) && !workloadKinds.has(kind) ? 1 : 2
}

// A Service without a selector is only unclear when there is more than one workload to choose from.
function checkSelector(entry: EntrySpec, context: BlockContext): void {
  if (entry.kind !== "services" || entry.fields["selector"] !== undefined || context.shortForms.onlyWorkloadName) return
  const overridden = isRecord(entry.overrides["spec"]) && "selector" in entry.overrides["spec"]
  if (overridden || !entriesOf(context.crd).some((other) => other.kind === "deployments")) return
  context.report(
    entryError(entry, context.spans, {
      code: "ORK0405",
      message: "a service needs a selector where its CR has more than one workload",
      help: "add a selector, for example `orkestra.orkspace.io/workload: <name of the deployment>`",
    }),
  )
}

function entryError(
  entry: EntrySpec,
  spans: Spans,
  mistake: { readonly code: string; readonly message: string; readonly help: string },
): Diagnostic {
  const span = spans.locate(entry.at, "value")
  return { severity: "error", ...mistake, path: entry.at, ...(span ? { span } : {}) }
}

function buildStatus(crd: CrdSpec, spans: Spans, report: Report): readonly StatusFieldPlan[] {
  const compile: CompileContext = { spans, report, allowRandom: false }
  return crd.operatorBox.status.fields.map((field) => {
    const gate = compileGate(field.when, field.or, compile)
    return {
      path: parsePath(field.path).map(String),
      value: compileValue(field.value, `${field.at}.value`, compile),
      type: field.type,
      gate,
      conditional: gate.conditional,
      clearOnFalse: field.clearOnFalse,
      where: whereOf(spans, field.at),
    }
  })
}
