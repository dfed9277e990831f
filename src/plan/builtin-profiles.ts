import type { ProfileClass } from "../katalog/mod.ts"

type Fields = Readonly<Record<string, unknown>>

/** The published profiles, by class and name: the source for the docs too. */
export const builtinProfiles: Readonly<Record<ProfileClass, Readonly<Record<string, Fields>>>> = {
  resources: {
    tiny: resources("25m/100m", "64Mi/128Mi"),
    small: resources("100m/500m", "128Mi/512Mi"),
    medium: resources("250m/1", "256Mi/1Gi"),
    large: resources("500m/2", "512Mi/2Gi"),
    burst: resources("200m/2", "256Mi/2Gi"),
    steady: resources("300m/600m", "256Mi/512Mi"),
    "compute-heavy": resources("1/2", "512Mi/1Gi"),
    "memory-heavy": resources("250m/500m", "1Gi/2Gi"),
  },
  probes: {
    fast: probe(5, 10, { failures: 2, timeout: 5 }),
    standard: probe(15, 20, { failures: 3, timeout: 10 }),
    patient: probe(30, 30, { failures: 5, timeout: 10 }),
    "slow-start": probe(0, 10, { failures: 30, timeout: 10 }),
  },
  containerSecurity: {
    baseline: { allowPrivilegeEscalation: false, capabilities: { drop: ["NET_RAW"] } },
    restricted: { allowPrivilegeEscalation: false, runAsNonRoot: true, capabilities: { drop: ["ALL"] } },
    hardened: {
      allowPrivilegeEscalation: false,
      runAsNonRoot: true,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ["ALL"] },
    },
  },
  podSecurity: {
    baseline: { runAsNonRoot: false },
    restricted: { runAsNonRoot: true, runAsUser: 1000 },
    hardened: { runAsNonRoot: true, runAsUser: 65534, runAsGroup: 65534, fsGroup: 65534 },
  },
  rollingUpdate: {
    safe: { maxSurge: 1, maxUnavailable: 0 },
    fast: { maxSurge: "25%", maxUnavailable: "25%" },
    "blue-green": { maxSurge: "100%", maxUnavailable: 0 },
  },
  hpa: {
    web: scaling(70, quickly(100, 4), down(300, "10%/60s")),
    api: scaling(60, quickly(100, 4), down(600, "5%/60s")),
    "latency-sensitive": scaling(50, quickly(200, 10), down(900, "5%/120s")),
    batch: scaling(80, down(30, "100%/60s"), down(120, "50%/60s")),
    "cost-optimized": scaling(80, down(180, "25%/60s", "Min"), down(60, "50%/60s", "Max")),
  },
  pdb: {
    "zero-downtime": { minAvailable: "100%" },
    rolling: { maxUnavailable: 1 },
    relaxed: { maxUnavailable: "25%" },
  },
  resourceQuotas: {
    small: quota(10, 2, 4),
    medium: quota(20, 4, 8),
    large: quota(50, 8, 16),
    xlarge: quota(100, 16, 32),
  },
  // Published without values: these are ours, in the proportions of the resources profiles.
  limitRanges: {
    small: limits("100m/500m", "128Mi/512Mi"),
    medium: limits("250m/1", "256Mi/1Gi"),
    large: limits("500m/2", "512Mi/2Gi"),
  },
  networkPolicies: {
    "deny-all": { policyTypes: ["Ingress", "Egress"] },
    "deny-all-ingress": { policyTypes: ["Ingress"] },
    "deny-all-egress": { policyTypes: ["Egress"] },
    "allow-same-namespace": { policyTypes: ["Ingress"], ingress: [{ from: [{ podSelector: {} }] }] },
    "allow-dns-egress": {
      policyTypes: ["Egress"],
      egress: [
        {
          ports: [
            { protocol: "UDP", port: 53 },
            { protocol: "TCP", port: 53 },
          ],
        },
      ],
    },
  },
}

/** Request and limit: `25m/100m`. */
function range(text: string): readonly [string, string] {
  const [request = "", limit = ""] = text.split("/")
  return [request, limit]
}

function resources(cpu: string, memory: string): Fields {
  const [cpuRequest, cpuLimit] = range(cpu)
  const [memoryRequest, memoryLimit] = range(memory)
  return { requests: { cpu: cpuRequest, memory: memoryRequest }, limits: { cpu: cpuLimit, memory: memoryLimit } }
}

function limits(cpu: string, memory: string): Fields {
  const { requests, limits: most } = resources(cpu, memory)
  return { limits: [{ type: "Container", default: most, defaultRequest: requests }] }
}

function probe(delay: number, period: number, more: { readonly failures: number; readonly timeout: number }): Fields {
  return {
    initialDelaySeconds: delay,
    periodSeconds: period,
    failureThreshold: more.failures,
    timeoutSeconds: more.timeout,
  }
}

function scaling(cpu: number, scaleUp: Fields, scaleDown: Fields): Fields {
  return { targetCPUUtilizationPercentage: cpu, scaleUp, scaleDown }
}

function quickly(percent: number, pods: number): Fields {
  return {
    stabilizationWindowSeconds: 0,
    selectPolicy: "Max",
    policies: [
      { type: "Percent", value: percent, periodSeconds: 15 },
      { type: "Pods", value: pods, periodSeconds: 15 },
    ],
  }
}

/** One policy after a window: `10%/60s`. */
function down(windowSeconds: number, policy: string, selectPolicy: "Min" | "Max" = "Min"): Fields {
  const [value, periodSeconds] = range(policy)
  return {
    stabilizationWindowSeconds: windowSeconds,
    selectPolicy,
    policies: [
      { type: "Percent", value: Number.parseInt(value, 10), periodSeconds: Number.parseInt(periodSeconds, 10) },
    ],
  }
}

function quota(pods: number, cpu: number, memoryGi: number): Fields {
  return {
    hard: {
      pods: String(pods),
      "requests.cpu": String(cpu / 2),
      "requests.memory": `${memoryGi / 2}Gi`,
      "limits.cpu": String(cpu),
      "limits.memory": `${memoryGi}Gi`,
    },
  }
}
