import { err, type Ms, ok, type Result } from "../base/mod.ts"
import {
  type CallPlace,
  type CrdSpec,
  callPlaces,
  diagnose,
  type ExternalSpec,
  type RetrySpec,
} from "../katalog/mod.ts"
import type { Schema } from "../kube/mod.ts"
import { bothGates, compileGate, type Gate } from "./conditions.ts"
import { asText } from "./entry.ts"
import {
  type CompileContext,
  compileValue,
  type RenderFailure,
  type RenderScope,
  type ValueTemplate,
  whereOf,
} from "./value.ts"

/** One HTTP call, compiled. */
export interface CallPlan extends Pick<ExternalSpec, "name" | "method" | "expectedStatus" | "continueOnError"> {
  readonly url: ValueTemplate
  /** Undefined: nothing is sent. */
  readonly body: ValueTemplate | undefined
  readonly token: ValueTemplate | undefined
  readonly headers: ValueTemplate
  readonly secret:
    | {
        readonly name: ValueTemplate
        readonly namespace: string | undefined
        readonly key: string
        readonly header: string
      }
    | undefined
  readonly timeoutMs: Ms
  readonly retry: RetrySpec | undefined
  /** The block's conditions and its own. */
  readonly gate: Gate
  /** Hosts that it may reach, as `host`, `host:port` or `*.host`. */
  readonly hosts: readonly string[]
  readonly where: string
}

/** The calls of an operator, by place. */
export type CallsPlan = Readonly<Record<CallPlace, readonly CallPlan[]>>

/** What a call sends, but for the value of its Secret. */
export interface CallRequest {
  readonly url: string
  readonly body: string | undefined
  readonly headers: Readonly<Record<string, string>>
  readonly secret: { readonly name: string; readonly namespace: string | undefined } | undefined
}

/** Every call, in the order in which a pass makes them. */
export function callsOf(plan: CallsPlan): readonly CallPlan[] {
  return callPlaces.flatMap((place) => plan[place])
}

/** Compiles the calls of an operator. */
export function compileCalls(crd: CrdSpec, compile: CompileContext): CallsPlan {
  const { onCreate, onReconcile } = crd.operatorBox
  // What is wrong with the conditions of a block is said where its entries are compiled.
  const silent = { ...compile, report: () => undefined }
  const blocks: Partial<Record<CallPlace, Gate | undefined>> = {
    onCreate: onCreate && compileGate(onCreate.when, onCreate.or, silent),
    onReconcile: onReconcile && compileGate(onReconcile.when, onReconcile.or, silent),
  }
  const at = (place: CallPlace) =>
    crd.calls.at[place].map((call) => compileCall(call, blocks[place], { compile, allowed: crd.calls.allowedHosts }))
  return {
    ...{ gates: at("gates"), enqueueGate: at("enqueueGate"), reconcileGate: at("reconcileGate") },
    ...{ mutation: at("mutation"), validation: at("validation"), operatorBox: at("operatorBox") },
    ...{ onCreate: at("onCreate"), onReconcile: at("onReconcile") },
  }
}

interface CallContext {
  readonly compile: CompileContext
  readonly allowed: readonly string[] | undefined
}

function compileCall(call: ExternalSpec, block: Gate | undefined, { compile, allowed }: CallContext): CallPlan {
  const { name, method, expectedStatus, continueOnError, secret, at } = call
  const value = (written: unknown, key: string) => compileValue(written, `${at}.${key}`, compile)
  const own = compileGate(call.when, call.or, compile)
  const fixed = fixedHost(call.url)
  checkHost(call, fixed, { compile, allowed })
  return {
    ...{ name, method, expectedStatus, continueOnError },
    url: value(call.url, "url"),
    body: call.body === undefined ? undefined : value(call.body, "body"),
    token: call.token === undefined ? undefined : value(call.token, "token"),
    headers: value(call.headers, "headers"),
    secret: secret && { ...secret, name: value(secret.name, "auth.secretRef.name") },
    timeoutMs: call.timeout,
    retry: call.retry,
    gate: block ? bothGates(block, own) : own,
    hosts: allowed ?? (fixed === undefined ? [] : [fixed]),
    where: whereOf(compile.spans, at),
  }
}

