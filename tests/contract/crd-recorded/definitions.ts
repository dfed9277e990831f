/** A CustomResourceDefinition that is created, and what it is changed into when there is a `next`. */
export interface Definition {
  readonly name: string
  readonly crd: Readonly<Record<string, unknown>>
  readonly next?: Readonly<Record<string, unknown>>
}

type Fields = Readonly<Record<string, unknown>>

const group = "defined.example.com"
const header = { apiVersion: "apiextensions.k8s.io/v1", kind: "CustomResourceDefinition" }
const names = { plural: "gadgets", kind: "Gadget" }
const open = { type: "object", "x-kubernetes-preserve-unknown-fields": true }

function version(fields: Fields = {}): Fields {
  return { name: "v1", served: true, storage: true, schema: { openAPIV3Schema: open }, ...fields }
}

function crd(spec: Fields = {}, metadata: Fields = {}): Fields {
  const complete = { group, scope: "Namespaced", names, versions: [version()], ...spec }
  return { ...header, metadata: { name: `gadgets.${group}`, ...metadata }, spec: complete }
}

/** With the schema of `spec.x`. */
function member(schema: unknown): Fields {
  const spec = { type: "object", properties: { x: schema } }
  return crd({ versions: [version({ schema: { openAPIV3Schema: { type: "object", properties: { spec } } } })] })
}

function root(schema: unknown): Fields {
  return crd({ versions: [version({ schema: { openAPIV3Schema: schema } })] })
}

const columns = (...additionalPrinterColumns: readonly Fields[]) =>
  crd({ versions: [version({ additionalPrinterColumns })] })
const scale = (fields: Fields) => crd({ versions: [version({ subresources: { scale: fields } })] })
const text = { type: "string" }
const objectOf = (properties: Fields, more: Fields = {}) => ({ type: "object", properties, ...more })
const listOf = (items: unknown, more: Fields = {}) => ({ type: "array", items, ...more })
const service = { namespace: "default", name: "s" }
const webhook = (fields: Fields) => crd({ conversion: { strategy: "Webhook", webhook: fields } })

