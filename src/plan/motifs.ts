import type { Diagnostic } from "../base/mod.ts"
import type {
  BlockSpec,
  CrdSpec,
  EntrySpec,
  InputSpec,
  MotifSpec,
  MutationSpec,
  NormalizeSpec,
  PrepareSpec,
  Spans,
  StatusFieldSpec,
} from "../katalog/mod.ts"
import { formatGroupKind, isRecord } from "../kube/mod.ts"
import { gvkOfEntry, nameOf } from "./resources.ts"
import { onlyWorkload } from "./workloads.ts"

interface Context {
  readonly spans: Spans
  readonly report: (diagnostic: Diagnostic) => void
}

/**
 * A CRD entry with the content of its Motifs in its operatorBox: first theirs, in the order of their imports, then its
 * own. What it declares itself wins over a Motif, and is reported; what two Motifs declare is an error.
 */
export function withMotifs(crd: CrdSpec, context: Context): CrdSpec {
  if (crd.motifs.length === 0) return crd
  const box = crd.operatorBox
  const own = [...(box.onCreate?.entries ?? []), ...(box.onReconcile?.entries ?? [])]
  const objects = claims(own, objectOf, context)
  const paths = claims(box.status.fields, pathOf, context)
  const from = (pick: (motif: MotifSpec) => readonly EntrySpec[]) =>
    crd.motifs.flatMap((motif) => pick(motif).filter((entry) => objects(entry, motif)))
  const onCreate = from((motif) => motif.onCreate)
  const onReconcile = from((motif) => motif.onReconcile)
  const prepare = withRules(crd, context)
  const fields = crd.motifs.flatMap((motif) => motif.status.filter((field) => paths(field, motif)))
  return {
    ...crd,
    prepare,
    operatorBox: {
      ...box,
      onCreate: begun(box.onCreate, onCreate),
      onReconcile: begun(box.onReconcile, onReconcile),
      status: { ...box.status, fields: [...fields, ...box.status.fields] },
    },
  }
}

/** Rules add up, a Motif's before the entry's; what always sets one and the same field stands once. */
function withRules(crd: CrdSpec, context: Context): PrepareSpec {
  const { normalize, mutations, validations } = crd.prepare
  const paths = claims(normalize, normalizedOf, context)
  const fields = claims(mutations, setFieldOf, context)
  const of = crd.motifs.map(({ prepare }) => prepare)
  return {
    normalize: [...crd.motifs.flatMap((m) => m.prepare.normalize.filter((part) => paths(part, m))), ...normalize],
    mutations: [...crd.motifs.flatMap((m) => m.prepare.mutations.filter((part) => fields(part, m))), ...mutations],
    persist: crd.prepare.persist || of.some(({ persist }) => persist),
    validations: [...of.flatMap((prepare) => prepare.validations), ...validations],
  }
}

function normalizedOf({ path }: NormalizeSpec): Claim {
  return { what: `normalize of "spec.${path.join(".")}"` }
}

// One with conditions may stand beside another; a template may name any field.
function setFieldOf({ field, mode, when, or }: MutationSpec): Claim | undefined {
  const isPlain = when.length + or.length === 0 && !field.includes("{{")
  return isPlain ? { what: `the ${mode} of "${field}"` } : undefined
}

function begun(block: BlockSpec | undefined, entries: readonly EntrySpec[]): BlockSpec | undefined {
  if (entries.length === 0) return block
  return { when: [], or: [], ...block, entries: [...entries, ...(block?.entries ?? [])] }
}

interface Claim {
  /** What is declared, in words: `Deployment "web"`. */
  readonly what: string
}

