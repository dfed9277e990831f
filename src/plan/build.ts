import { type Diagnostic, hasErrors, type Span } from "../base/mod.ts"
import {
  type BlockSpec,
  boundedReport,
  type CrdSpec,
  type DeletionSpec,
  defaults,
  type EntrySpec,
  type KatalogSpec,
  type MotifSpec,
  type OperatorAutoscaleSpec,
  type Spans,
} from "../katalog/mod.ts"
import {
  builtinSchemas,
  type Gvk,
  isRecord,
  parsePath,
  type SchemaSet,
  shortenName,
  stableHash,
  withCrds,
} from "../kube/mod.ts"
import { compileAround } from "./around.ts"
import { autoscaleRefs, autoscaleSource, compileAutoscale } from "./autoscale.ts"
import { checkOperator } from "./check.ts"
import { madeTwice, refusedOf } from "./check-literals.ts"
import { childStatusRefs, childStatusSource, compileChildStatus } from "./child-status.ts"
import { bothGates, compileGate, type Gate } from "./conditions.ts"
import { compileSource } from "./copies.ts"
import { compileEnrich, labelsPods, uselessEnrich } from "./enrich.ts"
import { isTrue } from "./entry.ts"
import { compileGates, gateContext, gatesOf, gatesSource } from "./gates.ts"
import { compileGenerated, generatedSource } from "./generated.ts"
import { inputsRefs, inputsSource } from "./inputs.ts"
import { withMotifs, workloadFor } from "./motifs.ts"
import { type Contexts, checkBareInputs, contextsOf, noteCompiler, notesSource } from "./notes.ts"
import { compileNotification } from "./notifications.ts"
import { dependencyOrder } from "./order.ts"
import type {
  DeletionPlan,
  Lifecycle,
  OperatorAutoscalePlan,
  OperatorPlan,
  Plan,
  ResourcePlan,
  StatusFieldPlan,
  StatusPlan,
  UpdatePolicy,
} from "./plan.ts"
import { type Profiles, profilesOf } from "./profiles.ts"
import { gvkOfEntry, nameOf, skeletonOf } from "./resources.ts"
import { withCompanions } from "./short-forms/companions.ts"
import type { ShortFormContext } from "./short-forms/context.ts"
import { checkProfiles, type Mistake, mistakesOf } from "./short-forms/rules.ts"
import { type CompileContext, compileValue, type ValueTemplate, whereOf, written } from "./value.ts"
import { scaledWorkloads, workloadsOf } from "./workloads.ts"

/** A plan, or what keeps the spec from becoming one. */
export interface Built {
  readonly plan: Plan | undefined
  readonly diagnostics: readonly Diagnostic[]
}

/** Compiles a spec: every template parsed, every short form a complete object, operators in dependency order. */
export function build(spec: KatalogSpec, spans: Spans): Built {
  const bounded = boundedReport()
  const { report } = bounded
  const profiles = profilesOf(spec.profiles)
  for (const mistake of checkProfiles(spec.profiles)) report(diagnosticOf(mistake, spans))
  const notes = noteCompiler(spans, report)
  notes(spec.notes)
  const set = withCrds(
    builtinSchemas(),
    spec.crds.flatMap(({ crd }) => (crd ? [crd.object] : [])),
  )
  const operators = spec.crds
    .filter((crd) => crd.enabled)
    .map((crd) => {
      const contexts = contextsOf(crd.notes, notes, { spans, report })
      const context = { crds: spec.crds, spans, report, profiles, contexts, set }
      return buildOperator(spec.name, withMotifs(crd, { spans, report }), context)
    })
  const notifications = compileNotification(spec, { spans, report, allowRandom: false })
  const ordered = dependencyOrder(operators)
  const diagnostics = bounded.all()
  // The front end refuses circles; what is left of a Katalog with mistakes may still have one.
  const isRight = ordered.ok && !hasErrors(diagnostics)
  return { plan: isRight ? { katalog: spec.name, operators: ordered.value, notifications } : undefined, diagnostics }
}

type Report = (diagnostic: Diagnostic) => void