const single: Readonly<Record<string, Fields>> = {
  "as it should be": crd(),
  "everything filled in": crd({
    names: { ...names, singular: "gad", listKind: "Gadgets", shortNames: ["gd"], categories: ["all"] },
  }),
  "name is not plural.group": crd({}, { name: "other.defined.example.com" }),
  "upper case name": crd({ names: { plural: "Gadgets", kind: "Gadget" } }),
  "no group": crd({ group: "" }),
  "bad group": crd({ group: "Not_A_Group" }),
  "group without a dot": crd({ group: "nodots" }, { name: "gadgets.nodots" }),
  "protected group without approval": crd({ group: "x.k8s.io" }, { name: "gadgets.x.k8s.io" }),
  "protected group with an odd approval": crd(
    { group: "x.k8s.io" },
    { name: "gadgets.x.k8s.io", annotations: { "api-approved.kubernetes.io": "odd" } },
  ),
  "protected group, approved": crd(
    { group: "x.k8s.io" },
    { name: "gadgets.x.k8s.io", annotations: { "api-approved.kubernetes.io": "https://a.b/c" } },
  ),
  "no scope": crd({ scope: "" }),
  "wrong scope": crd({ scope: "Galaxy" }),
  "no names": crd({ names: {} }),
  "no kind": crd({ names: { plural: "gadgets" } }),
  "bad kind": crd({ names: { plural: "gadgets", kind: "gad_get" } }),
  "list kind equals kind": crd({ names: { ...names, listKind: "Gadget" } }),
  "bad short name": crd({ names: { ...names, shortNames: ["G_D"] } }),
  "bad category": crd({ names: { ...names, categories: ["A B"] } }),
  "no versions": crd({ versions: [] }),
  "two storage versions": crd({ versions: [version(), version({ name: "v2" })] }),
  "no storage version": crd({ versions: [version({ storage: false })] }),
  "the same version twice": crd({ versions: [version(), version({ storage: false })] }),
  "bad version name": crd({ versions: [version({ name: "V_1" })] }),
  "no version name": crd({ versions: [version({ name: "" })] }),
  "no schema": crd({ versions: [{ name: "v1", served: true, storage: true }] }),
  "empty schema": crd({ versions: [version({ schema: {} })] }),
  preserveUnknownFields: crd({ preserveUnknownFields: true }),
  "deprecation without deprecated": crd({ versions: [version({ deprecationWarning: "old" })] }),
  deprecated: crd({ versions: [version({ deprecated: true })] }),
  "root without type": root({ properties: { spec: { type: "object" } } }),
  "root is a string": root(text),
  "root allows everything": root({ type: "object", additionalProperties: true }),
  "root is nullable": root({ type: "object", nullable: true }),
  "no type": member({ description: "d" }),
  "no type, but properties": member({ properties: { a: text } }),
  "no type in items": member(listOf({})),
  "array without items": member({ type: "array" }),
  "items is a list": member({ type: "array", items: [text] }),
  "unknown type": member({ type: "strin" }),
  "type null": member({ type: "null" }),
  "properties and additionalProperties": member({
    type: "object",
    properties: { a: text },
    additionalProperties: text,
  }),
  "additionalProperties false": member({ type: "object", additionalProperties: false }),
  uniqueItems: member(listOf(text, { uniqueItems: true })),
  $ref: member({ $ref: "#/definitions/x" }),
  definitions: root({ type: "object", definitions: { a: text } }),
  patternProperties: member({ type: "object", patternProperties: { a: text } }),
  dependencies: member({ type: "object", dependencies: { a: ["b"] } }),
  id: member({ type: "string", id: "x" }),
  additionalItems: member(listOf(text, { additionalItems: text })),
  "int-or-string with a type": member({ type: "string", "x-kubernetes-int-or-string": true }),
  "int-or-string, the long form": member({ anyOf: [{ type: "integer" }, text], "x-kubernetes-int-or-string": true }),
  "type in anyOf": member({ type: "string", anyOf: [{ type: "string" }] }),
  "description in allOf": member({ type: "string", allOf: [{ description: "d" }] }),
  "default in oneOf": member({ type: "string", oneOf: [{ default: "a" }] }),
  "additionalProperties in not": member({ type: "object", not: { additionalProperties: text } }),
  "member of anyOf that is not outside": member({
    type: "object",
    properties: {},
    anyOf: [{ properties: { a: { minLength: 1 } } }],
  }),
  "items of anyOf that are not outside": member({
    type: "object",
    anyOf: [{ properties: { a: { items: { minLength: 1 } } } }],
  }),
  "preserve inside of anyOf": member({ type: "object", anyOf: [{ "x-kubernetes-preserve-unknown-fields": true }] }),
  "embedded that is no object": member({ type: "string", "x-kubernetes-embedded-resource": true }),
  "embedded without content": member({ type: "object", "x-kubernetes-embedded-resource": true }),
  "embedded restricts metadata": member(
    objectOf(
      { metadata: { type: "object", properties: { labels: { type: "object" } } } },
      { "x-kubernetes-embedded-resource": true },
    ),
  ),
  "preserve on a string": member({ type: "string", "x-kubernetes-preserve-unknown-fields": true }),
  "preserve false": member({ type: "object", "x-kubernetes-preserve-unknown-fields": false }),
  "root metadata with labels": root(objectOf({ metadata: objectOf({ labels: { type: "object" } }) })),
  "root metadata with a name": root(objectOf({ metadata: objectOf({ name: { type: "string", maxLength: 5 } }) })),
  "root metadata is a string": root(objectOf({ metadata: text })),
  "root apiVersion is a number": root(objectOf({ apiVersion: { type: "integer" } })),
  "list map without keys": member(listOf(objectOf({ a: text }), { "x-kubernetes-list-type": "map" })),
  "list map with unknown key": member(
    listOf(objectOf({ a: text }), { "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["b"] }),
  ),
  "list map with optional key": member(
    listOf(objectOf({ a: text }), { "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["a"] }),
  ),
  "list map with the key twice": member(
    listOf(objectOf({ a: text }, { required: ["a"] }), {
      "x-kubernetes-list-type": "map",
      "x-kubernetes-list-map-keys": ["a", "a"],
    }),
  ),
  "list map with a list as key": member(
    listOf(objectOf({ a: listOf(text) }, { required: ["a"] }), {
      "x-kubernetes-list-type": "map",
      "x-kubernetes-list-map-keys": ["a"],
    }),
  ),
  "list map of strings": member(listOf(text, { "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["a"] })),
  "keys without a list map": member(listOf(objectOf({ a: text }), { "x-kubernetes-list-map-keys": ["a"] })),
  "list type of an object": member({ type: "object", "x-kubernetes-list-type": "set" }),
  "unknown list type": member(listOf(text, { "x-kubernetes-list-type": "bag" })),
  "set of objects": member(listOf(objectOf({ a: text }), { "x-kubernetes-list-type": "set" })),
  "set of atomic objects": member(
    listOf(objectOf({ a: text }, { "x-kubernetes-map-type": "atomic" }), { "x-kubernetes-list-type": "set" }),
  ),
  "set of nullable strings": member(listOf({ type: "string", nullable: true }, { "x-kubernetes-list-type": "set" })),
  "unknown map type": member({ type: "object", "x-kubernetes-map-type": "odd" }),
  "map type of a string": member({ type: "string", "x-kubernetes-map-type": "atomic" }),
  "bad pattern": member({ type: "string", pattern: "(" }),
  "pattern with a lookahead": member({ type: "string", pattern: "(?!a)b" }),
  "unknown format": member({ type: "string", format: "of-nobody" }),
  "default that does not fit": member({ type: "string", default: 1 }),
  "default against the enum": member({ type: "string", enum: ["a"], default: "b" }),
  "default with an unknown member": member(objectOf({ a: text }, { default: { b: "c" } })),
  "default inside of a default": member(
    objectOf({ a: { type: "string", default: "x", minLength: 2 } }, { default: {} }),
  ),
  "default of null": member({ type: "string", default: null }),
  "nullable default": member({ type: "string", nullable: true, default: null }),
  "default at the root": root({ type: "object", default: {} }),
  "default in metadata": root(objectOf({ metadata: objectOf({ name: { type: "string", default: "x" } }) })),
  "default of a list map key that is missing": member(
    listOf(objectOf({ a: text }, { required: ["a"] }), {
      "x-kubernetes-list-type": "map",
      "x-kubernetes-list-map-keys": ["a"],
      default: [{}],
    }),
  ),
  "enum twice": member({ type: "string", enum: ["a", "a"] }),
  "required twice": member(objectOf({ a: text }, { required: ["a", "a"] })),
  "several mistakes": member(objectOf({ a: {}, b: { type: "odd" }, c: listOf({}) })),
  "column without a path": columns({ name: "A", type: "string" }),
  "column with a bad path": columns({ name: "A", type: "string", jsonPath: "spec.a" }),
  "column with an unknown type": columns({ name: "A", type: "text", jsonPath: ".spec.a" }),
  "column with an unknown format": columns({ name: "A", type: "string", format: "odd", jsonPath: ".spec.a" }),
  "column without a name": columns({ type: "string", jsonPath: ".spec.a" }),
  columns: columns({ name: "A", type: "string", jsonPath: ".spec.a", priority: 1, description: "d" }),
  "scale without paths": scale({}),
  "scale with bad paths": scale({
    specReplicasPath: "spec.replicas",
    statusReplicasPath: ".spec.replicas",
    labelSelectorPath: ".metadata.x",
  }),
  scale: scale({ specReplicasPath: ".spec.replicas", statusReplicasPath: ".status.replicas" }),
  "scale with a list in its path": scale({ specReplicasPath: ".spec.a[0]", statusReplicasPath: ".status.replicas" }),
  "selectable field": crd({
    versions: [
      version({
        schema: { openAPIV3Schema: objectOf({ spec: objectOf({ a: text }) }) },
        selectableFields: [{ jsonPath: ".spec.a" }],
      }),
    ],
  }),
  "selectable field that is not there": crd({
    versions: [
      version({
        schema: { openAPIV3Schema: objectOf({ spec: objectOf({ a: text }) }) },
        selectableFields: [{ jsonPath: ".spec.b" }],
      }),
    ],
  }),
  "selectable field that is a list": crd({
    versions: [
      version({
        schema: { openAPIV3Schema: objectOf({ spec: objectOf({ a: listOf(text) }) }) },
        selectableFields: [{ jsonPath: ".spec.a" }],
      }),
    ],
  }),
  "selectable metadata": crd({ versions: [version({ selectableFields: [{ jsonPath: ".metadata.name" }] })] }),
  "conversion of an odd kind": crd({ conversion: { strategy: "Odd" } }),
  "webhook missing": crd({ conversion: { strategy: "Webhook" } }),
  "webhook without a client": webhook({ conversionReviewVersions: ["v1"] }),
  "webhook without versions": webhook({ clientConfig: { service } }),
  "webhook with unknown versions": webhook({ clientConfig: { service }, conversionReviewVersions: ["v9"] }),
  "webhook with url and service": webhook({
    clientConfig: { service, url: "https://a.example.com" },
    conversionReviewVersions: ["v1"],
  }),
  "webhook with a plain url": webhook({
    clientConfig: { url: "http://a.example.com" },
    conversionReviewVersions: ["v1"],
  }),
  "webhook with a service": webhook({ clientConfig: { service }, conversionReviewVersions: ["v1"] }),
  "webhook without strategy": crd({
    conversion: { strategy: "None", webhook: { clientConfig: { service }, conversionReviewVersions: ["v1"] } },
  }),
}

const ruled = (rule: string, more: Fields = {}) =>
  member({
    ...objectOf({
      n: { type: "integer" },
      s: { ...text, maxLength: 10 },
      o: objectOf({ a: text }),
      l: listOf(text, { maxItems: 3 }),
      "a-b": text,
      b: { type: "boolean" },
    }),
    "x-kubernetes-validations": [{ rule, ...more }],
  })

const rules: Readonly<Record<string, Fields>> = {
  "a rule": ruled("self.n > 0"),
  "a rule about nothing": ruled(""),
  "a rule with a typing mistake": ruled("self.n >"),
  "a rule with an unclosed text": ruled("self.s == 'a"),
  "an undefined field": ruled("self.m > 0"),
  "an undefined field below": ruled("self.o.b == 'x'"),
  "an undefined field in has": ruled("has(self.m)"),
  "an undefined field in a macro": ruled("self.l.all(x, x.y == 'a')"),
  "an undeclared name": ruled("sel.n > 0"),
  "an unknown function": ruled("self.s.startWith('a')"),
  "an unknown global function": ruled("lenght(self.s) > 1"),
  "an unescaped name": ruled("self.a-b == 'x'"),
  "numbers and texts compared": ruled("self.n == 'x'"),
  "whole and broken numbers compared": ruled("self.n > 1.5"),
  "a number added to a text": ruled("self.s + self.n == ''"),
  "a rule that is no condition": ruled("self.n + 1"),
  "a text as a condition": ruled("self.s"),
  "a text in an and": ruled("self.s && self.b"),
  "a method of another type": ruled("self.n.startsWith('a')"),
  "a wrong argument": ruled("self.s.startsWith(1)"),
  "too few arguments": ruled("self.s.contains()"),
  "several lines": ruled("self.n > 0 &&\n  self.m > 0", { message: "m" }),
  "lines without a message": ruled("self.n > 0 &&\n  self.n < 9"),
  "a message with lines": ruled("self.n > 0", { message: "a\nb" }),
  "an empty message": ruled("self.n > 0", { message: " " }),
  "an unknown reason": ruled("self.n > 0", { reason: "Odd" }),
  "a field path that is not there": ruled("self.n > 0", { fieldPath: ".m" }),
  "a field path without a dot": ruled("self.n > 0", { fieldPath: "n" }),
  "a field path": ruled("self.n > 0", { fieldPath: ".o.a" }),
  "a message expression that is no text": ruled("self.n > 0", { messageExpression: "self.n" }),
  "a message expression with a mistake": ruled("self.n > 0", { messageExpression: "self.m" }),
  oldSelf: ruled("self.n >= oldSelf.n"),
  "an optional oldSelf": ruled("!oldSelf.hasValue() || self.n >= oldSelf.value().n", { optionalOldSelf: true }),
  "a rule on what has no type": member({
    "x-kubernetes-preserve-unknown-fields": true,
    "x-kubernetes-validations": [{ rule: "self.a == 1" }],
  }),
  "a rule on an open object": member({
    type: "object",
    "x-kubernetes-preserve-unknown-fields": true,
    "x-kubernetes-validations": [{ rule: "self.a == 1" }],
  }),
  "metadata in a rule": crd({
    versions: [
      version({
        schema: {
          openAPIV3Schema: objectOf(
            { spec: objectOf({ a: text }) },
            { "x-kubernetes-validations": [{ rule: "self.metadata.name != '' && self.metadata.labels.size() > 0" }] },
          ),
        },
      }),
    ],
  }),
  "an unbounded rule": member({
    ...listOf(listOf({ type: "string" })),
    "x-kubernetes-validations": [{ rule: "self.all(a, self.all(b, a.all(x, b.all(y, x.matches(y)))))" }],
  }),
}

const two = [version(), version({ name: "v2", storage: false })]
const changes: readonly Definition[] = [
  { name: "another scope", crd: crd(), next: crd({ scope: "Cluster" }) },
  { name: "another kind", crd: crd(), next: crd({ names: { plural: "gadgets", kind: "Other" } }) },
  { name: "another group", crd: crd(), next: crd({ group: "other.example.com" }) },
  { name: "another version", crd: crd(), next: crd({ versions: two }) },
  {
    name: "the stored version removed",
    crd: crd({ versions: two }),
    next: crd({ versions: [version({ name: "v2" })] }),
  },
  { name: "a schema that changes", crd: member(text), next: member({ type: "integer" }) },
  { name: "only labels", crd: crd(), next: crd({}, { labels: { a: "b" } }) },
]

/** All definitions that are recorded. */
export const definitions: readonly Definition[] = [
  ...Object.entries(single).map(([name, one]) => ({ name, crd: one })),
  ...changes,
  ...Object.entries(rules).map(([name, one]) => ({ name, crd: one })),
]
