import { isRecord, type KubeObject, nameProblem, type StatusCause, semanticEqual } from "../kube/mod.ts"
import { versionsOf } from "./crd.ts"
import { approvalAnnotation, approvalOf } from "./crd-approval.ts"
import { ruleDefinitionCauses } from "./crd-rule-checks.ts"
import { columnCauses, defaultCauses, scaleCauses, selectableCauses } from "./crd-version-rules.ts"
import { listOf } from "./fields.ts"
import { forbidden, invalidValue, required, unsupported } from "./names.ts"
import { structuralCauses } from "./structural.ts"
import { clientCauses } from "./webhook-rules.ts"

type Node = Readonly<Record<string, unknown>>

const label1035 =
  "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')"
const subdomain =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"

/** What is wrong with a CustomResourceDefinition, worded as a real server does. */
export function definitionCauses(crd: KubeObject, old: KubeObject | undefined): readonly StatusCause[] {
  const spec = nodeOf(crd["spec"])
  return [
    ...(old === undefined ? nameCauses(crd, spec) : []),
    ...groupCauses(crd, spec),
    ...namesCauses(nodeOf(spec["names"])),
    ...versionListCauses(crd, spec),
    ...schemaCauses(crd),
    ...conversionCauses(nodeOf(spec["conversion"])),
    ...(old === undefined ? [] : changeCauses(spec, old)),
  ]
}

function* nameCauses(crd: KubeObject, spec: Node): Generator<StatusCause> {
  const expected = `${textOf(nodeOf(spec["names"])["plural"])}.${textOf(spec["group"])}`
  if (crd.metadata.name !== expected) {
    yield invalidValue("metadata.name", crd.metadata.name ?? "", 'must be spec.names.plural+"."+spec.group')
  }
}

function* groupCauses(crd: KubeObject, spec: Node): Generator<StatusCause> {
  const group = textOf(spec["group"])
  const { scope } = spec
  if (group === "") yield required("spec.group")
  else if (nameProblem(group) !== undefined) yield invalidValue("spec.group", group, subdomain)
  else if (!group.includes(".")) yield invalidValue("spec.group", group, "should be a domain with at least one dot")
  if (scope === undefined || scope === "") yield required("spec.scope")
  else if (scope !== "Cluster" && scope !== "Namespaced")
    yield unsupported("spec.scope", scope, ["Cluster", "Namespaced"])
  yield* approvalCauses(crd)
  if (spec["preserveUnknownFields"] === true) {
    const instead = "set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead"
    yield invalidValue("spec.preserveUnknownFields", true, `cannot set to true, ${instead}`)
  }
}

function* approvalCauses(crd: KubeObject): Generator<StatusCause> {
  const approval = approvalOf(crd)
  const at = `metadata.annotations[${approvalAnnotation}]`
  const must = `protected groups must have approval annotation "${approvalAnnotation}"`
  const page = "see https://github.com/kubernetes/enhancements/pull/1111"
  if (approval === "missing") yield required(at, `${must}, ${page}`)
  if (approval === "invalid") {
    const why = `${must} with either a URL or a reason starting with "unapproved", ${page}`
    yield invalidValue(at, crd.metadata.annotations?.[approvalAnnotation], why)
  }
}

function* namesCauses(names: Node): Generator<StatusCause> {
  const at = "spec.names"
  for (const key of ["plural", "singular", "kind", "listKind"]) {
    const name = textOf(names[key])
    if (name === "") yield required(`${at}.${key}`)
    else if (key === "kind" || key === "listKind") {
      const why = `may have mixed case, but should otherwise match: ${label1035}`
      if (!isLabel(name.toLowerCase())) yield invalidValue(`${at}.${key}`, name, why)
    } else if (!isLabel(name)) yield invalidValue(`${at}.${key}`, name, label1035)
  }
  for (const key of ["shortNames", "categories"]) {
    for (const [index, name] of listOf(names[key]).entries()) {
      if (!isLabel(String(name))) yield invalidValue(`${at}.${key}[${index}]`, name, label1035)
    }
  }
  if (textOf(names["kind"]) !== "" && names["kind"] === names["listKind"]) {
    yield invalidValue(`${at}.listKind`, names["listKind"], "kind and listKind may not be the same")
  }
}

function* versionListCauses(crd: KubeObject, spec: Node): Generator<StatusCause> {
  const versions = versionsOf(crd)
  const stored = listOf(nodeOf(crd["status"])["storedVersions"])
  const storage = versions.filter((version) => version["storage"] === true).map((version) => String(version["name"]))
  for (const [index, version] of versions.entries()) {
    const at = `spec.versions[${index}]`
    const name = textOf(version["name"])
    if (!isLabel(name)) {
      yield invalidValue(`${at}.name`, name, label1035)
      if (index === 0 && name !== "") yield invalidValue("spec.version", name, label1035)
    }
    if (version["deprecationWarning"] !== undefined && version["deprecated"] !== true) {
      const why = "can only be set for deprecated versions"
      yield invalidValue(`${at}.deprecationWarning`, version["deprecationWarning"], why)
    }
    const schema = nodeOf(version["schema"])["openAPIV3Schema"]
    if (schema === undefined) yield required(`${at}.schema.openAPIV3Schema`)
  }
  const listed = versions.map(internalVersion)
  if (new Set(versions.map((version) => version["name"])).size < versions.length) {
    yield invalidValue("spec.versions", listed, "must contain unique version names")
  }
  if (storage.length !== 1) {
    yield invalidValue("spec.versions", listed, "must have exactly one version marked as storage version")
  }
  const last = storage.at(-1)
  if (stored.length === 0) yield invalidValue("status.storedVersions", null, "must have at least one stored version")
  else if (last !== undefined && !stored.includes(last)) {
    yield invalidValue("status.storedVersions", stored, `must have the storage version ${last}`)
  }
  for (const [index, name] of stored.entries()) {
    const isListed = listOf(spec["versions"]).some((version) => nodeOf(version)["name"] === name)
    if (!isListed && storage.length > 0) {
      yield invalidValue(`status.storedVersions[${index}]`, name, unlisted(String(name)))
    }
  }
}

