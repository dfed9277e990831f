import type { KubeObject, ResourceInfo } from "../../src/kube/mod.ts"

/** The group of the CRDs that tests make. */
export const group = "demo.example"

/** A resource as discovery would describe it. */
export function resource(
  apiGroup: string,
  kind: string,
  more: { readonly plural?: string; readonly namespaced?: boolean; readonly subresources?: readonly string[] } = {},
): ResourceInfo {
  const version = "v1"
  const { plural = `${kind.toLowerCase()}s`, namespaced = true, subresources = [] } = more
  return {
    gvk: { group: apiGroup, version, kind },
    gvr: { group: apiGroup, version, resource: plural },
    namespaced,
    singular: kind.toLowerCase(),
    shortNames: [],
    verbs: ["get", "list", "watch", "patch", "delete"],
    subresources,
  }
}

/** CustomResourceDefinition. */
export const crdResource = resource("apiextensions.k8s.io", "CustomResourceDefinition", { namespaced: false })

/** The built-in kinds that a fake server has. */
export const builtinResources: readonly ResourceInfo[] = [
  resource("", "Namespace", { namespaced: false }),
  resource("", "ConfigMap"),
  resource("", "Secret"),
  resource("", "Service"),
  resource("", "ServiceAccount"),
  resource("", "Pod", { subresources: ["status"] }),
  resource("batch", "Job", { subresources: ["status"] }),
  resource("apps", "Deployment", { subresources: ["status"] }),
  resource("apps", "ReplicaSet", { subresources: ["status"] }),
  resource("apps", "StatefulSet", { subresources: ["status"] }),
  resource("batch", "CronJob", { subresources: ["status"] }),
  resource("networking.k8s.io", "Ingress", { plural: "ingresses", subresources: ["status"] }),
  resource("discovery.k8s.io", "EndpointSlice"),
  resource("", "PersistentVolumeClaim", { subresources: ["status"] }),
  resource("", "PersistentVolume", { namespaced: false, subresources: ["status"] }),
  resource("storage.k8s.io", "StorageClass", { plural: "storageclasses", namespaced: false }),
  resource("", "Node", { namespaced: false, subresources: ["status"] }),
  resource("rbac.authorization.k8s.io", "ClusterRole", { namespaced: false }),
  resource("coordination.k8s.io", "Lease"),
  resource("admissionregistration.k8s.io", "ValidatingAdmissionPolicy", {
    plural: "validatingadmissionpolicies",
    namespaced: false,
  }),
  resource("admissionregistration.k8s.io", "ValidatingAdmissionPolicyBinding", { namespaced: false }),
  resource("events.k8s.io", "Event"),
]

const open = { type: "object", "x-kubernetes-preserve-unknown-fields": true }

/** An Established CRD of version v1 whose spec and status take anything. */
export function crd(
  kind: string,
  more: { readonly scope?: "Namespaced" | "Cluster"; readonly hasStatus?: boolean; readonly status?: unknown } = {},
): KubeObject {
  const plural = `${kind.toLowerCase()}s`
  const { scope = "Namespaced", hasStatus = true, status = open } = more
  const schema = { openAPIV3Schema: { type: "object", properties: { spec: open, status } } }
  const subresources = hasStatus ? { subresources: { status: {} } } : {}
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: `${plural}.${group}` },
    spec: {
      group,
      scope,
      names: { kind, plural },
      versions: [{ name: "v1", served: true, storage: true, ...subresources, schema }],
    },
    status: { conditions: [{ type: "Established", status: "True", reason: "InitialNamesAccepted", message: "" }] },
  }
}

/** A custom resource of kind Website (or another), in namespace `default` unless told. */
export function website(
  name: string,
  spec: Readonly<Record<string, unknown>> = {},
  more: { readonly kind?: string; readonly namespace?: string | undefined } = {},
): KubeObject {
  const { kind = "Website" } = more
  const namespace = "namespace" in more ? more.namespace : "default"
  const metadata = { name, ...(namespace === undefined ? {} : { namespace }) }
  return { apiVersion: `${group}/v1`, kind, metadata, spec }
}

/** A ConfigMap that somebody made. */
export function configMap(
  name: string,
  values: Readonly<Record<string, string>> = {},
  metadata: Partial<KubeObject["metadata"]> = {},
): KubeObject {
  return {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name, namespace: "default", ...metadata },
    data: values,
  }
}

/** `text` with every line indented by `spaces`. */
export function indented(text: string, spaces: number): string {
  return text
    .split("\n")
    .map((line) => (line === "" ? line : `${" ".repeat(spaces)}${line}`))
    .join("\n")
}

/** The text of a Katalog called `demo` with one entry, `website`, whose `operatorBox` is `box`; `keys` stand beside it. */
export function katalog(box: string, keys = ""): string {
  const lines = [
    "apiVersion: orkestra.orkspace.io/v1",
    "kind: Katalog",
    "metadata: { name: demo }",
    "spec:",
    "  crds:",
    "    website:",
    `      apiTypes: { group: ${group}, version: v1, kind: Website }`,
    ...(keys === "" ? [] : [indented(keys, 6)]),
    ...(box.trim() === "" ? [] : ["      operatorBox:", indented(box, 8)]),
  ]
  return `${lines.join("\n")}\n`
}
