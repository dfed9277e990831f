import type { EntrySpec } from "../../katalog/mod.ts"
import { isRecord } from "../../kube/mod.ts"
import { asText, derivedFrom, field, listField, type Skeleton } from "../entry.ts"
import { setting } from "../profiles.ts"
import { derived } from "../value.ts"
import { entrySettings, type Form } from "./context.ts"

/** A ConfigMap. */
export function configMap({ entry }: Form): Skeleton {
  return { data: field(entry, "data") }
}

/** A Secret: `data` is plain text, `base64Data` is encoded already and wins. */
export function secret({ entry }: Form): Skeleton {
  return {
    type: secretType(entry),
    data: derived({ plain: field(entry, "data"), encoded: field(entry, "base64Data") }, (input) => {
      const { plain, encoded } = isRecord(input) ? input : {}
      const data: Record<string, unknown> = {}
      for (const [key, value] of Object.entries(isRecord(plain) ? plain : {})) data[key] = base64(asText(value))
      Object.assign(data, isRecord(encoded) ? encoded : {})
      return data
    }),
  }
}

function secretType(entry: EntrySpec): unknown {
  if (entry.fields["tls"] !== undefined) return "kubernetes.io/tls"
  return field(entry, "type") ?? (entry.fields["fromSecret"] === undefined ? "Opaque" : undefined)
}

function base64(text: string): string {
  return Buffer.from(text, "utf8").toString("base64")
}

/** A Namespace. */
export function namespace({ entry }: Form): Skeleton {
  return { metadata: { finalizers: listField(entry, "finalizers") } }
}

/** A ResourceQuota; explicit limits win over its profile. */
export function resourceQuota(form: Form): Skeleton {
  return { spec: { hard: setting(entrySettings(form, "resourceQuotas"), "hard") } }
}

/** A LimitRange, with what the server would fill in: its limits are one value, which only its whole can be compared. */
export function limitRange(form: Form): Skeleton {
  const limits = setting(entrySettings(form, "limitRanges"), "limits")
  return {
    spec: { limits: derivedFrom(limits, (value) => (Array.isArray(value) ? value.map(completeLimit) : value)) },
  }
}

// The server's own rule: the default comes from the maximum, the default request from the default or the minimum.
function completeLimit(limit: unknown): unknown {
  if (!isRecord(limit) || limit["type"] !== "Container") return limit
  const most = { ...mapOf(limit["max"]), ...mapOf(limit["default"]) }
  const request = { ...mapOf(limit["min"]), ...most, ...mapOf(limit["defaultRequest"]) }
  return { ...limit, ...nonEmpty("default", most), ...nonEmpty("defaultRequest", request) }
}

function mapOf(value: unknown): Readonly<Record<string, unknown>> {
  return isRecord(value) ? value : {}
}

function nonEmpty(key: string, value: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.keys(value).length === 0 ? {} : { [key]: value }
}
