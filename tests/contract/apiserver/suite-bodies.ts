import { applied, get, type Interaction, merge, post, put, remove } from "./interaction.ts"
import { map, maps, one, whole } from "./maps.ts"

const protobuf = "application/vnd.kubernetes.protobuf"

/** What a create takes, and in which forms it is answered. */
export const bodySuite: readonly Interaction[] = [
  {
    name: "create, read, list",
    steps: [post(maps, map("one")), get(one), get(maps), get("/api/v1/namespaces/{ns}/endpoints?limit=1")],
  },
  {
    name: "unknown fields that a header cannot hold",
    steps: [
      post(maps, { ...map("one"), "🙂": 1, ä: 2 }),
      post(maps, { ...map("two"), "a\nb": 1, c: 2 }),
      post(maps, {
        ...map("three"),
        ...Object.fromEntries(Array.from({ length: 30 }, (_, i) => ["x".repeat(200 + i), 1])),
      }),
    ],
  },
  { name: "create with a header", steps: [post(maps, whole("one")), post(maps, whole("one"))] },
  {
    name: "create without a name",
    steps: [post(maps, { metadata: {} }), post(maps, {}), post(maps, { metadata: { name: "" } })],
  },
  {
    name: "generateName",
    steps: [
      post(maps, { metadata: { generateName: "made-" } }),
      post(maps, { metadata: { generateName: "Bad_" } }),
      post(maps, { metadata: { name: "given", generateName: "made-" } }),
      post(
        maps,
        { metadata: { generateName: "a".repeat(70) } },
        { only: ["code"], because: "the name is cut and made" },
      ),
    ],
  },
  {
    name: "names",
    steps: ["A", "a_b", "-a", "a.", "a..b", "a".repeat(253), "a".repeat(254), "1", "a/b", "ä"].map((name) =>
      post(maps, map(name)),
    ),
  },
  {
    name: "another kind in the body",
    steps: [
      post(maps, { kind: "Pod", metadata: { name: "one" } }),
      post(maps, { kind: "Nothing", apiVersion: "v1", metadata: { name: "one" } }),
      post(maps, { kind: "ConfigMap", apiVersion: "apps/v1", metadata: { name: "one" } }),
      post(maps, { kind: "ConfigMap", metadata: { name: "one" } }),
      post(maps, { apiVersion: "v1", metadata: { name: "two" } }),
    ],
  },
  {
    name: "bodies that are no objects",
    steps: ["[]", "1", '"a"', "null", "", "{", "{}x"].map((body) =>
      post(maps, body, { only: ["code", "reason"], because: "the message is Go's" }),
    ),
  },
  {
    name: "content types",
    steps: [
      post(maps, map("one"), { type: "text/plain" }),
      post(maps, map("one"), { type: "application/json; charset=utf-8" }),
      post(maps, "x", { type: protobuf, only: ["code"], because: "protobuf is not read here" }),
      put(one, map("one"), { type: "text/plain" }),
      merge(one, map("one"), { type: "text/plain" }),
      merge(one, map("one"), { type: "application/json" }),
    ].filter((step) => step.type !== protobuf),
  },
  {
    name: "accepted forms",
    steps: [
      post(maps, map("one")),
      get(one, { accept: "text/plain" }),
      get(one, { accept: "*/*" }),
      get(one, { accept: "application/*" }),
      get(one, { accept: `${protobuf};q=0.1, application/json` }),
      get(one, { accept: "application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io" }),
      get(maps, { accept: "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io" }),
      get(one, {
        accept: "application/json;as=Table;v=v1beta1;g=meta.k8s.io",
        only: ["code"],
        because: "the old table has the same content",
      }),
      get(one, { accept: "application/json;as=Nothing;v=v1;g=meta.k8s.io" }),
      get(one, { accept: "application/json;as=Nothing;v=v1;g=meta.k8s.io, application/json" }),
    ],
  },
  {
    name: "tables",
    steps: [
      post(maps, map("one")),
      ...["", "?includeObject=Object", "?includeObject=None", "?includeObject=Metadata", "?includeObject=Maybe"].map(
        (query) => get(`${maps}${query}`, { accept: "application/json;as=Table;v=v1;g=meta.k8s.io" }),
      ),
      get(one, { accept: "application/json;as=Table;v=v1;g=meta.k8s.io" }),
      post(maps, map("two"), { accept: "application/json;as=Table;v=v1;g=meta.k8s.io" }),
      get(`${maps}/none`, { accept: "application/json;as=Table;v=v1;g=meta.k8s.io" }),
    ],
  },
  {
    name: "unknown and double fields",
    steps: [
      "",
      "?fieldValidation=Strict",
      "?fieldValidation=Warn",
      "?fieldValidation=Ignore",
      "?fieldValidation=Other",
    ].flatMap((query, i) => [
      post(`${maps}${query}`, `{"metadata":{"name":"m${i}","nope":1},"dat":{},"data":{"a":"1","a":"2"},"x":[{"y":1}]}`),
      put(`${maps}/m${i}${query}`, `{"metadata":{"name":"m${i}"},"dat":{"a":1}}`),
    ]),
  },
  {
    name: "wrong types",
    steps: [
      { data: { a: 1 } },
      { data: { a: true } },
      { data: { a: {} } },
      { data: [] },
      { data: "a" },
      { data: null },
      { immutable: "yes" },
      { metadata: "one" },
      { metadata: { name: 1 } },
      { metadata: { name: "one", labels: { a: 1 } } },
      { metadata: { name: "one", labels: [] } },
      { metadata: { name: "one", finalizers: "a" } },
      { metadata: { name: "one", finalizers: [1] } },
      { metadata: { name: "one", ownerReferences: [{ controller: "yes" }] } },
      { metadata: { name: "one", creationTimestamp: "yesterday" } },
      { binaryData: { a: "!" } },
      { kind: 1 },
    ].map((body) => post(maps, { metadata: { name: "one" }, ...body })),
  },
  {
    name: "metadata that is wrong",
    steps: [
      { labels: { "a b": "c" } },
      { labels: { a: "c d" } },
      { labels: { a: "x".repeat(64) } },
      { labels: { "a/b/c": "d" } },
      { labels: { "/b": "d" } },
      { labels: { "B_/b": "d" } },
      { labels: { "": "d" } },
      { annotations: { "a b": "c" } },
      { annotations: { A: "c", "x.y/Z": "c d e" } },
      { annotations: { a: "x".repeat(262_145) } },
      { finalizers: ["foo"] },
      { finalizers: ["a b"] },
      { finalizers: ["example.com/x", "orphan"] },
      { finalizers: ["orphan", "foregroundDeletion"] },
      { ownerReferences: [{}] },
      { ownerReferences: [{ apiVersion: "v1", kind: "Event", name: "e", uid: "1" }] },
      {
        ownerReferences: [1, 2].map((n) => ({
          apiVersion: "v1",
          kind: "ConfigMap",
          name: `o${n}`,
          uid: `${n}`,
          controller: true,
        })),
      },
      { ownerReferences: [{ apiVersion: "a/b/c", kind: "ConfigMap", name: "o", uid: "1" }] },
      { uid: "given", creationTimestamp: "2020-01-01T00:00:00Z", selfLink: "/x" },
      { deletionTimestamp: "2020-01-01T00:00:00Z", deletionGracePeriodSeconds: 5 },
      { resourceVersion: "1" },
      { resourceVersion: "x" },
      {
        managedFields: [
          { manager: "x", operation: "Apply", apiVersion: "v1", fieldsType: "FieldsV1", fieldsV1: { "f:data": {} } },
        ],
      },
      { managedFields: [{ manager: "x", operation: "Boo" }] },
      { namespace: "elsewhere" },
    ].map((metadata, i) => post(maps, { metadata: { name: `m${i}`, ...metadata } })),
  },
  {
    name: "namespaces that are not there",
    steps: [
      post("/api/v1/namespaces/no-such-one/configmaps", map("one")),
      get("/api/v1/namespaces/no-such-one/configmaps"),
      get("/api/v1/namespaces/no-such-one/configmaps/one"),
      remove("/api/v1/namespaces/no-such-one/configmaps/one"),
      applied("/api/v1/namespaces/no-such-one/configmaps/one?fieldManager=a", whole("one")),
    ],
  },
]