interface KatalogContext {
  /** All entries of the Katalog. */
  readonly crds: readonly CrdSpec[]
  readonly spans: Spans
  readonly report: Report
  readonly profiles: Profiles
  readonly contexts: Contexts
  /** The built-in kinds and the Katalog's own. */
  readonly set: SchemaSet
}

function buildOperator(katalog: string, crd: CrdSpec, context: KatalogContext): OperatorPlan {
  const { crds, spans, report, profiles, contexts, set } = context
  const box = crd.operatorBox
  const isScaled = scaledWorkloads(crd)
  const workloads = new Map([undefined, ...crd.motifs].map((motif) => [motif, workloadFor(crd, motif)]))
  const shortForms = (motif: MotifSpec | undefined) => ({ onlyWorkload: workloads.get(motif), isScaled, profiles })
  const block = (spec: BlockSpec | undefined, lifecycle: Lifecycle | "byEntry") =>
    buildBlock(spec, lifecycle, { crd, spans, report, shortForms, contexts, isDeletion: false })
  const resources = [...block(box.onCreate, "byEntry"), ...block(box.onReconcile, "managed")]
  const deletion = buildDeletion(box.onDelete, { crd, spans, report, shortForms, contexts, isDeletion: true })
  const onDelete = (deletion?.groups ?? []).flatMap(({ remove, run }) => [...remove, ...run])
  // The status of a built-in kind belongs to its own controller.
  const isBuiltin = builtinSchemas().root(crd.apiTypes) !== undefined
  const status = buildStatus(crd, contexts, isBuiltin)
  const gateCompile = gateContext(crd, contexts.of(undefined, false))
  const gates = compileGates(crd, gateCompile)
  const around = compileAround(crd, crds, contexts)
  checkOperator(crd, {
    crds,
    set,
    gateContext: gateCompile,
    skeleton: (entry) => skeletonOf(entry, shortForms(entry.motif)),
    contextOf: (motif) => contexts.of(motif, true),
  })
  const gateRefs = gatesOf(gates).flatMap((gate) => gate.refs)
  const refs = [...resources, ...onDelete, ...status.fields]
    .flatMap((part) => ("object" in part ? entryRefs(part) : fieldRefs(part)))
    .concat(gateRefs, around.refs)
  const { group, version, kind, plural } = crd.apiTypes
  const readsChildren = refs.some((ref) => ref[0] === "children")
  const enrich = readsChildren ? compileEnrich(crd, contexts.of(undefined, false)) : []
  for (const mistake of [...uselessEnrich(crd, readsChildren), ...madeTwice(crd)]) report(diagnosticOf(mistake, spans))
  const gated = [...resources, ...onDelete, ...status.fields, ...enrich].map(({ gate }) => gate)
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
    selection: crd.selection,
    endpoints: crd.endpoints,
    guards: crd.guards,
    rollBackOnError: box.rollBackOnError,
    readsChildren,
    labelsPods: labelsPods(crd),
    uniques: [...new Set([...gated, ...gatesOf(gates), ...around.gates].flatMap((gate) => gate.uniques))],
  }
  const autoscale = buildAutoscale(crd.autoscale, contexts)
  const meaning = {
    ...base,
    resources: resources.map(meaningOf),
    deletion: deletion && deletionMeaning(deletion),
    conditions: status.conditions,
    autoscale: autoscale && { ...autoscale, gate: autoscale.gate.source },
    status: status.fields.map(fieldMeaning),
    enrich: enrich.map(({ target, gate }) => [target, gate.source]),
    gates: gatesSource(gates),
    around: around.source,
    notes: [crd.notes, ...crd.motifs.map((motif) => motif.notes)].map(notesSource),
  }
  const parts = { resources, autoscale, onDelete, deletion, status, enrich, gates, ...around.around }
  return withFingerprint({ ...base, ...parts, crd: crd.crd?.object }, meaning)
}

