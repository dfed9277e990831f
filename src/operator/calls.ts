import { backoff, type Clock, type Metrics, ms, OrkError, parseJson, type Random, type Transport } from "../base/mod.ts"
import { type Answer, callExternal } from "../hooks/mod.ts"
import { formatGvk, isRecord, type KubeObject, keyOf, type ObjectKey, stableHash } from "../kube/mod.ts"
import { type CallPlan, type CallRequest, hostOf, isAllowed, renderCall } from "../plan/mod.ts"
import type { Outcome } from "../runtime/mod.ts"
import { isNews } from "./emit.ts"
import { finalize } from "./finalize.ts"
import { type CallsEnd, type Pass, revisit, revisitAt } from "./pass.ts"
import { scopeOf } from "./scope.ts"

/** What making calls needs. */
export interface CallsDeps {
  readonly transport: Transport
  readonly clock: Clock
  readonly random: Random
  readonly metrics: Pick<Metrics, "count" | "observe">
}

interface Made {
  readonly hash: string
  readonly value: unknown
}

/** A row of calls that broke off to be tried again. */
interface Series {
  readonly uid: string | undefined
  readonly pending: string
  readonly pendingHash: string
  readonly attempts: number
  readonly notBeforeMs: number
  /** The calls that came before, which are not made again. */
  readonly made: ReadonlyMap<string, Made>
}

/** A pass that failed by a call is not tried again earlier: others have to answer it. */
const soonestMs = ms("1s")
const secretGvk = { group: "", version: "v1", kind: "Secret" } as const
/** A Secret that comes wakes the custom resource by itself. */
const secretRevisitMs = ms("5m")
/** A row that nobody went on with in this time begins anew. */
const seriesMaxMs = ms("1m")
const made: CallsEnd = { kind: "made" }

/**
 * The external calls of an operator.
 *
 * Guarantees: calls are made one after the other, and a later one sees the results of the earlier. A call that is to be
 * tried again holds no worker in between: the pass ends, and the next one goes on where it was, without making again what
 * has been answered. In memory, for as many custom resources as there are: whoever drops one calls `forget`.
 */
export class Calls {
  readonly #deps: CallsDeps
  readonly #series = new Map<ObjectKey, Series>()
  /** Calls whose tries are used up, by custom resource and name: until one succeeds, each failure counts at once. */
  readonly #exhausted = new Map<ObjectKey, Map<string, string>>()

  constructor(deps: CallsDeps) {
    this.#deps = deps
  }

  /** Custom resources whose calls wait for another try. */
  get size(): number {
    return this.#series.size
  }

  /** Makes `calls` for the custom resource of `pass`; their results are put into the pass. */
  async make(pass: Pass, calls: readonly CallPlan[]): Promise<CallsEnd> {
    for (const call of calls) {
      const end = await this.#one(pass, call)
      if (end.kind !== "made") return end
    }
    return made
  }

  /** A custom resource is gone. */
  forget(cr: ObjectKey): void {
    this.#series.delete(cr)
    this.#exhausted.delete(cr)
  }

  async #one(pass: Pass, call: CallPlan): Promise<CallsEnd> {
    const scope = scopeOf(pass)
    const judged = call.gate.judge(scope)
    if (!judged.ok) return failedBy(call, judged.error)
    revisitAt(pass, judged.value.nextChangeMs)
    if (!judged.value.open) {
      if (this.#series.get(keyOf(pass.cr))?.pending === call.name) this.#series.delete(keyOf(pass.cr))
      pass.external[call.name] = { called: false, status: "", body: "", error: "" }
      return made
    }
    const request = renderCall(call, scope)
    if (!request.ok) return failedBy(call, request.error)
    const secret = secretOf(pass, call, request.value)
    if (typeof secret === "object") return { kind: "wait", on: secret.missing, afterMs: secretRevisitMs }
    return await this.#send(pass, call, { request: request.value, secret })
  }