/** The host and port that an address says, whatever its templates make of the rest; undefined where one makes the host. */
function fixedHost(url: unknown): string | undefined {
  const found = /^https?:\/\/[^/?#\s{}]+(?=$|[/?#])/i.exec(String(url ?? ""))?.[0]
  return found !== undefined && URL.canParse(found) ? hostOf(new URL(found)) : undefined
}

/** `api.example.com:443`: the host of an address and its port, also where that is the scheme's own. */
export function hostOf({ hostname, port, protocol }: URL): string {
  return `${hostname}:${port === "" ? (protocol === "https:" ? "443" : "80") : port}`
}

function checkHost({ url, at }: ExternalSpec, fixed: string | undefined, { compile, allowed }: CallContext): void {
  const report = (message: string, help: string) => {
    const path = `${at}.url`
    compile.report(diagnose({ code: "ORK0218", message, help }, { path, span: compile.spans.locate(path, "value") }))
  }
  const isTemplate = String(url ?? "").includes("{{")
  if (fixed === undefined && !isTemplate) {
    report(`expected an address, found "${String(url ?? "")}"`, "write http://host/path or https://host/path")
  } else if (fixed === undefined && allowed === undefined) {
    const help = "name the hosts that it may reach in security.external.allowedHosts, at the top of the Katalog"
    report("a template makes the host of this call, so it could reach any", help)
  } else if (fixed !== undefined && allowed && !isAllowed(fixed, allowed)) {
    report(`"${fixed}" is not among the allowed hosts`, "add it to security.external.allowedHosts")
  }
}

/** True when a host with its port is one of `hosts`; one of them without a port means all ports. */
export function isAllowed(host: string, hosts: readonly string[]): boolean {
  const name = host.replace(/:\d+$/, "")
  const fits = (pattern: string) => {
    const own = pattern.replace(/:\d+$/, "")
    if (own !== pattern && pattern.slice(own.length) !== host.slice(name.length)) return false
    // An address is never meant by a pattern.
    return own.startsWith("*.") ? name.endsWith(own.slice(1)) && !/^[\d.]+$|^\[/.test(name) : name === own
  }
  return hosts.some(fits)
}

/** What a call reads. */
export function callRefs(plan: CallsPlan): readonly (readonly string[])[] {
  return callsOf(plan).flatMap((call) => [...parts(call).flatMap((part) => part.refs), ...call.gate.refs])
}

function parts({ url, body, token, headers, secret }: CallPlan): readonly ValueTemplate[] {
  return [url, body, token, headers, secret?.name].flatMap((part) => part ?? [])
}

/** What calls mean: part of a fingerprint. */
export function callsSource(plan: CallsPlan): unknown {
  const meaning = (call: CallPlan) => {
    const { name, method, expectedStatus, continueOnError, timeoutMs, retry, hosts, secret } = call
    const fixed = { name, method, expectedStatus, continueOnError, timeoutMs, retry, hosts }
    const key = secret && [secret.namespace, secret.key, secret.header]
    return [fixed, key, parts(call).map(({ source }) => source), call.gate.source]
  }
  return callPlaces.map((place) => plan[place].map(meaning))
}

/** What a call sends for the data in `scope`. */
export function renderCall(call: CallPlan, scope: RenderScope): Result<CallRequest, readonly RenderFailure[]> {
  const failures: RenderFailure[] = []
  const value = (template: ValueTemplate | undefined) => {
    const rendered = template?.render(scope)
    if (rendered && !rendered.ok) failures.push(...rendered.error)
    return rendered?.ok ? rendered.value : undefined
  }
  const url = asText(value(call.url))
  const body = call.body && value(call.body)
  const token = asText(value(call.token))
  const written = Object.entries(Object(value(call.headers))).map(([key, item]) => [key.toLowerCase(), asText(item)])
  const name = asText(value(call.secret?.name))
  if (failures.length > 0) return err(failures)
  const text = typeof body === "string" || body === undefined ? body : JSON.stringify(body)
  const sent = text === undefined || text === "" ? undefined : text
  return ok({
    url,
    body: sent,
    headers: {
      ...(sent === undefined ? {} : { "content-type": "application/json" }),
      ...(token === "" ? {} : { authorization: `Bearer ${token}` }),
      ...Object.fromEntries(written),
    },
    secret: call.secret && { name, namespace: call.secret.namespace },
  })
}

const text: Schema = { type: "string" }

/** The schema of `.external`: of an answer's own members nothing is known. */
export function externalSchema({ calls }: CrdSpec): Schema {
  const result: Schema = {
    type: "object",
    properties: { status: text, body: text, error: text, called: { type: "boolean" } },
    "x-kubernetes-preserve-unknown-fields": true,
  }
  const names = callPlaces.flatMap((place) => calls.at[place].map(({ name }) => name))
  return { type: "object", properties: Object.fromEntries(names.map((name) => [name, result])) }
}
