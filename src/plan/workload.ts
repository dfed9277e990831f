import type { EntrySpec } from "../katalog/mod.ts"
import { isRecord } from "../kube/mod.ts"
import { field, type Skeleton } from "./entry.ts"
import { derived, type Written, written } from "./value.ts"

/** The fixed label that a workload selects its Pods by: selectors cannot change, so a user's label never serves. */
export const workloadLabel = "orkestra.orkspace.io/workload"

/** The Pod template of a workload's short form; its one container has the workload's name. */
export function podTemplate(entry: EntrySpec, name: Written, selectorLabels: Skeleton): Skeleton {
  const labels = written(entry.labels, `${entry.at}.labels`)
  return {
    metadata: {
      labels: derived([selectorLabels, labels], (input) => {
        const [fixed, own] = Array.isArray(input) ? input : []
        return { ...(isRecord(own) ? own : {}), ...(isRecord(fixed) ? fixed : {}) }
      }),
    },
    spec: {
      containers: [container(entry, name)],
      imagePullSecrets: pullSecrets(entry),
      nodeSelector: field(entry, "nodeSelector"),
      serviceAccountName: field(entry, "serviceAccountName"),
      securityContext: field(entry, "podSecurity"),
      volumes: field(entry, "volumes"),
    },
  }
}

function container(entry: EntrySpec, name: Written): Skeleton {
  const port = field(entry, "port")
  return {
    name,
    image: field(entry, "image"),
    command: field(entry, "command"),
    args: field(entry, "args"),
    workingDir: field(entry, "workingDirectory"),
    ports: port && [{ containerPort: port, protocol: field(entry, "protocol") ?? "TCP" }],
    env: field(entry, "env"),
    envFrom: envFrom(entry),
    resources: field(entry, "resources"),
    securityContext: field(entry, "securityContext"),
    volumeMounts: field(entry, "volumeMounts"),
    ...probes(entry),
  }
}

// `imagePullSecrets` takes names or the Kubernetes form.
function pullSecrets(entry: EntrySpec): unknown {
  const secrets = field(entry, "imagePullSecrets")
  if (!secrets) return undefined
  return derived([secrets], (input) => {
    const [list] = Array.isArray(input) ? input : []
    return Array.isArray(list) ? list.map((item) => (isRecord(item) ? item : { name: item })) : list
  })
}

// The short form is an object of lists; Kubernetes wants one list.
function envFrom(entry: EntrySpec): unknown {
  const source = field(entry, "envFrom")
  if (!source) return undefined
  return derived([source], (input) => {
    const [value] = Array.isArray(input) ? input : []
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

function probes(entry: EntrySpec): Skeleton {
  const declared = entry.fields["probes"]
  if (!isRecord(declared)) return {}
  const result: Record<string, unknown> = {}
  for (const [key, target] of Object.entries(probeFields)) {
    if (declared[key] === undefined) continue
    const probe = written(declared[key], `${entry.at}.probes.${key}`)
    result[target] = derived([probe, field(entry, "port") ?? null], (input) => probeBody(input))
  }
  return result
}

function probeBody(input: unknown): unknown {
  const [probe, containerPort] = Array.isArray(input) ? input : []
  if (!isRecord(probe)) return probe
  const { type, path, port, ...timing } = probe
  const target = port ?? containerPort ?? undefined
  if (type === "tcp") return { ...timing, tcpSocket: { port: target } }
  return { ...timing, httpGet: { path: path ?? "/", port: target } }
}