  async #send(
    pass: Pass,
    call: CallPlan,
    { request, secret }: { readonly request: CallRequest; readonly secret: string | undefined },
  ): Promise<CallsEnd> {
    const { clock } = this.#deps
    const hash = stableHash(request)
    const series = this.#seriesOf(pass.cr)
    const before = series?.made.get(call.name)
    if (before?.hash === hash) return take(pass, call, before)
    const isPending = series?.pending === call.name && series.pendingHash === hash
    if (!isPending && series?.pending === call.name) this.#series.delete(keyOf(pass.cr))
    const waitMs = isPending ? series.notBeforeMs - clock.steadyMs() : 0
    if (waitMs > 0) return { kind: "wait", on: waitText(call), afterMs: ms(waitMs) }
    const answer = await this.#ask(pass, call, { request, secret })
    const result: Made = { hash, value: resultOf(answer) }
    const key = keyOf(pass.cr)
    if (answer.error) {
      const attempts = (isPending ? series.attempts : 0) + 1
      return this.#fail(pass, call, { error: answer.error, result, attempts })
    }
    if (isPending) this.#series.delete(key)
    this.#exhausted.get(key)?.delete(call.name)
    isNews(pass, `call ${call.name}`, undefined)
    return take(pass, call, result)
  }

  /** Another try later, or the end of the tries: an error in the result, or one that ends the pass. */
  #fail(
    pass: Pass,
    call: CallPlan,
    { error, result, attempts }: { readonly error: OrkError; readonly result: Made; readonly attempts: number },
  ): CallsEnd {
    const key = keyOf(pass.cr)
    const exhausted = this.#exhausted.get(key) ?? new Map<string, string>()
    const isTriedAgain = error.retryable && exhausted.get(call.name) !== result.hash
    if (call.retry && isTriedAgain && attempts < call.retry.maxAttempts) {
      const { initial: initialMs, max: maxMs, multiplier: factor } = call.retry
      const pauseMs = backoff(attempts - 1, this.#deps.random, { initialMs, maxMs, factor, jitter: 0.2 })
      const afterMs = ms(Math.max(pauseMs, error.retryAfterMs ?? 0))
      const notBeforeMs = this.#deps.clock.steadyMs() + afterMs
      const next = { pending: call.name, pendingHash: result.hash, attempts, notBeforeMs }
      this.#series.set(key, { ...next, uid: pass.cr.metadata.uid, made: new Map(pass.made) })
      return { kind: "wait", on: waitText(call), afterMs }
    }
    if (this.#series.get(key)?.pending === call.name) this.#series.delete(key)
    if (call.retry) this.#exhausted.set(key, exhausted.set(call.name, result.hash))
    take(pass, call, result)
    if (!call.continueOnError) return { kind: "failed", error: said(call, error) }
    if (isNews(pass, `call ${call.name}`, error.message)) {
      pass.log.warn("an external call failed, going on without it", { reason: said(call, error).message })
    }
    return made
  }

  async #ask(
    pass: Pass,
    call: CallPlan,
    { request, secret }: { readonly request: CallRequest; readonly secret: string | undefined },
  ): Promise<Answer> {
    const { transport, clock, metrics } = this.#deps
    const { method, timeoutMs, expectedStatus } = call
    const header = call.secret?.header.toLowerCase() ?? ""
    const signed = secret === undefined ? {} : { [header]: header === "authorization" ? `Bearer ${secret}` : secret }
    const { url, body } = request
    const sent = { method, url, body, headers: { ...request.headers, ...signed }, timeoutMs, expectedStatus }
    const startedMs = clock.steadyMs()
    const answer = await callExternal(
      transport,
      { ...sent, mayReach: (to) => isAllowed(hostOf(to), call.hosts) },
      { clock, signal: pass.signal },
    ).catch((error: unknown): Answer => {
      if (!(error instanceof OrkError) || pass.signal.aborted) throw error
      return { status: 0, body: "", error }
    })
    const labels = { crd: formatGvk(pass.plan.gvk), name: call.name }
    metrics.count("orkestra_external_call_total", { ...labels, result: answer.error ? "error" : "success" })
    metrics.observe("orkestra_external_call_duration_seconds", labels, (clock.steadyMs() - startedMs) / 1_000)
    return answer
  }

  #seriesOf(cr: KubeObject): Series | undefined {
    const series = this.#series.get(keyOf(cr))
    if (!series) return undefined
    const isOver = this.#deps.clock.steadyMs() > series.notBeforeMs + seriesMaxMs
    if (series.uid === cr.metadata.uid && !isOver) return series
    this.#series.delete(keyOf(cr))
    return undefined
  }
}

