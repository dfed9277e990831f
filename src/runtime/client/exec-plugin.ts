import {
  type Clock,
  isOrkError,
  type Ms,
  messageOf,
  ms,
  OrkError,
  onAbort,
  shorten,
  withDeadline,
} from "../../base/mod.ts"
import { isRecord } from "../../kube/mod.ts"
import type { MaterialOptions } from "./endpoint.ts"
import { sharedCall } from "./shared-call.ts"

/** How to run a credential plugin. */
export interface ExecSpec {
  /** How messages name the plugin: `user "dev": exec plugin "aws"`. */
  readonly subject: string
  readonly command: string
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
  /** `client.authentication.k8s.io/v1`. */
  readonly apiVersion: string
  readonly installHint: string | undefined
  /** What the plugin is told of the cluster, when the kubeconfig says provideClusterInfo. */
  readonly cluster: Readonly<Record<string, unknown>> | undefined
  readonly timeoutMs?: Ms
}

/** What a plugin answered. */
export interface ExecCredentials {
  readonly token: string | undefined
  readonly cert: string | undefined
  readonly key: string | undefined
}

interface Held extends ExecCredentials {
  readonly expiresMs: number
}

/** Longest answer of a plugin; more ends it. */
const outputBytesMax = 1024 * 1024

/**
 * A function that gives the plugin's credentials. It runs the plugin at most once at a time, and only when nothing is
 * held, what is held has expired, or the server has rejected it.
 */
export function execCredentials(
  deps: { readonly clock: Clock },
  spec: ExecSpec,
): (options: MaterialOptions) => Promise<ExecCredentials> {
  let held: Held | undefined
  const renew = sharedCall(async (signal) => {
    held = credentialsFrom(await output(deps, spec, signal), spec)
    return held
  })
  return async ({ signal, rejected }) => {
    const refused = held !== undefined && rejected !== undefined && isFrom(held, rejected)
    if (held && !refused && deps.clock.nowMs() < held.expiresMs) return held
    return renew(signal === undefined ? {} : { signal })
  }
}

function isFrom(held: Held, rejected: NonNullable<MaterialOptions["rejected"]>): boolean {
  return held.token === undefined ? held.cert === rejected.cert : rejected.authorization === `Bearer ${held.token}`
}

async function output(deps: { readonly clock: Clock }, spec: ExecSpec, parent: AbortSignal): Promise<string> {
  const limit = spec.timeoutMs ?? ms("60s")
  const timeoutError = () => new OrkError("net/timeout", `${spec.subject}: no answer within ${limit / 1000} s`)
  return withDeadline(deps.clock, { limit, signal: parent, timeoutError }, async (signal) => {
    const child = spawn(spec)
    let link: Disposable | undefined
    // Children of the plugin may hold its pipes open, so an abort does not wait for them to close.
    const abandoned = new Promise<never>((_, reject) => {
      link = onAbort(signal, (reason) => {
        child.kill("SIGKILL")
        reject(reason)
      })
    })
    try {
      const finished = Promise.all([child.stdout.text(), child.stderr.text(), child.exited])
      const [stdout, stderr, exitCode] = await Promise.race([finished, abandoned])
      if (exitCode === 0) return stdout
      const said = shorten(stderr.trim().split("\n").at(-1) ?? "", 200)
      throw new OrkError("api/unauthorized", `${spec.subject}: ended with ${exitCode}${said ? `: ${said}` : ""}`)
    } finally {
      link?.[Symbol.dispose]()
    }
  })
}

function spawn(spec: ExecSpec) {
  const told = { interactive: false, ...(spec.cluster === undefined ? {} : { cluster: spec.cluster }) }
  const execInfo = JSON.stringify({ apiVersion: spec.apiVersion, kind: "ExecCredential", spec: told })
  try {
    return Bun.spawn([spec.command, ...spec.args], {
      env: { ...spec.env, KUBERNETES_EXEC_INFO: execInfo },
      stdin: "ignore",
      stdout: "pipe",
      stderr: "pipe",
      maxBuffer: outputBytesMax,
    })
  } catch (error) {
    const hint = spec.installHint ? `; ${spec.installHint}` : "; install it or correct the kubeconfig"
    const reason = /ENOENT|not found/.test(messageOf(error)) ? "was not found" : "cannot be started"
    throw new OrkError("config/kubeconfig", `${spec.subject}: ${reason}${hint}`, {}, { cause: error })
  }
}

function credentialsFrom(text: string, spec: ExecSpec): Held {
  try {
    const answer: unknown = JSON.parse(text)
    const status = isRecord(answer) ? answer["status"] : undefined
    if (!isRecord(answer) || answer["kind"] !== "ExecCredential" || !isRecord(status))
      throw wrong(spec, "no ExecCredential")
    if (answer["apiVersion"] !== spec.apiVersion) throw wrong(spec, `not in version ${spec.apiVersion}`)
    const field = (name: string) => (typeof status[name] === "string" ? status[name] : undefined)
    const expires = Date.parse(field("expirationTimestamp") ?? "")
    const held = { token: field("token"), cert: field("clientCertificateData"), key: field("clientKeyData") }
    if (!held.token && !held.cert) throw wrong(spec, "without a token or a certificate")
    return { ...held, expiresMs: Number.isNaN(expires) ? Number.POSITIVE_INFINITY : expires }
  } catch (error) {
    if (isOrkError(error)) throw error
    throw wrong(spec, "not JSON") // the text itself may be a secret
  }
}

function wrong(spec: ExecSpec, what: string): OrkError {
  return new OrkError("config/kubeconfig", `${spec.subject}: its answer is ${what}`)
}