function buildAutoscale(
  spec: OperatorAutoscaleSpec | undefined,
  contexts: Contexts,
): OperatorAutoscalePlan | undefined {
  if (!spec) return undefined
  const { interval, cooldown, workers, resync, when, or } = spec
  return { interval, cooldown, workers, resync, gate: compileGate(when, or, contexts.of(undefined, false)) }
}

// Hashing takes a tenth of the time that building takes, and only those who run a plan ask for it.
function withFingerprint<T extends object>(plan: T, meaning: unknown): T & Pick<OperatorPlan, "fingerprint"> {
  let known: string | undefined
  return {
    ...plan,
    get fingerprint() {
      known ??= stableHash(meaning)
      return known
    },
  }
}

function entryRefs(resource: ResourcePlan): readonly (readonly string[])[] {
  const { object, toNamespaces, source, generated, gate, inputs } = resource
  const others = [
    toNamespaces,
    source?.name,
    source?.namespace,
    generated?.tls?.commonName,
    generated?.tls?.dnsNames,
  ].flatMap((template) => template?.refs ?? [])
  const own = [...autoscaleRefs(resource.autoscale), ...childStatusRefs(resource.childStatus)]
  return [...object.refs, ...others, ...own, ...gate.refs, ...inputsRefs(inputs)]
}

function fieldRefs(field: StatusFieldPlan): readonly (readonly string[])[] {
  return [...field.value.refs, ...field.gate.refs, ...inputsRefs(field.inputs)]
}

function deletionMeaning({ groups, ...settings }: DeletionPlan): unknown {
  return [settings, groups.map(({ name, remove, run }) => [name, remove.map(meaningOf), run.map(meaningOf)])]
}

// Positions are left out: moving a line must not replace an operator.
function meaningOf(resource: ResourcePlan): unknown {
  return {
    ...resource,
    where: undefined,
    inputs: inputsSource(resource.inputs),
    object: resource.object.source,
    toNamespaces: resource.toNamespaces?.source,
    generated: generatedSource(resource.generated),
    childStatus: childStatusSource(resource.childStatus),
    autoscale: autoscaleSource(resource.autoscale),
    source: [resource.source?.name.source, resource.source?.namespace?.source],
    gate: resource.gate.source,
  }
}

function fieldMeaning(field: StatusFieldPlan): unknown {
  const inputs = inputsSource(field.inputs)
  return { ...field, where: undefined, inputs, value: field.value.source, gate: field.gate.source }
}

interface BlockContext {
  readonly crd: CrdSpec
  readonly spans: Spans
  readonly report: Report
  readonly shortForms: (motif: MotifSpec | undefined) => ShortFormContext
  readonly contexts: Contexts
  /** In `onDelete` entries only name what is there, but for Jobs. */
  readonly isDeletion: boolean
}

/** Undefined where nothing comes before the end. */
function buildDeletion(spec: DeletionSpec | undefined, context: BlockContext): DeletionPlan | undefined {
  if (!spec || spec.entries.length === 0) return undefined
  const gate = compileGate(spec.when, spec.or, context.contexts.of(undefined, false))
  const isRun = ({ kind }: EntrySpec) => kind === "jobs"
  const groups = spec.groups.map((group) => {
    const part = (entries: readonly EntrySpec[], lifecycle: Lifecycle) =>
      buildBlock({ ...group, entries }, lifecycle, context).map((entry) => ({
        ...entry,
        gate: bothGates(gate, entry.gate),
      }))
    return {
      name: group.name,
      remove: part(
        group.entries.filter((entry) => !isRun(entry)),
        "managed",
      ),
      run: part(group.entries.filter(isRun), "once"),
    }
  })
  const { ordered, timeout, onFailure } = spec
  return { ordered, timeout, onFailure, groups }
}

function buildBlock(
  block: BlockSpec | undefined,
  lifecycle: Lifecycle | "byEntry",
  context: BlockContext,
): readonly ResourcePlan[] {
  if (!block) return []
  const compile = context.contexts.of(undefined, false)
  const blockGate = compileGate(block.when, block.or, compile)
  return block.entries.flatMap(withCompanions).flatMap((entry) => {
    const own = lifecycle === "byEntry" ? (isKept(entry) ? "managed" : "once") : lifecycle
    return buildEntry(entry, own, blockGate, context) ?? []
  })
}

