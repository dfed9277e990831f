import { type Code, messageOf, OrkError } from "../../base/mod.ts"
import { isRecord } from "../../kube/mod.ts"

interface Reason {
  readonly code: Code
  readonly text: string
}

const reasons: Readonly<Record<string, Reason>> = {
  ECONNREFUSED: { code: "net/refused", text: "connection refused; is the API server running?" },
  ENOTFOUND: { code: "net/refused", text: "no such host; check the address" },
  EAI_AGAIN: { code: "net/refused", text: "the name cannot be looked up at the moment" },
  EHOSTUNREACH: { code: "net/refused", text: "no route to the host" },
  ENETUNREACH: { code: "net/refused", text: "no route to the network" },
  FailedToOpenSocket: { code: "net/refused", text: "no connection; check the address and the certificates" },
  UnsupportedProxyProtocol: { code: "net/refused", text: "this kind of proxy is not supported; use an http proxy" },
  ETIMEDOUT: { code: "net/timeout", text: "the connection timed out" },
  ECONNRESET: { code: "net/closed", text: "the connection was closed" },
  EPIPE: { code: "net/closed", text: "the connection was closed" },
  EPROTO: { code: "net/tls", text: "the TLS handshake failed; does the server speak https on this port?" },
  ERR_TLS_CERT_ALTNAME_INVALID: {
    code: "net/tls",
    text: "the certificate is for another name; set tls-server-name or use the name in it",
  },
  CERT_HAS_EXPIRED: { code: "net/tls", text: "the server's certificate has expired" },
  CERT_NOT_YET_VALID: { code: "net/tls", text: "the server's certificate is not valid yet; check the clock" },
}

const untrusted: Reason = {
  code: "net/tls",
  text: "the server's certificate is not signed by a known authority; check certificate-authority",
}

/** What fetch threw, as one line that names the server and the reason. An `OrkError` passes unchanged. */
export function netError(server: string, thrown: unknown): OrkError {
  if (thrown instanceof OrkError) return thrown
  const systemCode = isRecord(thrown) || thrown instanceof Error ? Reflect.get(thrown, "code") : undefined
  const { code, text } = reasonOf(typeof systemCode === "string" ? systemCode : "", thrown)
  return new OrkError(code, `${server}: ${text}`, { server, reason: String(systemCode ?? "") }, { cause: thrown })
}

function reasonOf(systemCode: string, thrown: unknown): Reason {
  const known = reasons[systemCode]
  if (known) return known
  if (/SELF_SIGNED|UNABLE_TO_|ISSUER|^CERT_UNTRUSTED/.test(systemCode)) return untrusted
  const text = messageOf(thrown).split("\n", 1)[0] ?? ""
  return { code: /^CERT_|^ERR_(?:TLS|SSL)|^HOSTNAME_MISMATCH/.test(systemCode) ? "net/tls" : "net/closed", text }
}