function take(pass: Pass, call: CallPlan, result: Made): CallsEnd {
  pass.external[call.name] = result.value
  pass.made.set(call.name, result)
  return made
}

/** What templates read: the members of a JSON answer, and what is known of every call. */
function resultOf({ status, body, error }: Answer): unknown {
  const own = { called: true, status: status === 0 ? "" : String(status), body, error: error?.message ?? "" }
  if (!body.trimStart().startsWith("{")) return own
  try {
    const parsed = parseJson(body)
    return isRecord(parsed) ? { ...parsed, ...own } : own
  } catch {
    return own // it only looked like JSON; the text is there as it is
  }
}

/** The value that is sent, or what is missing. */
function secretOf(pass: Pass, call: CallPlan, request: CallRequest): string | undefined | { readonly missing: string } {
  if (!call.secret || !request.secret) return undefined
  const { name, namespace = pass.cr.metadata.namespace ?? "" } = request.secret
  const found = pass.reads.get({ gvk: secretGvk, namespace, name })
  const subject = `Secret/${namespace}/${name}`
  const use = `for the call ${call.name}`
  if (found === "pending") return { missing: `${subject}: needed ${use}, its kind is still being listed` }
  if (found === "missing") return { missing: `${subject}: needed ${use}, but it does not exist` }
  const encoded = isRecord(found["data"]) ? found["data"][call.secret.key] : undefined
  if (typeof encoded !== "string") return { missing: `${subject}: has no key "${call.secret.key}", needed ${use}` }
  return new TextDecoder().decode(Uint8Array.fromBase64(encoded)).trim()
}

// The same words for every try, so that a status that is tried again is written once.
function waitText({ name, method }: CallPlan): string {
  return `external ${name}: ${method} failed, trying again`
}

function said({ name, where }: CallPlan, error: OrkError): OrkError {
  const options = { cause: error, retryAfterMs: error.retryAfterMs ?? soonestMs }
  return new OrkError(error.code, `external ${name} (${where}): ${error.message}`, error.context, options)
}

function failedBy(
  call: CallPlan,
  failures: readonly { readonly code: OrkError["code"]; readonly message: string }[],
): CallsEnd {
  const [first] = failures
  return { kind: "failed", error: said(call, new OrkError(first?.code ?? "template/function", first?.message ?? "")) }
}

/** Makes the calls of one place after the other, and says on the custom resource what keeps the pass from going on. */
export async function makeCalls(pass: Pass, places: readonly (readonly CallPlan[])[]): Promise<"next" | Outcome> {
  for (const calls of places) {
    const end = await pass.ports.calls.make(pass, calls)
    if (end.kind === "made") continue
    pass.complete = false
    if (end.kind === "wait") {
      pass.isBlind = true
      pass.marks.waits.push(end.on)
      revisit(pass, end.afterMs)
    } else {
      const { message, retryable, code } = end.error
      const reason = code.startsWith("external/") ? "ExternalFailed" : "TemplateError"
      pass.marks.problems.push({ reason, message, terminal: !retryable, error: end.error })
    }
    return await finalize(pass)
  }
  return "next"
}
