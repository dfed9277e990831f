import { isRecord, type KubeObject, type StatusCause } from "../../kube/mod.ts"
import type { Api } from "../api.ts"
import { type Fields, listAt, mapAt, specOf, textAt } from "../fields.ts"
import { gvrs, prefixOf } from "../gvrs.ts"
import { invalidValue } from "../names.ts"
import type { AdmissionCall } from "../ports.ts"
import { invalid } from "../refusal.ts"
import { type Plugin, refused } from "./plugin.ts"
import { type Level, levels, type Violation, violationsOf } from "./pod-security-checks.ts"

/** A level as it was in some minor version of Kubernetes; Infinity is the latest. */
interface Rule {
  readonly level: Level
  readonly minor: number
}

interface Policy {
  readonly enforce: Rule
  readonly warn: Rule
  readonly causes: readonly StatusCause[]
}

const prefix = "pod-security.kubernetes.io/"
const spaces = prefixOf(gvrs.namespaces)
const pods = prefixOf(gvrs.pods)
const judgedMax = 3_000

/** Where kinds that make Pods have their template. */
const templates: Readonly<Record<string, readonly string[]>> = {
  "apps/daemonsets": ["spec", "template"],
  "apps/deployments": ["spec", "template"],
  "apps/replicasets": ["spec", "template"],
  "apps/statefulsets": ["spec", "template"],
  "batch/cronjobs": ["spec", "jobTemplate", "spec", "template"],
  "batch/jobs": ["spec", "template"],
  podtemplates: ["template"],
  replicationcontrollers: ["spec", "template"],
}

/** Subresources of Pods that say nothing about what runs. */
const harmless = new Set(["attach", "binding", "eviction", "exec", "log", "portforward", "proxy", "status"])

/** Pod security: namespaces say by labels how careful their Pods must be. */
export const podSecurity: Plugin = {
  prefixes: [spaces, pods, ...Object.keys(templates)],
  validate: (call, api) => {
    const { resource, context, object } = call
    if (object === undefined) return
    if (resource.prefix === spaces) return judgeNamespace(call, object, api)
    if (resource.prefix === pods ? harmless.has(context.subresource) : context.subresource !== "") return
    const home = api.get(gvrs.namespaces, { namespace: "", name: call.namespace })
    const labels = home?.metadata.labels ?? {}
    if (!Object.keys(labels).some((label) => label.startsWith(prefix))) return
    if (resource.prefix === pods) judgePod(call, object, policyOf(labels))
    else warnOfTemplate(call, mapAt(object, ...(templates[resource.prefix] ?? [])), policyOf(labels))
  },
}

const privileged: Rule = { level: "privileged", minor: Infinity }

/** What the labels of a namespace ask for, and what is wrong with them. */
function policyOf(labels: Readonly<Record<string, string>>): Policy {
  const causes: StatusCause[] = []
  const wrong = (label: string, value: string, why: string) =>
    void causes.push(invalidValue(`metadata.labels[${label}]`, value, why))
  const ruleOf = (mode: string): Rule | undefined => {
    const [level, version] = [labels[`${prefix}${mode}`], labels[`${prefix}${mode}-version`]]
    const known = levels.find((one) => one === level)
    if (level !== undefined && known === undefined) {
      wrong(`${prefix}${mode}`, level, "must be one of privileged, baseline, restricted")
    }
    const numbered = /^v1\.(0|[1-9]\d*)$/.exec(version ?? "")
    if (version !== undefined && version !== "latest" && numbered === null) {
      wrong(`${prefix}${mode}-version`, version, 'must be "latest" or "v1.x"')
    }
    const minor = numbered === null ? Infinity : Number(numbered[1])
    return level === undefined && version === undefined ? undefined : { level: known ?? "privileged", minor }
  }
  const enforce = ruleOf("enforce") ?? privileged
  ruleOf("audit")
  const own = ruleOf("warn")
  const isNamed = labels[`${prefix}warn`] !== undefined
  const isVersioned = labels[`${prefix}warn-version`] !== undefined
  // Who enforces is warned as well, where only Pods are refused.
  const inherited = { level: enforce.level, minor: isVersioned ? (own?.minor ?? Infinity) : enforce.minor }
  return { enforce, warn: isNamed ? (own ?? privileged) : inherited, causes }
}

