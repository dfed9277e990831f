import { isRecord } from "../kube/mod.ts"
import { apiVersion } from "./api-version.ts"
import { conditions } from "./conditions.ts"
import { profiles } from "./entry-fields.ts"
import { crds, metadata, notes } from "./format.ts"
import {
  anything,
  byForm,
  flag,
  list,
  mapOf,
  oneOf,
  place,
  rawMap,
  type Shape,
  scalar,
  scalars,
  seenAs,
  text,
  whole,
} from "./shape.ts"
import { topBlocks } from "./top-blocks.ts"

type Fields = Readonly<Record<string, Shape>>

function fixed(value: string): Shape {
  return seenAs(text, { kind: "schema", schema: { const: value } })
}

function file(kind: string, fields: Fields, required: readonly string[] = []): Shape {
  return place(`a ${kind}`, {
    fields: { apiVersion: fixed(apiVersion), kind: fixed(kind), metadata, ...fields },
    required: ["apiVersion", "kind", ...required],
  })
}

/** A text, or a map with more to say. */
function orText(map: Shape): Shape {
  return byForm((value) => (isRecord(value) ? map : text))
}

const auth = place("auth", { fields: { type: oneOf("bearer", "basic", "github"), fromEnv: text } })
const count = whole(0, Number.MAX_SAFE_INTEGER)

const chart: Fields = {
  repo: text,
  chart: text,
  version: scalar,
  valueFiles: list(text),
  values: rawMap,
}

const sources = place("imports of a Komposer", {
  fields: {
    files: list(orText(place("an imported file", { fields: { url: text, auth }, required: ["url"] }))),
    helm: list(place("an imported chart", { fields: { ...chart, path: text, auth }, required: ["repo", "chart"] })),
    registry: list(
      orText(
        place("an imported pattern", {
          fields: {
            url: text,
            oci: flag,
            version: scalar,
            useKomposer: flag,
            auth,
            katalog: mapOf(place("a branch", { fields: { branch: text } })),
          },
          required: ["url"],
        }),
      ),
    ),
  },
})

/** A whole Komposer file in canonical form: Katalogs from several places, and what is different about them here. */
export const komposer: Shape = file("Komposer", {
  ...topBlocks,
  imports: sources,
  profiles,
  notes,
  spec: place("spec of a Komposer", { fields: { crds } }),
})

const operation: Fields = {
  cycle: count,
  verb: oneOf("create", "update", "delete", "patch"),
  resource: text,
  name: text,
  count,
  include: text,
}

const expected: Fields = {
  steady: flag,
  steadyAt: count,
  noErrors: flag,
  ops: list(place("an operation", { fields: operation })),
  absent: list(place("an operation that is absent", { fields: operation })),
}

/** A whole Simulate file: what a Katalog does with a custom resource, without a cluster. */
export const simulate: Shape = file("Simulate", {
  spec: place("spec of a Simulate", {
    fields: {
      katalog: text,
      cr: text,
      cycles: whole(1, 10_000),
      skipExternal: flag,
      target: text,
      crd: text,
      crdFiles: list(text),
      expect: place("expect", {
        fields: { ...expected, crds: mapOf(place("what is expected of a CRD", { fields: expected })) },
      }),
    },
    required: ["katalog", "cr"],
  }),
  imports: list(text),
})

const namespaced: Fields = { name: text, namespace: text }
const object: Fields = { ...namespaced, kind: text }

const said: Fields = {
  equals: scalar,
  notEquals: scalar,
  oneOf: scalars,
  notOneOf: scalars,
  outputContains: scalar,
  outputNotContains: scalar,
  regex: text,
  greaterThan: scalar,
  lessThan: scalar,
  greaterThanOrEqual: scalar,
  lessThanOrEqual: scalar,
  between: scalar,
  notBetween: scalar,
  exists: flag,
  notExists: flag,
  exitCode: count,
}

const elector = place("leaderElection", { fields: { lease: text, namespace: text } })
const query: Fields = { jq: text, yq: text }

