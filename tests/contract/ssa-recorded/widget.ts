import type { KubeObject } from "../../../src/kube/mod.ts"

const text = { type: "string" }
const number = { type: "integer" }
const struct = (properties: object, more: object = {}) => ({ type: "object", properties, ...more })
const list = (items: object, more: object = {}) => ({ type: "array", items, ...more })
const mapOf = (additionalProperties: object, more: object = {}) => ({ type: "object", additionalProperties, ...more })
const byKeys = (...keys: readonly string[]) => ({
  "x-kubernetes-list-type": "map",
  "x-kubernetes-list-map-keys": keys,
})
const open = { "x-kubernetes-preserve-unknown-fields": true }

const spec = struct({
  size: { type: "integer", default: 3 },
  color: text,
  maybe: { type: "string", nullable: true },
  limit: { "x-kubernetes-int-or-string": true },
  flags: mapOf(text),
  whole: mapOf(text, { "x-kubernetes-map-type": "atomic" }),
  pair: struct({ left: text, right: text }, { "x-kubernetes-map-type": "atomic" }),
  nested: struct({ a: struct({ b: text, c: text }), d: text }),
  groups: mapOf(struct({ x: text, y: text })),
  parts: list(struct({ name: text, value: text, sub: mapOf(text) }, { required: ["name"] }), byKeys("name")),
  ports: list(
    struct(
      { port: number, protocol: { type: "string", default: "TCP" }, title: text },
      { required: ["port", "protocol"] },
    ),
    byKeys("port", "protocol"),
  ),
  tags: list(text, { "x-kubernetes-list-type": "set" }),
  numbers: list(number, { "x-kubernetes-list-type": "set" }),
  words: list(text, { "x-kubernetes-list-type": "atomic" }),
  plain: list(struct({ name: text, value: text })),
  anything: { type: "object", ...open },
  embedded: { type: "object", "x-kubernetes-embedded-resource": true, ...open },
})

const status = struct({
  phase: text,
  conditions: list(struct({ type: text, status: text, reason: text }, { required: ["type"] }), byKeys("type")),
})

/** A CRD with every kind of list and map that server-side apply tells apart. */
export const widgetCrd: KubeObject = {
  apiVersion: "apiextensions.k8s.io/v1",
  kind: "CustomResourceDefinition",
  metadata: { name: "widgets.test.example" },
  spec: {
    group: "test.example",
    scope: "Namespaced",
    names: { plural: "widgets", singular: "widget", kind: "Widget", listKind: "WidgetList" },
    versions: [
      {
        name: "v1",
        served: true,
        storage: true,
        subresources: { status: {} },
        schema: { openAPIV3Schema: struct({ spec, status }) },
      },
    ],
  },
}
