import type { EntrySpec } from "../../katalog/mod.ts"
import { blockOf, isTrue } from "../entry.ts"
import { nameOf } from "../resources.ts"

/** An entry with those that it brings along: the Secret of an Ingress that has its certificate made. */
export function withCompanions(entry: EntrySpec): readonly EntrySpec[] {
  const tls = blockOf(entry, "tls")
  if (entry.kind !== "ingresses" || !isTrue(tls["create"])) return [entry]
  const { namespace, host } = entry.fields
  const hosts = tls["hosts"] ?? (host === undefined ? undefined : [host])
  const [first] = Array.isArray(hosts) ? hosts : [hosts]
  const secret: EntrySpec = {
    ...entry,
    kind: "secrets",
    id: `${entry.id}.tls`,
    overrides: {},
    fields: {
      name: tls["secretName"] ?? `${String(nameOf(entry).value)}-tls`,
      ...(namespace === undefined ? {} : { namespace }),
      tls: { commonName: first ?? nameOf(entry).value, ...(hosts === undefined ? {} : { dnsNames: hosts }) },
    },
  }
  return [secret, entry]
}