/** One step, or a list of steps. */
function steps(noun: string, fields: Fields): Shape {
  const one = place(noun, { fields })
  const many = list(one)
  return byForm((value) => (Array.isArray(value) ? many : one))
}

const kubectl = place("kubectl", {
  fields: {
    apply: steps("kubectl apply", { file: text, inline: anything, namespace: text, ...said }),
    patch: steps("kubectl patch", { ...object, type: oneOf("merge", "strategic", "json"), patch: anything, ...said }),
    restart: steps("kubectl restart", { ...object, ready: flag, ...said }),
    scale: steps("kubectl scale", { ...object, replicas: count, ready: flag, ...said }),
    delete: steps("kubectl delete", { file: text, ...object, ignoreNotFound: flag, ...said }),
    get: steps("kubectl get", { ...object, field: text, format: oneOf("json", "yaml"), ...query, ...said }),
    logs: steps("kubectl logs", {
      ...namespaced,
      labelSelector: text,
      leaderElection: elector,
      container: text,
      since: text,
      ...query,
      ...said,
    }),
    describe: steps("kubectl describe", { ...object, ...said }),
    exec: steps("kubectl exec", { ...namespaced, container: text, command: scalars, ...said }),
    "port-forward": steps("kubectl port-forward", {
      service: text,
      pod: text,
      leaderElection: elector,
      namespace: text,
      port: count,
      path: text,
      method: text,
      headers: rawMap,
      body: scalar,
      wait: text,
      ...query,
      ...said,
    }),
    events: steps("kubectl events", { ...object, ...said }),
    auth: steps("kubectl auth", { verb: text, resource: text, namespace: text, as: text, ...said }),
    cp: steps("kubectl cp", { ...namespaced, src: text, container: text, ...said }),
    top: steps("kubectl top", { ...object, ...said }),
  },
})

const onFailure = place("onFailure", { fields: { kubectl, commands: list(text) } })

const checkpoint = place("a checkpoint", {
  fields: {
    include: text,
    name: text,
    after: oneOf("cr-applied", "cr-deleted"),
    timeout: text,
    wait: text,
    when: conditions,
    or: conditions,
    resources: list(place("an expected resource", { fields: { ...object, ready: flag, count }, required: ["kind"] })),
    commands: list(place("a command", { fields: { run: text, ...said }, required: ["run"] })),
    kubectl,
    onFailure,
  },
})

const release: Fields = { ...chart, release: text, namespace: text, createNamespace: flag }

const setup = byForm((value) => (isRecord(value) ? fullSetup : scalars))
const fullSetup = place("setup of an E2E", {
  fields: {
    apply: scalars,
    helm: list(place("a chart to install", { fields: release, required: ["repo", "chart"] })),
    wait: list(place("what is waited for", { fields: { ...object, ready: flag, timeout: text }, required: ["kind"] })),
  },
})

/** A whole E2E file: what a Katalog does in a cluster. */
export const e2e: Shape = file("E2E", {
  spec: place("spec of an E2E", {
    fields: {
      katalog: text,
      custom: place("custom", { fields: { target: oneOf("kubernetes", "container") } }),
      crd: text,
      crdFiles: list(text),
      cr: text,
      crFiles: list(text),
      cluster: place("cluster", { fields: { provider: oneOf("kind", "existing"), name: text, reuse: flag } }),
      setup,
      notes,
      expect: list(checkpoint),
      onFailure,
    },
  }),
  imports: list(orText(place("an imported test", { fields: { path: text, freshCluster: flag }, required: ["path"] }))),
})

