import { isRecord, type KubeObject, semanticEqual } from "../kube/mod.ts"
import { updatePodAt } from "./builtin-pod-endpoints.ts"
import { completePod, createPod } from "./builtin-pods.ts"
import { createService, isTakenMeanwhile, updateService } from "./builtin-services.ts"
import { fill } from "./builtin-types.ts"
import { type Fields, headerOf, listAt, mapAt, specOf, textAt, withMeta } from "./fields.ts"
import type { RequestContext } from "./resource.ts"

/** What one kind does beyond defaults by type. */
export interface KindRules {
  readonly complete?: (object: KubeObject) => KubeObject
  readonly create?: (object: KubeObject, context: RequestContext) => KubeObject
  readonly update?: (object: KubeObject, old: KubeObject, context: RequestContext) => KubeObject
  readonly isTaken?: (object: KubeObject, context: RequestContext) => boolean
}

const rules: Readonly<Record<string, KindRules>> = {
  "v1/Namespace": { complete: namedLabel, create: namespaceSpec, update: keepFinalizers },
  "v1/Node": { complete: withRanges, create: nodeTaint },
  "v1/Pod": {
    complete: completePod,
    create: createPod,
    update: (pod, old, { subresource }) => updatePodAt(pod, old, subresource),
  },
  "v1/PersistentVolume": { create: protectVolume },
  "v1/PersistentVolumeClaim": {
    create: (claim) => withFinalizer(withSources(claim, undefined), "kubernetes.io/pvc-protection"),
    update: withSources,
  },
  "v1/ReplicationController": { complete: templateLabels },
  "v1/Secret": { complete: secretData },
  "v1/ServiceAccount": { create: onlyNames, update: onlyNames },
  "v1/Service": { create: createService, update: updateService, isTaken: isTakenMeanwhile },
  "apps/v1/DaemonSet": { complete: unborn, create: templateGeneration, update: templateGenerationOf },
  "coordination.k8s.io/v1/Lease": { create: withoutStrategy, update: withoutStrategy },
  "rbac.authorization.k8s.io/v1/ClusterRoleBinding": { complete: withRoleRef },
  "rbac.authorization.k8s.io/v1/RoleBinding": { complete: withRoleRef },
  "batch/v1/Job": { complete: completeJob, create: labelJob },
  "storage.k8s.io/v1/VolumeAttributesClass": { create: (one) => withFinalizer(one, "kubernetes.io/vac-protection") },
  "certificates.k8s.io/v1/CertificateSigningRequest": {
    create: requester,
    update: (csr, old) => ({ ...csr, spec: old["spec"] }),
  },
}

/** The rules of one kind. */
export function kindRulesOf(apiVersion: string, kind: string): KindRules {
  return rules[`${apiVersion}/${kind}`] ?? {}
}

const templateAnnotation = "deprecated.daemonset.template.generation"

function unborn(set: KubeObject): KubeObject {
  const { annotations } = set.metadata
  return withMeta(set, { annotations: { [templateAnnotation]: "0", ...annotations } })
}

function templateGeneration(set: KubeObject): KubeObject {
  return withMeta(set, { annotations: { ...set.metadata.annotations, [templateAnnotation]: "1" } })
}

function templateGenerationOf(set: KubeObject, old: KubeObject): KubeObject {
  const before = Number(old.metadata.annotations?.[templateAnnotation] ?? "0")
  const isSame = semanticEqual(specOf(set)["template"], specOf(old)["template"])
  const generation = String(isSame ? before : before + 1)
  return withMeta(set, { annotations: { ...set.metadata.annotations, [templateAnnotation]: generation } })
}

// Without one it is an empty one, which has a group all the same.
function withRoleRef(binding: KubeObject): KubeObject {
  return binding["roleRef"] === undefined ? { ...binding, roleRef: { apiGroup: "rbac.authorization.k8s.io" } } : binding
}

function namedLabel(namespace: KubeObject): KubeObject {
  const { name = "", labels = {} } = namespace.metadata
  if (name === "" || labels["kubernetes.io/metadata.name"] === name) return namespace
  return withMeta(namespace, { labels: { ...labels, "kubernetes.io/metadata.name": name } })
}

function namespaceSpec(namespace: KubeObject): KubeObject {
  const finalizers = specOf(namespace)["finalizers"]
  const own = Array.isArray(finalizers) ? finalizers : []
  return { ...namespace, spec: { finalizers: own.includes("kubernetes") ? own : [...own, "kubernetes"] } }
}

function keepFinalizers(namespace: KubeObject, old: KubeObject, { subresource }: RequestContext): KubeObject {
  return subresource === "finalize" ? namespace : { ...namespace, spec: old["spec"] ?? {} }
}

function withRanges(node: KubeObject): KubeObject {
  const range = textAt(specOf(node), "podCIDR")
  return range === "" ? node : { ...node, spec: fill(specOf(node), { podCIDRs: [range] }) }
}

function nodeTaint(node: KubeObject): KubeObject {
  const spec = specOf(node)
  const taint = { key: "node.kubernetes.io/not-ready", effect: "NoSchedule" }
  return { ...node, spec: { ...spec, taints: [...listAt(spec, "taints"), taint] } }
}

function withFinalizer(object: KubeObject, name: string): KubeObject {
  const { finalizers = [] } = object.metadata
  return finalizers.includes(name) ? object : withMeta(object, { finalizers: [...finalizers, name] })
}

// What is a Secret here is in no other namespace.
function onlyNames(account: KubeObject): KubeObject {
  if (!Array.isArray(account["secrets"])) return account
  const secrets = listAt(account, "secrets").map(({ name }) => (name === undefined ? {} : { name }))
  return { ...account, secrets }
}

