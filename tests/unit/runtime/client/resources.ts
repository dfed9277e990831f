import type { ResourceInfo } from "../../../../src/kube/mod.ts"

const verbs = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"]

/** A namespaced kind of a named group. */
export const deployments: ResourceInfo = {
  gvk: { group: "apps", version: "v1", kind: "Deployment" },
  gvr: { group: "apps", version: "v1", resource: "deployments" },
  namespaced: true,
  singular: "deployment",
  shortNames: ["deploy"],
  verbs,
  subresources: ["status", "scale"],
}

/** A cluster-scoped kind of the core group. */
export const namespaces: ResourceInfo = {
  gvk: { group: "", version: "v1", kind: "Namespace" },
  gvr: { group: "", version: "v1", resource: "namespaces" },
  namespaced: false,
  singular: "namespace",
  shortNames: ["ns"],
  verbs,
  subresources: ["status"],
}

/** What a promise was rejected with; undefined when it was not. */
export function failure(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => undefined,
    (error: unknown) => error,
  )
}
