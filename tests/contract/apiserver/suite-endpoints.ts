import { get, type Interaction, merge, post, put, remove, strategic } from "./interaction.ts"
import { account, core, pod, pods, said } from "./pods.ts"

const plain = pod("p", { automountServiceAccountToken: false })
const eviction = (name: string, more: object = {}) => ({
  ...{ apiVersion: "policy/v1", kind: "Eviction", metadata: { name } },
  ...more,
})
const bindings = `${pods}/p/binding`
const to = (kind: string, name: string) => ({ target: { kind, name } })
const p = { metadata: { name: "p" } }
const ephemeral = (container: object) => ({ spec: { ephemeralContainers: [container] } })
const resized = (container: object) => ({ spec: { containers: [{ name: "a", ...container }] } })
const requests = (of: object) => ({ resources: { requests: of } })
const tokens = `${core}/serviceaccounts/default/token`
const withoutToken = { ignore: "token" }
const noNode = { only: ["code", "reason", "message"] as const, because: "what a node would answer is not there" }

/** What is below Pods, Services, Nodes and ServiceAccounts. */
export const endpointSuite: readonly Interaction[] = [
  {
    name: "what needs a node",
    steps: [
      account,
      ...["exec?command=a", "attach", "portforward"].map((end) => post(`${pods}/none/${end}`, undefined, noNode)),
      get(`${pods}/none/log`, noNode),
      post(pods, plain, said),
      ...["exec?command=a", "attach", "portforward", "exec", "exec?command=a&container=zz"].map((end) =>
        post(`${pods}/p/${end}`, undefined, noNode),
      ),
      ...["", "?container=zz", "?tailLines=-1", "?sinceSeconds=0", "?limitBytes=0"].map((query) =>
        get(`${pods}/p/log${query}`, said),
      ),
      get(`${pods}/p/proxy`, noNode),
      get(`${pods}/none/proxy`, noNode),
      get(`${core}/services/none/proxy`, noNode),
      get("/api/v1/nodes/none/proxy/", noNode),
      get("/api/v1/nodes/none/proxy/metrics", noNode),
    ],
  },
  {
    name: "evictions",
    steps: [
      account,
      post(pods, plain, said),
      post(`${pods}/p/eviction`, eviction("q"), said),
      post(`${pods}/none/eviction`, eviction("none"), said),
      post(`${pods}/p/eviction?dryRun=All`, eviction("p")),
      post(`${pods}/p/eviction`, eviction("p", { deleteOptions: { preconditions: { uid: "x" } } }), said),
      post(`${pods}/p/eviction`, p, said),
      post(`${pods}/p/eviction`, eviction("p"), said),
      get(`${pods}/p`, said),
    ],
  },
  {
    name: "bindings of Pods",
    steps: [
      account,
      post(pods, plain, said),
      post(bindings, to("Node", ""), said),
      post(bindings, { metadata: { name: "q" }, ...to("Node", "n") }, said),
      post(`${pods}/none/binding`, { metadata: { name: "none" }, ...to("Node", "n") }, said),
      post(bindings, { ...p, ...to("Odd", "n") }, said),
      post(`${bindings}?dryRun=All`, { ...p, ...to("Node", "n") }, said),
      post(bindings, { metadata: { name: "p", annotations: { a: "b" } }, ...to("Node", "n") }),
      get(`${pods}/p`),
      post(bindings, { ...p, ...to("Node", "m") }, said),
      post(`${core}/bindings`, { ...p, ...to("Node", "m") }, said),
      remove(`${pods}/p`),
      post(bindings, { ...p, ...to("Node", "n") }, said),
    ],
  },
  {
    name: "containers that come in later",
    steps: [
      account,
      post(pods, plain, said),
      strategic(`${pods}/p/ephemeralcontainers`, ephemeral({ name: "d", image: "d" })),
      merge(`${pods}/p`, ephemeral({ name: "e", image: "d" }), said),
      strategic(`${pods}/p/ephemeralcontainers`, ephemeral({ name: "d", image: "e" }), said),
      strategic(`${pods}/p/ephemeralcontainers`, ephemeral({ name: "a", image: "e" }), said),
      strategic(
        `${pods}/p/ephemeralcontainers`,
        ephemeral({ name: "f", image: "e", ports: [{ containerPort: 1 }] }),
        said,
      ),
      strategic(`${pods}/p/ephemeralcontainers`, { metadata: { labels: { z: "y" } } }),
      get(`${pods}/p/ephemeralcontainers`),
      put(`${pods}/p/ephemeralcontainers`, plain, said),
    ],
  },
  {
    name: "Pods that grow",
    steps: [
      account,
      post(pods, pod("p", { automountServiceAccountToken: false }, requests({ cpu: "1" })), said),
      strategic(`${pods}/p/resize`, resized(requests({ cpu: "2" }))),
      strategic(`${pods}/p/resize`, resized({ image: "c" }), said),
      strategic(`${pods}/p/resize`, resized(requests({ "ephemeral-storage": "2" })), said),
      merge(`${pods}/p`, resized({ image: "a:1", ...requests({ cpu: "3" }) }), said),
      strategic(`${pods}/p/resize`, resized(requests({ cpu: "-1" })), said),
      strategic(`${pods}/p/resize`, resized(requests({ cpu: null, memory: "1Gi" })), said),
      get(`${pods}/p/resize`),
    ],
  },
  {
    name: "tokens of accounts",
    steps: [
      account,
      post(
        `${tokens}?dryRun=All`,
        { spec: { expirationSeconds: 700, audiences: ["https://kubernetes.default.svc"] } },
        withoutToken,
      ),
      post(
        tokens,
        { apiVersion: "authentication.k8s.io/v1", kind: "TokenRequest", metadata: {}, spec: { audiences: ["x"] } },
        withoutToken,
      ),
      post(`${core}/serviceaccounts/none/token`, { spec: {} }, said),
      post(tokens, { spec: { expirationSeconds: 1 } }, said),
      get(tokens, said),
    ],
  },
]
