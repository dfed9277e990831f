import { get, type Interaction, merge, post, put, remove, watch } from "./interaction.ts"

const maps = "/api/v1/namespaces/{ns}/configmaps"
const map = (name: string, more: object = {}) => ({ metadata: { name }, data: { a: "1" }, ...more })
const _whole = (name: string, data: object = { a: "1" }, metadata: object = {}) => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name, ...metadata },
  data,
})
const one = `${maps}/one`
const _protobuf = "application/vnd.kubernetes.protobuf"

/** Lists, watches and addresses. */
export const readSuite: readonly Interaction[] = [
  {
    name: "selectors",
    steps: [
      ...["red", "green", "blue"].map((color, i) =>
        post(maps, map(color, { metadata: { name: color, labels: { color, [`n${i}`]: "" } } })),
      ),
      ...[
        "labelSelector=color%3Dred",
        "labelSelector=color%3D%3Dred",
        "labelSelector=color!%3Dred,color",
        "labelSelector=color+in+(red,blue)",
        "labelSelector=color+notin+(red,blue),color",
        "labelSelector=n0",
        "labelSelector=!n0,color",
        "labelSelector=color%3Dred,n0%3D",
        "fieldSelector=metadata.name%3Dred",
        "fieldSelector=metadata.name%3D%3Dred",
        "fieldSelector=metadata.name!%3Dred,metadata.name!%3Dkube-root-ca.crt",
        "fieldSelector=metadata.namespace%3Dnone",
        "labelSelector=color&fieldSelector=metadata.name%3Dblue",
      ].map((query) => get(`${maps}?${query}`)),
      ...[
        "labelSelector=color%3D%3D%3Dred",
        "labelSelector=color+in+red",
        "labelSelector=%3D",
        "labelSelector=a%3Db%3Dc",
        "labelSelector=color+in+(",
        "labelSelector=a/b/c",
        "labelSelector=a%3Db+c",
        "labelSelector=a,",
        "labelSelector=!",
      ].map((query) => get(`${maps}?${query}`, { only: ["code", "reason"], because: "the message is Go's lexer" })),
      ...["fieldSelector=data%3Da", "fieldSelector=abc", "fieldSelector=metadata.labels.a%3Db"].map((query) =>
        get(`${maps}?${query}`),
      ),
    ],
  },
  {
    name: "pages",
    steps: [
      ...["a", "b", "c", "d"].map((name) => post(maps, map(name, { metadata: { name, labels: { x: "y" } } }))),
      get(`${maps}?labelSelector=x&limit=2`),
      remove(`${maps}/c`),
      post(maps, map("e", { metadata: { name: "e", labels: { x: "y" } } })),
      get(`${maps}?labelSelector=x&limit=1&continue={4.metadata.continue}`),
      get(`${maps}?labelSelector=x&limit=10&continue={7.metadata.continue}`),

      get(`${maps}?limit=x`),
      get(`${maps}?limit=-1&labelSelector=x`),
      get(`${maps}?continue=abc`, { only: ["code", "reason"], because: "the message is Go's decoder" }),
      get(`${maps}?continue={4.metadata.continue}&resourceVersion=5`, { only: ["code", "reason"], because: "for now" }),
    ],
  },
  {
    name: "versions of lists",
    steps: [
      post(maps, map("one", { metadata: { name: "one", labels: { x: "y" } } })),
      ...[
        "resourceVersion=x",
        "resourceVersion=0&resourceVersionMatch=Exact",
        "resourceVersionMatch=Exact",
        "resourceVersion={0.metadata.resourceVersion}&resourceVersionMatch=NotOlderThan",
        "resourceVersion=1&resourceVersionMatch=Boo",
        "resourceVersion={0.metadata.resourceVersion}&resourceVersionMatch=Exact",
        "resourceVersion=0&resourceVersionMatch=NotOlderThan",
        "sendInitialEvents=true",
      ].map((query) => get(`${maps}?labelSelector=x&${query}`)),
      get(`${one}?resourceVersion=0`),
      get(`${one}?resourceVersion=x`),
    ],
  },
  {
    name: "addresses",
    steps: [
      get("/foo"),
      get("/apis/nobody.example/v1/x"),
      get("/apis/apps/v1/nothing"),
      get("/api/v1/nothing"),
      get("/apis/apps/v9/deployments"),
      get("/api/v1/nothing/x/y/z"),
      get("/apis/nobody.example"),
      get("/api/v2"),
      get("/apis/apps/v9"),
      put(maps, {}),
      post("/api/v1/configmaps", map("one")),
      get("/api/v1/configmaps/one"),
      remove("/api/v1/configmaps"),
      get("/api/v1/namespaces/{ns}/nodes"),
      get("/api/v1/nodes/a/b/c"),
      post(one, map("one")),
      get(`${one}/status`),
      get(`${one}/scale`),
      get(`${one}/a/b`),
      { method: "OPTIONS", path: one },
      merge(maps, {}),
      get("/metrics-not-here"),
    ],
  },
  {
    name: "watches",
    steps: [
      post(maps, map("one", { metadata: { name: "one", labels: { x: "y" } } })),
      merge(one, { data: { b: "1" } }),
      watch(`${maps}?labelSelector=x`),
      watch(`${maps}?resourceVersion={0.metadata.resourceVersion}&labelSelector=x`),
      merge(one, { metadata: { labels: { x: "z" } } }),
      remove(one),
      watch(`${maps}?resourceVersion={0.metadata.resourceVersion}&labelSelector=x%3Dy`),
      watch(`${maps}?resourceVersion={0.metadata.resourceVersion}&fieldSelector=metadata.name%3Done`),
      watch(`${maps}?resourceVersion={0.metadata.resourceVersion}&labelSelector=x%3Dz`),
      watch(`${maps}?resourceVersion=x`),
      watch(`${maps}?resourceVersionMatch=Exact`),
      watch(`${maps}?sendInitialEvents=true`),
      watch(`${maps}?sendInitialEvents=true&resourceVersionMatch=Exact`),
      watch(`${maps}?sendInitialEvents=true&resourceVersionMatch=NotOlderThan&labelSelector=x`),
      watch(`${maps}?sendInitialEvents=false&resourceVersionMatch=NotOlderThan&labelSelector=x`),
    ],
  },
  {
    name: "watches of one name and in other forms",
    steps: [
      post(maps, map("one")),
      post(maps, map("two")),
      watch(`${maps}/one`),
      get("/api/v1/watch/namespaces/{ns}/configmaps/one?timeoutSeconds=1", { isWatch: true }),
      watch(`${maps}?resourceVersion={0.metadata.resourceVersion}&fieldSelector=metadata.name%3Dtwo`, {
        accept: "application/json;as=Table;v=v1;g=meta.k8s.io",
      }),
      watch(`${maps}?resourceVersion=0&fieldSelector=metadata.name!%3Dkube-root-ca.crt`, {
        accept: "application/json;as=Table;v=v1;g=meta.k8s.io",
      }),
      watch(`${maps}?fieldSelector=metadata.name%3Dtwo`, {
        accept: "application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io",
      }),
    ],
  },
]
