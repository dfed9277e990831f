import type { EntrySpec } from "../katalog/mod.ts"
import { isRecord, shortenName } from "../kube/mod.ts"
import { asText, blockOf, derivedFrom, field, listField, memberOf, type Skeleton } from "./entry.ts"
import { type Settings, settingsOf } from "./profiles.ts"
import { blockSettings, type Form } from "./short-forms/context.ts"
import { childPath, derived, isDerived, type Written, written } from "./value.ts"

/** What the Pods of one kind have beside the fields of all kinds. */
export interface PodExtras {
  /** Labels that win over the entry's own. */
  readonly labels?: Skeleton
  /** Fields of the Pod spec. */
  readonly spec?: Skeleton
  readonly image?: unknown
  /** Mounts beside those of the entry. */
  readonly mounts?: readonly Skeleton[]
}

/** The Pod template of a workload's short form; its one container has the workload's name. */
export function podTemplate(form: Form, extras: PodExtras): Skeleton {
  return { metadata: { labels: podLabels(form.entry, extras.labels ?? {}) }, spec: podSpec(form, extras) }
}

/** The entry's own labels under the fixed ones. */
export function podLabels(entry: EntrySpec, fixed: Skeleton): unknown {
  return derived({ own: written(entry.labels, `${entry.at}.labels`), fixed }, (input) => {
    const { own, fixed: top } = isRecord(input) ? input : {}
    return { ...(isRecord(own) ? own : {}), ...(isRecord(top) ? top : {}) }
  })
}

/** A Pod spec with one container. */
export function podSpec(form: Form, extras: PodExtras): Skeleton {
  const { entry } = form
  return {
    containers: [container(form, extras)],
    imagePullSecrets: pullSecrets(entry),
    nodeSelector: field(entry, "nodeSelector"),
    serviceAccountName: field(entry, "serviceAccountName"),
    securityContext: blockSettings(form, "podSecurity", "podSecurity"),
    volumes: field(entry, "volumes"),
    ...extras.spec,
  }
}

function container(form: Form, extras: PodExtras): Skeleton {
  const { entry } = form
  const port = field(entry, "port")
  return {
    name: containerName(form.name),
    image: extras.image ?? field(entry, "image"),
    command: listField(entry, "command"),
    args: listField(entry, "args"),
    workingDir: field(entry, "workingDirectory"),
    ports: port && [{ containerPort: port, protocol: field(entry, "protocol") ?? "TCP" }],
    env: field(entry, "env"),
    envFrom: envFrom(entry),
    resources: blockSettings(form, "resources", "resources"),
    securityContext: securityContext(form),
    volumeMounts: mounts(entry, extras.mounts ?? []),
    ...probes(form),
  }
}

// Names of containers are shorter than names of objects, and have no dots.
function containerName(name: Written): unknown {
  return derivedFrom(name, (value) =>
    value === undefined ? value : shortenName(asText(value).replaceAll(".", "-"), 63),
  )
}

function securityContext(form: Form): unknown {
  const settings = blockSettings(form, "securityContext", "containerSecurity")
  if (settings === undefined || isDerived(settings) || settings["capabilities"] === undefined) return settings
  const written = blockOf(form.entry, "securityContext")["capabilities"]
  if (!isRecord(written)) return settings
  return { ...settings, capabilities: derivedFrom(settings["capabilities"], (value) => ofLists(value)) }
}

// `drop: ALL` means `drop: [ALL]`.
function ofLists(value: unknown): unknown {
  if (!isRecord(value)) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, Array.isArray(item) ? item : [item]]))
}

function mounts(entry: EntrySpec, more: readonly Skeleton[]): unknown {
  const own = field(entry, "volumeMounts")
  if (more.length === 0) return own
  return derived({ own: own ?? [], more }, (input) => {
    const { own: first, more: rest } = isRecord(input) ? input : {}
    return [...(Array.isArray(first) ? first : []), ...(Array.isArray(rest) ? rest : [])]
  })
}

// `imagePullSecrets` takes names or the Kubernetes form.
function pullSecrets(entry: EntrySpec): unknown {
  const secrets = field(entry, "imagePullSecrets")
  if (!secrets) return undefined
  return derivedFrom(secrets, (list) =>
    Array.isArray(list) ? list.map((item) => (isRecord(item) ? item : { name: item })) : list,
  )
}

// The short form is an object of lists; Kubernetes wants one list.
function envFrom(entry: EntrySpec): unknown {
  const source = field(entry, "envFrom")
  if (!source) return undefined
  return derivedFrom(source, (value) => {
    if (!isRecord(value)) return value
    const list = (key: string) => (Array.isArray(value[key]) ? value[key] : [])
    return [
      ...list("configMapRef").map((ref) => ({ configMapRef: ref })),
      ...list("secretRef").map((ref) => ({ secretRef: ref })),
    ]
  })
}

const probeFields: Readonly<Record<string, string>> = {
  startup: "startupProbe",
  liveness: "livenessProbe",
  readiness: "readinessProbe",
}

function probes({ entry, context }: Form): Skeleton {
  const declared = blockOf(entry, "probes")
  const result: Record<string, unknown> = {}
  for (const [key, target] of Object.entries(probeFields)) {
    const block = declared[key]
    if (!isRecord(block)) continue
    const at = childPath(`${entry.at}.probes`, key)
    const handler = probeHandler(block, at, field(entry, "port"))
    result[target] = withTiming(handler, settingsOf({ block, at, class: "probes" }, context.profiles))
  }
  return result
}

function probeHandler(block: Skeleton, at: string, containerPort: Written | undefined): Skeleton {
  const port = memberOf(block, "port", at) ?? containerPort
  if (block["type"] === "tcp") return { tcpSocket: { port } }
  return { httpGet: { path: memberOf(block, "path", at) ?? "/", port } }
}

function withTiming(handler: Skeleton, timing: Settings): unknown {
  if (!isDerived(timing)) return { ...handler, ...timing }
  return derived({ handler, timing }, (input) => {
    const { handler: fixed, timing: chosen } = isRecord(input) ? input : {}
    return { ...(isRecord(fixed) ? fixed : {}), ...(isRecord(chosen) ? chosen : {}) }
  })
}