// What is generated for a time has to be looked at again.
function isKept({ kind, reconcile, fields }: EntrySpec): boolean {
  return reconcile || (kind === "secrets" && (fields["rotateAfter"] !== undefined || fields["tls"] !== undefined))
}

function buildEntry(
  entry: EntrySpec,
  lifecycle: Lifecycle,
  blockGate: Gate,
  context: BlockContext,
): ResourcePlan | undefined {
  const { spans } = context
  const { motif } = entry
  const shortForms = context.shortForms(motif)
  const allowRandom = lifecycle === "once" || isTrue(entry.fields["once"])
  const compile = context.contexts.of(motif, allowRandom)
  const { report } = compile
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
  const makes = !context.isDeletion || entry.kind === "jobs"
  const mistakes = makes ? [...mistakesOf(entry, shortForms), ...refusedOf(entry), ...unclear(entry, context)] : []
  for (const mistake of mistakes) report(diagnosticOf(mistake, spans))
  if (entry.sleep > 0 && context.isDeletion) report(diagnosticOf(deletionSleeps(entry.at), spans))
  if (allowRandom) checkName(entry, compile)
  checkBareInputs(entry, compile)
  const inputs = context.contexts.inputs(motif)
  return {
    id: entry.id,
    where: whereOf(spans, entry.at),
    ...(inputs && { inputs }),
    gvk,
    lifecycle,
    gate: bothGates(blockGate, compileGate(entry.when, entry.or, compile)),
    sleep: entry.sleep,
    forEach: entry.forEach && { path: parsePath(entry.forEach.field.replace(/^\./, "")), as: entry.forEach.as },
    object: compileValue(skeletonOf(entry, shortForms), entry.at, compile),
    forceConflict: entry.forceConflict,
    prune: entry.prune,
    retain: entry.deletionPolicy === "retain",
    adoption: entry.adoption,
    updatePolicy: updatePolicyOf(entry, gvk),
    onImmutable: entry.onImmutable,
    toNamespaces: namespacesOf(entry, compile),
    source: compileSource(entry, gvk, compile),
    generated: compileGenerated(entry, compile),
    childStatus: compileChildStatus(entry, compile),
    autoscale: compileAutoscale(entry, compile),
    wave: waveOf(gvk.kind),
  }
}

function deletionSleeps(at: string): Mistake {
  const message = '"sleep" has no effect: a deletion waits for nothing'
  return { severity: "note", code: "ORK0122", message, help: "remove it", at: `${at}.sleep`, part: "key" }
}

function namespacesOf(entry: EntrySpec, compile: CompileContext): ValueTemplate | undefined {
  const list = entry.fields["toNamespaces"]
  const at = `${entry.at}.toNamespaces`
  return list === undefined ? undefined : compileValue(written(list, at), at, { ...compile, allowRandom: false })
}

/** Jobs run once, Pods cannot change, a Secret with `once` keeps what was generated. */
function updatePolicyOf(entry: EntrySpec, gvk: Gvk): UpdatePolicy {
  if (gvk.group === "" && gvk.kind === "Pod") return "replace"
  if (gvk.group === "batch" && gvk.kind === "Job") return entry.onImmutable === "recreate" ? "replace" : "create"
  return entry.kind === "secrets" && isGenerated(entry) ? "create" : "apply"
}

function isGenerated({ fields }: EntrySpec): boolean {
  return isTrue(fields["once"]) || fields["tls"] !== undefined
}

// A name that is another one in each pass would make another object in each pass.
function checkName(entry: EntrySpec, compile: CompileContext): void {
  const report = (diagnostic: Diagnostic) => {
    if (diagnostic.code === "ORK0306") compile.report(diagnostic)
  }
  compileValue(nameOf(entry), entry.at, { ...compile, allowRandom: false, report })
}