function ruleText({ level, minor }: Rule): string {
  return `${level}:${minor === Infinity ? "latest" : `v1.${minor}`}`
}

function detailsOf(violations: readonly Violation[]): string {
  return violations.map(({ reason, detail }) => `${reason} (${detail})`).join(", ")
}

function judgePod(call: AdmissionCall, pod: KubeObject, { enforce, warn }: Policy): void {
  if (call.old !== undefined && !isOtherPod(pod, call.old)) return
  const found = violationsOf(specOf(pod), pod.metadata.annotations ?? {}, enforce)
  if (found.length > 0) throw refused(call, `violates PodSecurity "${ruleText(enforce)}": ${detailsOf(found)}`)
  warnOf(call, violationsOf(specOf(pod), pod.metadata.annotations ?? {}, warn), warn)
}

function warnOfTemplate(call: AdmissionCall, template: Fields, { warn }: Policy): void {
  const annotations = mapAt(template, "metadata", "annotations")
  if (isRecord(template["spec"])) warnOf(call, violationsOf(template["spec"], annotations, warn), warn)
}

function warnOf(call: AdmissionCall, found: readonly Violation[], rule: Rule): void {
  if (found.length > 0) call.warn(`would violate PodSecurity "${ruleText(rule)}": ${detailsOf(found)}`)
}

// Of what may change in a Pod, only images and new containers matter.
function isOtherPod(pod: KubeObject, old: KubeObject): boolean {
  const images = (one: KubeObject) =>
    ["containers", "initContainers", "ephemeralContainers"].map((key) =>
      listAt(specOf(one), key)
        .map((container) => `${textAt(container, "name")} ${textAt(container, "image")}`)
        .sort()
        .join("\n"),
    )
  return images(pod).join("\n\n") !== images(old).join("\n\n")
}

function judgeNamespace(call: AdmissionCall, namespace: KubeObject, api: Api): void {
  if (call.context.subresource !== "" || call.operation === "DELETE") return
  const { name = "", labels = {} } = namespace.metadata
  const policy = policyOf(labels)
  const before = call.old && policyOf(call.old.metadata.labels ?? {})
  const isNews = before === undefined || JSON.stringify(policy.causes) !== JSON.stringify(before.causes)
  if (policy.causes.length > 0 && isNews) throw invalid(call.resource, name, policy.causes)
  if (before === undefined) return
  const [now, then] = [policy.enforce, before.enforce]
  const isStricter = levels.indexOf(now.level) > levels.indexOf(then.level)
  if (now.level === "privileged" || !(isStricter || now.minor !== then.minor)) return
  for (const text of newViolations(api.list(gvrs.pods, name), name, now)) call.warn(text)
}

/** Warnings about Pods that are there already: one for each sort of mistake. */
function newViolations(found: readonly KubeObject[], namespace: string, rule: Rule): readonly string[] {
  const bySort = new Map<string, string[]>()
  for (const pod of found.slice(0, judgedMax)) {
    const violations = violationsOf(specOf(pod), pod.metadata.annotations ?? {}, rule)
    if (violations.length === 0) continue
    const sort = violations.map(({ reason }) => reason).join(", ")
    bySort.set(sort, [...(bySort.get(sort) ?? []), pod.metadata.name ?? ""])
  }
  if (bySort.size === 0) return []
  const first = `existing pods in namespace "${namespace}" violate the new PodSecurity enforce level "${ruleText(rule)}"`
  const lines = [...bySort].map(([sort, names]) => {
    const [name = "", ...others] = names.sort()
    const more = others.length === 0 ? "" : ` (and ${others.length} other ${others.length === 1 ? "pod" : "pods"})`
    return `${name}${more}: ${sort}`
  })
  return [first, ...lines.sort()]
}
