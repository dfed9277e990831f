import { type KubeObject, parseApiVersion, resetFields, type StatusCause } from "../kube/mod.ts"
import { policyCauses } from "./admission-policies.ts"
import { sharedKindOf } from "./builtin-convert.ts"
import { apiserverSchemas, type ServedResource, type ServedSubresource, servedResources } from "./builtin-data.ts"
import { selectableFields } from "./builtin-fields.ts"
import { builtinStrategy, onceEach } from "./builtin-strategy.ts"
import { tableCells } from "./builtin-tables.ts"
import { crdKindStrategy } from "./crd-kind.ts"
import { mutatingPolicyCauses } from "./mutating-policies.ts"
import type { PrinterColumn, Resource, Strategy, Subresource } from "./resource.ts"
import { webhookConfigurationCauses } from "./webhook-rules.ts"

let resources: readonly Resource[] | undefined

/** Every built-in resource, in the order in which the real server lists its groups. */
export function builtinResources(): readonly Resource[] {
  resources ??= build()
  return resources
}

function build(): readonly Resource[] {
  const { served, texts } = servedResources()
  return Object.entries(served).flatMap(([apiVersion, rows]) => rows.map((row) => toResource(apiVersion, row, texts)))
}

function toResource(apiVersion: string, row: ServedResource, texts: readonly string[]): Resource {
  const { group, version } = parseApiVersion(apiVersion)
  const set = apiserverSchemas()
  const schema = set.root({ group, version, kind: row.kind })
  const subresources = (row.subresources ?? []).map((subresource) => toSubresource(subresource))
  const hasStatus = subresources.some(({ name }) => name === "status")
  const strategy = builtinStrategy({ group, version, kind: row.kind, hasStatus, schema, set })
  return {
    gvr: { group, version, resource: row.resource },
    kind: row.kind,
    listKind: `${row.kind}List`,
    singular: row.singular,
    shortNames: row.shortNames ?? [],
    categories: row.categories ?? [],
    namespaced: row.cluster !== true,
    verbs: row.verbs,
    subresources,
    prefix: group === "" ? row.resource : `${group}/${row.resource}`,
    storageVersion: version,
    ...sharedKindOf(row.kind),
    schema,
    set,
    isCustom: false,
    columns: columnsOf(row, texts),
    selectable: selectableFields(row.kind, row.fields ?? []),
    reset: (subresource) => resetFields({ subresource: subresource || undefined, isCustom: false, hasStatus }),
    strategy: row.kind === "CustomResourceDefinition" ? definitionStrategy(strategy) : withRules(row.kind, strategy),
  }
}

// What is common to all kinds first, then what CRDs are known for.
function definitionStrategy({ complete }: Strategy): Strategy {
  return { ...crdKindStrategy, complete: (object) => crdKindStrategy.complete(complete(object)) }
}

function toSubresource({ name, gvk, verbs }: ServedSubresource): Subresource {
  const scale = { specReplicas: "spec.replicas", statusReplicas: "status.replicas", labelSelector: "spec.selector" }
  return { name, verbs, ...(gvk ? { gvk } : {}), ...(name === "scale" ? { scale } : {}) }
}

function columnsOf(row: ServedResource, texts: readonly string[]): readonly PrinterColumn[] {
  const cellOf = tableCells(row.kind)
  return row.columns.map(([name, type, format, priority, text]) => ({
    name,
    type,
    format,
    priority,
    description: texts[text] ?? "",
    cell: (object, nowMs) => cellOf(name, object, nowMs),
  }))
}

/** Kinds whose rules have a file of their own. */
const causesOf: Readonly<Record<string, (object: KubeObject) => readonly StatusCause[]>> = {
  MutatingAdmissionPolicy: mutatingPolicyCauses,
  MutatingWebhookConfiguration: webhookConfigurationCauses,
  ValidatingAdmissionPolicy: policyCauses,
  ValidatingWebhookConfiguration: webhookConfigurationCauses,
}

function withRules(kind: string, strategy: Strategy): Strategy {
  const causes = Object.hasOwn(causesOf, kind) ? causesOf[kind] : undefined
  if (causes === undefined) return strategy
  const validate: Strategy["validate"] = (object, old, context) =>
    onceEach([...strategy.validate(object, old, context), ...causes(object)])
  return { ...strategy, validate }
}