const firstKinds = new Set(["Namespace", "CustomResourceDefinition"])
const earlyKinds = new Set([
  "ServiceAccount",
  "Role",
  "RoleBinding",
  "ClusterRole",
  "ClusterRoleBinding",
  "ConfigMap",
  "Secret",
  "Service",
  "PersistentVolume",
  "PersistentVolumeClaim",
  "NetworkPolicy",
  "ResourceQuota",
  "LimitRange",
  "StorageClass",
  "PriorityClass",
  "PriorityLevelConfiguration",
  "RuntimeClass",
  "PodTemplate",
])

/** Namespaces first, then what workloads read or obey, then the rest. */
function waveOf(kind: string): 0 | 1 | 2 {
  if (firstKinds.has(kind)) return 0
  return earlyKinds.has(kind) ? 1 : 2
}

/** Short forms that mean the only workload of their CR when they do not say which. */
const pointing: Readonly<Record<string, { readonly fields: readonly string[]; readonly override: string }>> = {
  services: { fields: ["selector"], override: "selector" },
  pdb: { fields: ["selector"], override: "selector" },
  hpa: { fields: ["scaleTargetRef", "deploymentRef"], override: "scaleTargetRef" },
}

// A Service without a selector is fine where there is no workload: its endpoints may come from elsewhere.
function unclear(entry: EntrySpec, { crd, shortForms }: BlockContext): readonly Mistake[] {
  const points = pointing[entry.kind]
  const { onlyWorkload: only } = shortForms(entry.motif)
  if (!points || points.fields.some((key) => entry.fields[key] !== undefined)) return []
  const spec = entry.overrides["spec"]
  if (isRecord(spec) && points.override in spec) return []
  if (only && (entry.kind !== "hpa" || only.gvk.kind !== "DaemonSet")) return []
  if (entry.kind === "services" && workloadsOf(crd).length === 0) return []
  const [key = ""] = points.fields
  const help =
    key === "selector"
      ? "add a selector, for example `orkestra.orkspace.io/workload: <name of the deployment>`"
      : 'add "scaleTargetRef: { kind, name }"'
  const message = `"${key}" is needed where its CR has not exactly one workload`
  return [{ severity: "error", code: "ORK0405", message, help, at: entry.at, part: "value" }]
}

function diagnosticOf({ at, part, ...mistake }: Mistake, spans: Spans): Diagnostic {
  const span = spans.locate(at, part) ?? spans.locate(at, "key")
  return { ...mistake, path: at, ...(span ? { span } : {}) }
}

function entryError(
  entry: EntrySpec,
  spans: Spans,
  mistake: { readonly code: string; readonly message: string; readonly help: string },
): Diagnostic {
  const parts = ["object.kind", "object.apiVersion", "kind", "apiVersion"]
  const places = parts.flatMap((part) => spans.locate(`${entry.at}.${part}`, "value") ?? [])
  const isTemplate = ({ file, start, end }: Span) => file.text.slice(start, end).includes("{{")
  const span = places.find(isTemplate) ?? spans.locate(entry.at, "value")
  return { severity: "error", ...mistake, path: entry.at, ...(span ? { span } : {}) }
}

function buildStatus(crd: CrdSpec, contexts: Contexts, isBuiltin: boolean): StatusPlan {
  const fields = buildFields(crd, contexts)
  const conditions = crd.operatorBox.status.conditions && !isBuiltin
  return crd.writesStatus ? { conditions, fields } : { conditions: false, fields: [] }
}

function buildFields(crd: CrdSpec, contexts: Contexts): readonly StatusFieldPlan[] {
  return crd.operatorBox.status.fields.map((field) => {
    const compile = contexts.of(field.motif, false)
    checkBareInputs(field, compile)
    const inputs = contexts.inputs(field.motif)
    const gate = compileGate(field.when, field.or, compile)
    return {
      path: parsePath(field.path).map(String),
      value: compileValue(field.value, `${field.at}.value`, compile),
      type: field.type,
      gate,
      conditional: gate.conditional,
      clearOnFalse: field.clearOnFalse,
      where: whereOf(compile.spans, field.at),
      ...(inputs && { inputs }),
    }
  })
}