function unlisted(name: string): string {
  return `missing from spec.versions; ${name} was previously a storage version, and must remain in spec.versions until a storage migration ensures no data remains persisted in ${name} and removes ${name} from status.storedVersions`
}

// How the server prints a version: as its own type, where what all versions share has moved elsewhere.
function internalVersion(version: Node): Node {
  return {
    Name: textOf(version["name"]),
    Served: version["served"] === true,
    Storage: version["storage"] === true,
    Deprecated: version["deprecated"] === true,
    DeprecationWarning: version["deprecationWarning"] ?? null,
    Schema: null,
    Subresources: null,
    AdditionalPrinterColumns: null,
    SelectableFields: null,
  }
}

function* schemaCauses(crd: KubeObject): Generator<StatusCause> {
  for (const { value, path } of shared(crd, "schema", "validation")) {
    const schema = nodeOf(value)["openAPIV3Schema"]
    if (schema === undefined) continue
    const causes = structuralCauses(schema, `${path}.openAPIV3Schema`)
    yield* causes
    // Only a structural schema can judge its own defaults and rules.
    if (causes.length > 0) continue
    yield* defaultCauses(schema, `${path}.openAPIV3Schema`)
    yield* ruleDefinitionCauses(schema, `${path}.openAPIV3Schema`)
  }
  for (const { value, path } of shared(crd, "subresources", "subresources"))
    yield* scaleCauses(nodeOf(value)["scale"], path)
  for (const { value, path } of shared(crd, "additionalPrinterColumns", "additionalPrinterColumns")) {
    yield* columnCauses(listOf(value), path)
  }
  for (const { value, path, schema } of shared(crd, "selectableFields", "selectableFields")) {
    yield* selectableCauses(listOf(value), schema, path)
  }
}

interface Shared {
  readonly value: unknown
  readonly path: string
  readonly schema: unknown
}

/** A part of the versions; where all versions have the same the server names its path without a version. */
function shared(crd: KubeObject, key: string, common: string): readonly Shared[] {
  const versions = versionsOf(crd)
  const [first, ...others] = versions
  if (first === undefined) return []
  const schemaOf = (version: Node) => nodeOf(version["schema"])["openAPIV3Schema"]
  if (others.every((version) => semanticEqual(version[key], first[key]))) {
    return [{ value: first[key], path: `spec.${common}`, schema: schemaOf(first) }]
  }
  return versions.map((version, index) => ({
    value: version[key],
    path: `spec.versions[${index}].${key}`,
    schema: schemaOf(version),
  }))
}

function* conversionCauses(conversion: Node): Generator<StatusCause> {
  const { strategy, webhook } = conversion
  const at = "spec.conversion"
  const versions = listOf(nodeOf(webhook)["conversionReviewVersions"])
  const client = nodeOf(webhook)["clientConfig"]
  if (strategy !== "None" && strategy !== "Webhook") {
    yield strategy === undefined
      ? required(`${at}.strategy`)
      : unsupported(`${at}.strategy`, strategy, ["None", "Webhook"])
    return
  }
  if (strategy === "None") {
    const why = "should not be set when strategy is not set to Webhook"
    if (client !== undefined) yield forbidden(`${at}.webhookClientConfig`, why)
    if (versions.length > 0) yield forbidden(`${at}.conversionReviewVersions`, why)
    return
  }
  if (client === undefined) yield required(`${at}.webhookClientConfig`, "required when strategy is set to Webhook")
  else yield* clientCauses(nodeOf(client), `${at}.webhookClientConfig`)
  if (versions.length === 0) yield required(`${at}.conversionReviewVersions`)
  else if (!versions.some((version) => version === "v1" || version === "v1beta1")) {
    yield invalidValue(`${at}.conversionReviewVersions`, versions, "must include at least one of v1, v1beta1")
  }
}

function* changeCauses(spec: Node, old: KubeObject): Generator<StatusCause> {
  const before = nodeOf(old["spec"])
  const conditions = listOf(nodeOf(old["status"])["conditions"]).map(nodeOf)
  if (!conditions.some(({ type, status }) => type === "Established" && status === "True")) return
  const pairs = [
    ["spec.group", spec["group"], before["group"]],
    ["spec.scope", spec["scope"], before["scope"]],
    ["spec.names.kind", nodeOf(spec["names"])["kind"], nodeOf(before["names"])["kind"]],
  ] as const
  for (const [field, now, was] of pairs) if (now !== was) yield invalidValue(field, now, "field is immutable")
}

function isLabel(text: string): boolean {
  return text.length <= 63 && /^[a-z]([-a-z0-9]*[a-z0-9])?$/.test(text)
}

function nodeOf(value: unknown): Node {
  return isRecord(value) ? value : {}
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : ""
}
