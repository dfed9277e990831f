import { type Ms, ms, ok, parseDuration, type Result } from "../base/mod.ts"
import type { EntrySpec } from "../katalog/mod.ts"
import { isRecord } from "../kube/mod.ts"
import { asText, memberOf } from "./entry.ts"
import { type CompileContext, compileValue, type RenderFailure, type RenderScope, type ValueTemplate } from "./value.ts"

/** How long what was generated serves, and which certificate is generated. */
export interface GeneratedPlan {
  readonly rotateAfterMs: Ms | undefined
  readonly tls: TlsPlan | undefined
}

/** A self-signed certificate, compiled. */
export interface TlsPlan {
  readonly commonName: ValueTemplate
  /** Undefined: the common name. */
  readonly dnsNames: ValueTemplate | undefined
  readonly validForMs: Ms
}

/** What a certificate is made for. */
export interface TlsRequest {
  readonly commonName: string
  readonly dnsNames: readonly string[]
  readonly validForMs: Ms
}

const yearMs = ms("365d")

/** What an entry generates that serves for a time; undefined when it does not. */
export function compileGenerated(entry: EntrySpec, compile: CompileContext): GeneratedPlan | undefined {
  if (entry.kind !== "secrets") return undefined
  const { rotateAfter, tls } = entry.fields
  if (rotateAfter === undefined && !isRecord(tls)) return undefined
  const rotateAfterMs = rotateAfter === undefined ? undefined : parseDuration(String(rotateAfter))
  return { rotateAfterMs, tls: isRecord(tls) ? compileTls(entry, { tls, rotateAfterMs, compile }) : undefined }
}

function compileTls(
  entry: EntrySpec,
  of: {
    readonly tls: Readonly<Record<string, unknown>>
    readonly rotateAfterMs: Ms | undefined
    readonly compile: CompileContext
  },
): TlsPlan {
  const { tls, rotateAfterMs } = of
  const at = `${entry.at}.tls`
  const compile = { ...of.compile, allowRandom: false }
  const dnsNames = memberOf(tls, "dnsNames", at)
  return {
    commonName: compileValue(memberOf(tls, "commonName", at), at, compile),
    dnsNames: dnsNames && compileValue(dnsNames, at, compile),
    validForMs: parseDuration(String(tls["validFor"])) ?? rotateAfterMs ?? yearMs,
  }
}

/** After how long what was generated is due again: a certificate well before it ends. */
export function rotationMs({ rotateAfterMs, tls }: GeneratedPlan): number {
  return Math.min(rotateAfterMs ?? Number.POSITIVE_INFINITY, tls ? (tls.validForMs * 2) / 3 : Number.POSITIVE_INFINITY)
}

/** The certificate for the data in `scope`. */
export function renderTls(tls: TlsPlan, scope: RenderScope): Result<TlsRequest, readonly RenderFailure[]> {
  const commonName = tls.commonName.render(scope)
  if (!commonName.ok) return commonName
  const names = tls.dnsNames?.render(scope) ?? ok(commonName.value)
  if (!names.ok) return names
  const dnsNames = [names.value]
    .flat()
    .map(asText)
    .filter((name) => name !== "")
  return ok({ commonName: asText(commonName.value), dnsNames, validForMs: tls.validForMs })
}

/** What the fingerprint takes of it. */
export function generatedSource(plan: GeneratedPlan | undefined): unknown {
  const tls = plan?.tls
  return [plan?.rotateAfterMs, tls?.commonName.source, tls?.dnsNames?.source, tls?.validForMs]
}
