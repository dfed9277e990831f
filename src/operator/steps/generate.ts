import { type Ms, rfc3339, selfSigned } from "../../base/mod.ts"
import { isRecord, type KubeObject } from "../../kube/mod.ts"
import { rotationMs, type TlsRequest } from "../../plan/mod.ts"
import { generatedAtAnnotation } from "../ownership.ts"
import { type Desired, type Pass, revisit } from "../pass.ts"

const longestRevisitMs = 24 * 60 * 60 * 1_000

/** `item` with what is generated when it is written: the time, and a certificate. `live`: what it takes the place of. */
export function generated(pass: Pass, item: Desired, live?: KubeObject): Desired {
  const { resource, tls } = item.rendered
  if (!resource.generated) return item
  const nowMs = pass.ports.clock.nowMs()
  const annotations = { ...item.object.metadata.annotations, [generatedAtAnnotation]: rfc3339(nowMs) }
  const object: KubeObject = { ...item.object, metadata: { ...item.object.metadata, annotations } }
  if (!tls) return { ...item, object }
  const declared = isRecord(object["data"]) ? object["data"] : {}
  return { ...item, object: { ...object, data: { ...declared, ...certificateData(tls, nowMs, live) } } }
}

// The authority before stays beside the new one: clients that trust it go on until they have read this one.
function certificateData(
  tls: TlsRequest,
  nowMs: number,
  live: KubeObject | undefined,
): Readonly<Record<string, string>> {
  const made = selfSigned({
    commonName: tls.commonName,
    hosts: tls.dnsNames,
    notBeforeMs: nowMs - 60_000, // clocks of others may be late
    notAfterMs: nowMs + tls.validForMs,
  })
  return {
    "tls.crt": base64(made.certificate),
    "tls.key": base64(made.key),
    "ca.crt": base64(made.authority + firstCertificate(live)),
  }
}

function firstCertificate(live: KubeObject | undefined): string {
  const data = live?.["data"]
  const encoded = isRecord(data) ? data["ca.crt"] : undefined
  const text = typeof encoded === "string" ? Buffer.from(encoded, "base64").toString("utf8") : ""
  return /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----\n/.exec(text)?.[0] ?? ""
}

function base64(text: string): string {
  return Buffer.from(text, "utf8").toString("base64")
}

/** True when what was generated has served its time; otherwise the pass comes back when it has. */
export function isDue(pass: Pass, item: Desired, live: KubeObject): boolean {
  const plan = item.rendered.resource.generated
  if (!plan) return false
  const { annotations, creationTimestamp } = live.metadata
  const madeMs = Date.parse(annotations?.[generatedAtAnnotation] ?? creationTimestamp ?? "")
  const leftMs = (Number.isNaN(madeMs) ? 0 : madeMs) + rotationMs(plan) - pass.ports.clock.nowMs()
  if (leftMs <= 0) return true
  revisit(pass, Math.ceil(Math.min(leftMs, longestRevisitMs)) as Ms) // Ms brands a whole number of milliseconds
  return false
}
