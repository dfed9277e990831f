import { isTerminating, type KubeObject } from "../kube/mod.ts"
import type { Api } from "./api.ts"
import type { Action, ServerController } from "./controllers.ts"
import { mapAt, textAt } from "./fields.ts"
import { gvrs, prefixOf } from "./gvrs.ts"

const rootCaName = "kube-root-ca.crt"
const rootCaText =
  "Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the internal service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes clusters."

/** What every namespace has: the ServiceAccount `default`, and the ConfigMap with the server's authority. */
export function namespaceDefaults(api: Api, options: { readonly authority: string }): ServerController {
  const spaces = prefixOf(gvrs.namespaces)
  const maps = prefixOf(gvrs.configMaps)
  const accounts = prefixOf(gvrs.serviceAccounts)
  return {
    name: "namespace defaults",
    manager: "kube-controller-manager",
    prefixes: [spaces, maps, accounts],
    keys: ({ prefix, namespace, name, type }) => {
      if (prefix === spaces) return type === "ADDED" ? [name] : []
      const isOurs = prefix === maps ? name === rootCaName : name === "default"
      return isOurs && type !== "ADDED" ? [namespace] : []
    },
    look: (namespace) => {
      const home = api.get(gvrs.namespaces, { namespace: "", name: namespace })
      if (home === undefined || isTerminating(home)) return { actions: [] }
      return { actions: [...account(api, namespace), ...rootCa(api, namespace, options.authority)] }
    },
  }
}

function account(api: Api, namespace: string): readonly Action[] {
  if (api.get(gvrs.serviceAccounts, { namespace, name: "default" })) return []
  const object: KubeObject = { apiVersion: "v1", kind: "ServiceAccount", metadata: { namespace, name: "default" } }
  return [{ do: "create", gvr: gvrs.serviceAccounts, object }]
}

function rootCa(api: Api, namespace: string, authority: string): readonly Action[] {
  const found = api.get(gvrs.configMaps, { namespace, name: rootCaName })
  if (found && textAt(mapAt(found, "data"), "ca.crt") === authority) return []
  const data = { "ca.crt": authority }
  if (found) return [{ do: "update", gvr: gvrs.configMaps, object: { ...found, data } }]
  const annotations = { "kubernetes.io/description": rootCaText }
  const metadata = { namespace, name: rootCaName, annotations }
  return [{ do: "create", gvr: gvrs.configMaps, object: { apiVersion: "v1", kind: "ConfigMap", metadata, data } }]
}