// Who leads is not chosen by the server here, nor by a real one unless it is told to.
function withoutStrategy(lease: KubeObject): KubeObject {
  const { strategy: _, preferredHolder: __, ...spec } = specOf(lease)
  return { ...lease, spec }
}

// The older and the newer way to name a source of data say the same; the older one knows only two kinds.
function withSources(claim: KubeObject, old: KubeObject | undefined): KubeObject {
  const { dataSource, dataSourceRef: given, ...rest } = specOf(claim)
  const before = old === undefined ? {} : specOf(old)
  const isKept = before["dataSource"] !== undefined || before["dataSourceRef"] !== undefined
  // A source in another namespace is for clusters that were told so.
  const isAcross = isRecord(given) && given["namespace"] !== undefined && !isKept
  const dataSourceRef = isAcross ? undefined : given
  const spec: Fields = {
    ...rest,
    ...(dataSource === undefined ? {} : { dataSource }),
    ...(dataSourceRef === undefined ? {} : { dataSourceRef }),
  }
  if (dataSource === undefined && isAcross) return { ...claim, spec }
  if (isRecord(dataSource) && dataSourceRef === undefined) {
    const [apiGroup, kind] = [textAt(dataSource, "apiGroup"), textAt(dataSource, "kind")]
    const isKnown =
      (kind === "PersistentVolumeClaim" && apiGroup === "") ||
      (kind === "VolumeSnapshot" && apiGroup === "snapshot.storage.k8s.io")
    if (!isKept && !isKnown) return { ...claim, spec: rest }
    return { ...claim, spec: { ...spec, dataSourceRef: dataSource } }
  }
  if (!isRecord(dataSourceRef) || dataSource !== undefined || textAt(dataSourceRef, "namespace") !== "") return claim
  const { namespace: _, ...source } = dataSourceRef
  return { ...claim, spec: { ...spec, dataSource: source } }
}

function protectVolume(volume: KubeObject, { now }: RequestContext): KubeObject {
  const status = { phase: "Pending", lastPhaseTransitionTime: now }
  return { ...withFinalizer(volume, "kubernetes.io/pv-protection"), status }
}

function templateLabels(controller: KubeObject): KubeObject {
  const labels = mapAt(controller, "spec", "template", "metadata")["labels"]
  const { labels: own = {} } = controller.metadata
  if (Object.keys(own).length > 0 || !isTexts(labels)) return controller
  return withMeta(controller, { labels })
}

function isTexts(value: unknown): value is Readonly<Record<string, string>> {
  return isRecord(value) && Object.values(value).every((text) => typeof text === "string")
}

// What was written as text is kept as data; the text itself is never stored.
function secretData(secret: KubeObject): KubeObject {
  const { stringData, ...rest } = secret
  if (!isRecord(stringData)) return secret
  const encoded = Object.entries(stringData).map(([key, text]) => [key, Buffer.from(String(text)).toString("base64")])
  return { ...rest, ...headerOf(secret), data: { ...mapAt(secret, "data"), ...Object.fromEntries(encoded) } }
}

function completeJob(job: KubeObject): KubeObject {
  const spec = specOf(job)
  const isOne = spec["completions"] === undefined && spec["parallelism"] === undefined
  const filled = fill(spec, {
    ...(isOne ? { completions: 1 } : {}),
    parallelism: 1,
    backoffLimit: spec["backoffLimitPerIndex"] === undefined ? 6 : 2_147_483_647,
    completionMode: "NonIndexed",
    manualSelector: false,
    suspend: false,
    podReplacementPolicy: spec["podFailurePolicy"] === undefined ? "TerminatingOrFailed" : "Failed",
  })
  const withLabels = templateLabels({ ...job, spec: filled })
  const policy = mapAt(filled, "podFailurePolicy")
  if (!Array.isArray(policy["rules"])) return withLabels
  const patterns = listAt(policy, "rules").map((rule) =>
    Array.isArray(rule["onPodConditions"])
      ? { ...rule, onPodConditions: listAt(rule, "onPodConditions").map((one) => fill(one, { status: "True" })) }
      : rule,
  )
  return { ...withLabels, spec: { ...filled, podFailurePolicy: { ...policy, rules: patterns } } }
}

// A Job finds its Pods by its own uid, unless it says how itself.
function labelJob(job: KubeObject): KubeObject {
  const spec = specOf(job)
  if (spec["manualSelector"] === true) return job
  const { uid = "", name = "" } = job.metadata
  const labels = {
    "batch.kubernetes.io/controller-uid": uid,
    "batch.kubernetes.io/job-name": name,
    "controller-uid": uid,
    "job-name": name,
  }
  const template = mapAt(spec, "template")
  const metadata = mapAt(template, "metadata")
  const matchLabels = { ...mapAt(spec, "selector", "matchLabels"), "batch.kubernetes.io/controller-uid": uid }
  const selector = { ...mapAt(spec, "selector"), matchLabels }
  const labelled = { ...template, metadata: { ...metadata, labels: { ...mapAt(metadata, "labels"), ...labels } } }
  // Labels that came from the template are one with them.
  const { labels: had = {} } = job.metadata
  const own = Object.keys(had).length === 0 || semanticEqual(had, metadata["labels"])
  const shown = own ? withMeta(job, { labels: { ...labelsOf(labelled), ...labels } }) : job
  return { ...shown, spec: { ...spec, selector, template: labelled } }
}

function labelsOf(template: Fields): Readonly<Record<string, string>> {
  const labels = mapAt(template, "metadata")["labels"]
  return isTexts(labels) ? labels : {}
}

function requester(csr: KubeObject, { user }: RequestContext): KubeObject {
  return { ...csr, spec: { ...specOf(csr), username: user.name, groups: [...user.groups] } }
}
