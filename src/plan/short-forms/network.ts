import type { EntrySpec } from "../../katalog/mod.ts"
import { isRecord } from "../../kube/mod.ts"
import {
  asList,
  asText,
  blockOf,
  derivedFrom,
  field,
  isTrue,
  memberOf,
  type Skeleton,
  workloadLabels,
} from "../entry.ts"
import { setting } from "../profiles.ts"
import { childPath, derived, type Written } from "../value.ts"
import { entrySettings, type Form, type ShortFormContext } from "./context.ts"

/** A Service; without a selector it means the only workload of its CR. */
export function service({ entry, context }: Form): Skeleton {
  const port = field(entry, "port")
  const one = port && [
    { port, targetPort: field(entry, "targetPort") ?? port, protocol: field(entry, "protocol") ?? "TCP" },
  ]
  return {
    spec: {
      type: field(entry, "type") ?? "ClusterIP",
      clusterIP: derivedFrom(field(entry, "headless"), (value) => (isTrue(value) ? "None" : undefined)),
      selector: field(entry, "selector") ?? onlyWorkloadLabels(context),
      ports: field(entry, "ports") ?? one,
    },
  }
}

/** The labels of the operator's only workload; undefined where it has none or several. */
export function onlyWorkloadLabels({ onlyWorkload }: ShortFormContext): Skeleton | undefined {
  return onlyWorkload && workloadLabels(onlyWorkload.name)
}

/** An Ingress with one host and one path. */
export function ingress({ entry, name }: Form): Skeleton {
  const host = field(entry, "host")
  const tls = blockOf(entry, "tls")
  const at = childPath(entry.at, "tls")
  const backend = { service: { name: field(entry, "serviceName"), port: backendPort(field(entry, "servicePort")) } }
  return {
    spec: {
      ingressClassName: field(entry, "className"),
      rules: [
        {
          host,
          http: {
            paths: [{ path: field(entry, "path") ?? "/", pathType: field(entry, "pathType") ?? "Prefix", backend }],
          },
        },
      ],
      tls: entry.fields["tls"] && [
        { hosts: asList(memberOf(tls, "hosts", at)) ?? (host && [host]), secretName: tlsSecretName(entry, name) },
      ],
    },
  }
}

/** The Secret of an Ingress: as named, or the one that is made for it. */
function tlsSecretName(entry: EntrySpec, name: Written): unknown {
  const tls = blockOf(entry, "tls")
  const own = memberOf(tls, "secretName", childPath(entry.at, "tls"))
  return own ?? (isTrue(tls["create"]) ? `${String(name.value)}-tls` : undefined)
}

function backendPort(port: unknown): unknown {
  return derivedFrom(port, (value) => {
    if (value === undefined) return undefined
    return /^\d+$/.test(asText(value)) ? { number: value } : { name: value }
  })
}

/** A NetworkPolicy. A direction that is not written is not managed by it; an empty list lets nothing through. */
export function networkPolicy(form: Form): Skeleton {
  const settings = entrySettings(form, "networkPolicies")
  const ingress = setting(settings, "ingress")
  const egress = setting(settings, "egress")
  return {
    spec: {
      podSelector: derivedFrom(field(form.entry, "podSelector"), (value) => selectorOf(value ?? {})),
      ingress: ingress && derivedFrom(ingress, (value) => rulesOf(value, "from")),
      egress: egress && derivedFrom(egress, (value) => rulesOf(value, "to")),
      policyTypes: derived({ types: setting(settings, "policyTypes"), ingress, egress }, policyTypes),
    },
  }
}

function policyTypes(input: unknown): unknown {
  const { types, ingress, egress } = isRecord(input) ? input : {}
  if (types !== undefined) return Array.isArray(types) ? types : [types]
  const derivedTypes = [...(ingress === undefined ? [] : ["Ingress"]), ...(egress === undefined ? [] : ["Egress"])]
  return derivedTypes.length > 0 ? derivedTypes : undefined
}

function rulesOf(rules: unknown, peers: "from" | "to"): unknown {
  if (!Array.isArray(rules)) return rules
  return rules.map((rule) => {
    const list = isRecord(rule) ? rule[peers] : undefined
    return Array.isArray(list) ? { ...rule, [peers]: list.map(peerOf) } : rule
  })
}

function peerOf(peer: unknown): unknown {
  if (!isRecord(peer)) return peer
  const selectors = ["podSelector", "namespaceSelector"].filter((key) => peer[key] !== undefined)
  return { ...peer, ...Object.fromEntries(selectors.map((key) => [key, selectorOf(peer[key])])) }
}

// Selectors are plain maps of labels here; the Kubernetes form is known by its keys.
function selectorOf(value: unknown): unknown {
  if (!isRecord(value) || "matchLabels" in value || "matchExpressions" in value) return value
  return Object.keys(value).length === 0 ? {} : { matchLabels: value }
}
