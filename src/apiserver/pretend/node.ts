import { rfc3339 } from "../../base/mod.ts"
import type { KubeObject } from "../../kube/mod.ts"

/** The one node there is. */
export const nodeName = "local"

/** Its address: nothing answers there. */
export const nodeAddress = "172.18.0.2"

/** The node as it is registered: ready, and never heard of again. */
export function pretendNode(nowMs: number): KubeObject {
  const now = rfc3339(nowMs)
  const resources = { cpu: "8", memory: "16Gi", "ephemeral-storage": "100Gi", pods: "65000" }
  const healthy = [
    ["MemoryPressure", "False", "KubeletHasSufficientMemory", "kubelet has sufficient memory available"],
    ["DiskPressure", "False", "KubeletHasNoDiskPressure", "kubelet has no disk pressure"],
    ["PIDPressure", "False", "KubeletHasSufficientPID", "kubelet has sufficient PID available"],
    ["Ready", "True", "KubeletReady", "ork pretends to be a kubelet: no container runs"],
  ].map(([type, status, reason, message]) => ({
    ...{ type, status, reason, message },
    ...{ lastHeartbeatTime: now, lastTransitionTime: now },
  }))
  return {
    apiVersion: "v1",
    kind: "Node",
    metadata: {
      name: nodeName,
      labels: {
        "kubernetes.io/arch": "amd64",
        "kubernetes.io/os": "linux",
        "kubernetes.io/hostname": nodeName,
        "node-role.kubernetes.io/pretend": "",
      },
    },
    spec: { podCIDR: "10.244.0.0/16", podCIDRs: ["10.244.0.0/16"] },
    status: {
      capacity: resources,
      allocatable: resources,
      conditions: healthy,
      addresses: [
        { type: "InternalIP", address: nodeAddress },
        { type: "Hostname", address: nodeName },
      ],
      nodeInfo: {
        ...{ architecture: "amd64", operatingSystem: "linux", osImage: "ork (pretend)", kernelVersion: "none" },
        ...{ containerRuntimeVersion: "none://0", kubeletVersion: "v1.37.2", kubeProxyVersion: "" },
        ...{ bootID: "", machineID: "", systemUUID: "" },
      },
    },
  }
}
