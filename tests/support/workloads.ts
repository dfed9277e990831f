import type { KubeObject } from "../../src/kube/mod.ts"

/** A Pod template with the label `app`, and with trouble where it is asked for. */
export function podTemplate(app: string, more: { readonly image?: string; readonly trouble?: string } = {}) {
  const { image = "nginx:1", trouble } = more
  const annotations = trouble === undefined ? {} : { annotations: { "orkestra.orkspace.io/pretend": trouble } }
  return { metadata: { labels: { app }, ...annotations }, spec: { containers: [{ name: app, image }] } }
}

/** A workload of `apps/v1` that selects the label `app` of its own name. */
export function workload(kind: string, name: string, spec: Readonly<Record<string, unknown>> = {}): KubeObject {
  const selector = { matchLabels: { app: name } }
  return {
    apiVersion: "apps/v1",
    kind,
    metadata: { name },
    spec: { selector, template: podTemplate(name), ...spec },
  }
}

/** A Job whose Pods end. */
export function job(name: string, spec: Readonly<Record<string, unknown>> = {}, trouble?: string): KubeObject {
  const { metadata, spec: pod } = podTemplate(name, trouble === undefined ? {} : { trouble })
  const template = { metadata, spec: { ...pod, restartPolicy: "Never" } }
  return { apiVersion: "batch/v1", kind: "Job", metadata: { name }, spec: { template, ...spec } }
}