/** One line for each field of these files. */
export const fileTexts: Readonly<Record<string, string>> = {
  "a Komposer.imports": "Where its Katalogs come from.",
  "a Komposer.spec": "What is different here.",
  "spec of a Komposer.crds": "By name: what is different of an imported operator; only the named fields change.",
  files: "Katalogs as files: paths or addresses.",
  helm: "Katalogs in charts.",
  registry: "Katalogs of a registry.",
  "an imported chart.repo": "The repository of the chart.",
  repo: "The repository of the chart.",
  chart: "Its name.",
  valueFiles: "Files of values, in order.",
  values: "Values, applied last.",
  url: "A path, an address, or an environment variable such as $KATALOG.",
  auth: "How it signs in.",
  "auth.type": "bearer, basic or github.",
  fromEnv: "The environment variable with the token or password.",
  oci: "True: it is an OCI artifact.",
  version: "The version.",
  useKomposer: "True: the Komposer of the artifact, not its Katalog.",
  katalog: "The Katalog, or Komposer, that is meant.",
  branch: "The branch; main without it.",

  "a Simulate.spec": "What is simulated.",
  "a Simulate.imports": "Other Simulate files, run one after the other.",
  "a E2E.spec": "What is tested.",
  "a E2E.imports": "Other E2E files, run afterwards.",
  cr: "The custom resource, as a file.",
  cycles: "How many passes; 10 without it.",
  skipExternal: "True: each call answers with nothing.",
  "spec of a Simulate.target": "The target of serve whose operatorBox is used.",
  crd: "The CRD, as a file.",
  crdFiles: "CRDs, as files.",
  expect: "What must hold.",
  steady: "True: the last passes do the same.",
  steadyAt: "The pass from which on they do.",
  noErrors: "True: no pass fails.",
  ops: "What must happen.",
  absent: "What must not happen.",
  "expect.crds": "The same for single CRDs.",
  cycle: "In which pass.",
  verb: "What is done.",
  resource: "The resource, in plural.",
  count: "How often, or how many.",

  custom: "Somebody else's operator.",
  "custom.target": "Where that runs.",
  cluster: "The cluster that is used.",
  provider: "kind: a new one; existing: the current one.",
  "cluster.name": "Its name.",
  reuse: "True: it stays afterwards.",
  "spec of an E2E.setup": "What must be there first.",
  apply: "What is applied.",
  release: "The name of the release.",
  createNamespace: "True: its namespace is made.",
  wait: "What is waited for.",
  onFailure: "What is printed when something does not hold.",
  commands: "Commands of the shell.",
  kubectl: "What is done and asked with kubectl, always in this order.",
  "a checkpoint.after": "After the custom resource is there, or gone.",
  "a checkpoint.name": "What the checkpoint is called.",
  timeout: "How long it may take.",
  "a checkpoint.resources": "Objects that must be there.",
  run: "The command.",
  ready: "True: it must be ready.",
  freshCluster: "True: in a cluster of its own.",
  exitCode: "How the command ends.",
  oneOf: "The output is one of these.",
  notOneOf: "The output is none of these.",
  outputContains: "The output holds this.",
  outputNotContains: "The output does not hold this.",
  patch: "A change of an object.",
  restart: "Pods are made anew.",
  scale: "The number of Pods is changed.",
  delete: "Something is deleted.",
  get: "A field of an object is read.",
  logs: "The output of a container.",
  describe: "What kubectl describe says.",
  exec: "A command in a container.",
  "port-forward": "A request to a Service or Pod.",
  events: "Events of an object.",
  cp: "A file of a container.",
  top: "What Pods use.",
  file: "A file.",
  inline: "The object itself.",
  ignoreNotFound: "True: it may be gone already.",
  "kubectl get.field": "A JSONPath.",
  format: "What jq or yq reads.",
  jq: "A filter of jq.",
  yq: "A filter of yq.",
  labelSelector: "Labels of the Pods.",
  leaderElection: "The Pod that holds a Lease.",
  lease: "The Lease's name.",
  container: "The container's name.",
  since: "How far back.",
  service: "The Service's name.",
  pod: "The Pod's name.",
  method: "The method of the request.",
  headers: "Headers of the request.",
  body: "The body of the request.",
  as: "On behalf of whom.",
  src: "The path in the container.",
}