/** Answers whether a Motif's part is kept, and reports where it is not. */
function claims<T extends { readonly at: string }>(
  own: readonly T[],
  claimOf: (part: T, motif?: MotifSpec) => Claim | undefined,
  { spans, report }: Context,
): (part: T, motif: MotifSpec) => boolean {
  const mine = new Map(own.flatMap((part) => pairOf(claimOf(part), part)))
  const owners = new Map<string, MotifSpec>()
  return (part, motif) => {
    const claim = claimOf(part, motif)
    if (claim === undefined) return true
    const winner = mine.get(claim.what)
    if (winner !== undefined) {
      const message = `${claim.what} of Motif "${motif.id}" gives way to the one declared here`
      report(placed({ severity: "note", code: "ORK0408", message }, winner.at, spans))
      return false
    }
    const other = owners.get(claim.what)
    if (other === undefined) owners.set(claim.what, motif)
    if (other === undefined || other === motif) return true
    const message = `the Motifs "${other.id}" and "${motif.id}" both declare ${claim.what}`
    const help = "declare it in the operatorBox, which wins over both, or give one another name through an input"
    const at = motif.at.replace(/\.motif$/, "")
    report(placed({ severity: "error", code: "ORK0409", message, help }, at, spans))
    return false
  }
}

function pairOf<T>(claim: Claim | undefined, part: T): readonly (readonly [string, T])[] {
  return claim === undefined ? [] : [[claim.what, part]]
}

function placed(diagnostic: Diagnostic, at: string, spans: Spans): Diagnostic {
  const span = spans.locate(at, "value") ?? spans.locate(at, "key")
  return { ...diagnostic, path: at, ...(span ? { span: { ...span, end: firstLine(span) } } : {}) }
}

function firstLine({ file, start, end }: { file: { text: string }; start: number; end: number }): number {
  const line = file.text.indexOf("\n", start)
  return line === -1 ? end : Math.min(end, line)
}

function pathOf(field: StatusFieldSpec): Claim {
  return { what: `the status path "${field.path}"` }
}

/** An object by kind, namespace and name as written: what inputs are known to be is put in. */
function objectOf(entry: EntrySpec, motif?: MotifSpec): Claim | undefined {
  const gvk = gvkOfEntry(entry)
  if (gvk === undefined) return undefined
  const name = spelled(String(nameOf(entry).value), motif)
  const namespace = entry.fields["namespace"] ?? metadataOf(entry)["namespace"]
  const where = typeof namespace === "string" ? ` in "${spelled(namespace, motif)}"` : ""
  return { what: `${formatGroupKind(gvk)} "${name}"${where}` }
}

function metadataOf(entry: EntrySpec): Readonly<Record<string, unknown>> {
  const object = entry.kind === "manifests" ? entry.fields["object"] : entry.fields
  const metadata = isRecord(object) ? object["metadata"] : undefined
  return isRecord(metadata) ? metadata : {}
}

/** One spelling for templates that mean the same, with inputs replaced by the text that they are bound to. */
function spelled(text: string, motif: MotifSpec | undefined): string {
  return text.replace(/\{\{-?\s*(.*?)\s*-?\}\}/g, (_, action: string) => {
    const name = /^\.inputs\.(\w+)$/.exec(action)?.[1]
    const input = motif?.inputs.find((candidate) => candidate.name === name)
    const bound = input && boundText(input)
    return bound === undefined ? `{{ ${action} }}` : spelled(bound, motif?.parent)
  })
}

function boundText({ value, fallback }: InputSpec): string | undefined {
  const bound = (value ?? fallback)?.value
  return typeof bound === "string" || typeof bound === "number" ? String(bound) : undefined
}

/**
 * The workload that an entry means when it does not say which: the only one of its own Motif, else the only one of the
 * operator. The name of another Motif's workload serves only where no input is part of it.
 */
export function workloadFor(crd: CrdSpec, motif: MotifSpec | undefined): ReturnType<typeof onlyWorkload> {
  const only = onlyWorkload(crd)
  if (crd.motifs.length === 0) return only
  const of = (block: BlockSpec | undefined) =>
    block && { ...block, entries: block.entries.filter((entry) => entry.motif === motif) }
  const { onCreate, onReconcile } = crd.operatorBox
  const box = { ...crd.operatorBox, onCreate: of(onCreate), onReconcile: of(onReconcile) }
  const near = onlyWorkload({ ...crd, operatorBox: box })
  if (near !== undefined || only === undefined) return near
  return String(only.name.value).includes(".inputs.") ? undefined : only
}
