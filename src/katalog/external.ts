import { ms, parseDuration, shorten } from "../base/mod.ts"
import { formatPath, getPath, isRecord } from "../kube/mod.ts"
import { conditions, readConditions } from "./conditions.ts"
import { nameRead } from "./entry-fields.ts"
import type { Fault } from "./fault.ts"
import {
  anything,
  byForm,
  duration,
  flag,
  list,
  notYet,
  oneOf,
  type PlaceOptions,
  place,
  readFlag,
  type Shape,
  scalar,
  scalarMap,
  seenAs,
  text,
  whole,
  wrong,
} from "./shape.ts"
import type { CallPlace, CallSecretSpec, CallsSpec, ExternalSpec, RetrySpec } from "./spec-external.ts"

type Plain = Readonly<Record<string, unknown>>
type Steps = readonly (string | number)[]

const timeoutMaxMs = ms("60s")
const defaultTimeoutMs = ms("10s")

const name = nameRead("the result as .external.<name>")

const otherProtocol = wrong(
  notYet("a call that is not HTTP", "put a small HTTP service before it, and call that with http:// or https://"),
)
const url = byForm((value) =>
  typeof value === "string" && /^[a-z][a-z0-9+.-]*:/i.test(value) && !/^https?:/i.test(value) ? otherProtocol : text,
)

const fromEnvironment = wrong(
  notYet("a variable of the environment in token", "put it into a Secret: auth: { secretRef: { name, key } }"),
)
const token = byForm((value) =>
  typeof value === "string" && /\$\{?[A-Za-z_]/.test(value.replace(/\{\{.*?\}\}/gs, "")) ? fromEnvironment : scalar,
)

const bounded = byForm((value) => {
  const parsed = typeof value === "string" ? parseDuration(value) : undefined
  if (parsed === undefined || parsed <= timeoutMaxMs) return duration
  const message = `expected at most 60s, found "${value}"`
  return wrong({
    code: "ORK0114",
    message,
    help: "a call holds a worker while it waits: answer at once, ask again later",
  })
})

const pause = byForm((value) => (typeof value === "string" && (parseDuration(value) ?? 0) > 0 ? text : duration))
const backoffPlace = place("retryBackoff", {
  fields: { initial: pause, max: pause, multiplier: anything, maxAttempts: whole(1, 100) },
})
const retryBackoff = byForm((value) => {
  const fault = isRecord(value) ? backoffFault(value) : undefined
  return fault ? wrong(fault) : isRecord(value) ? backoffPlace : pause
})

function backoffFault(value: Plain): Fault | undefined {
  const { initial, max, multiplier } = readRetry(value) ?? {}
  if (multiplier !== undefined && !(multiplier >= 1)) {
    return { code: "ORK0114", message: "expected a multiplier of at least 1 in retryBackoff", help: "write 2" }
  }
  if (initial === undefined || max === undefined || max >= initial) return undefined
  return { code: "ORK0114", message: 'expected "max" to be at least "initial" in retryBackoff', help: "swap them" }
}

const secretRef = place("secretRef", {
  fields: { name: text, key: text, namespace: text },
  required: ["name", "key"],
})

const callPlace: PlaceOptions = {
  fields: {
    name,
    url,
    method: oneOf("GET", "POST", "PUT", "PATCH", "DELETE"),
    body: anything,
    token,
    headers: scalarMap,
    auth: place("auth", { fields: { secretRef, header: text }, required: ["secretRef"] }),
    timeout: bounded,
    expectedStatus: whole(0, 599),
    continueOnError: flag,
    retryBackoff,
    when: conditions,
    or: conditions,
    fires: place("fires", { fields: { reconcile: flag } }),
  },
  required: ["name", "url"],
  later: ["sleep", "query", "include"],
  laterHelp: {
    sleep: "remove it: requeue and retryBackoff wait without holding a worker",
    query: "put a small HTTP service before the database, and send the query as body",
    include: "write the calls here; a whole block can be included",
  },
}
const call = place("a call", callPlace)
const onlyAtAdmission = wrong(
  notYet(
    `"fires.reconcile: false"`,
    'remove "fires" to make the call in each pass, or remove the call: ork makes none at admission',
  ),
)

/** `external`: HTTP calls, in order. */
export const external: Shape = list(
  seenAs(
    byForm((value) => (readFlag(getPath(value, ["fires", "reconcile"])) === false ? onlyAtAdmission : call)),
    { kind: "place", noun: "a call", options: callPlace },
  ),
)

const pattern = byForm((value) =>
  typeof value !== "string" ||
  /^(\*\.)?[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?(:\d{1,5})?$|^\[[0-9a-fA-F:.]+\](:\d{1,5})?$/.test(value)
    ? text
    : wrong({
        code: "ORK0106",
        message: `expected a host, found "${shorten(value, 80)}"`,
        help: "write api.example.com, *.example.com or api.example.com:8443",
      }),
)

/** `security.external`: what calls may reach. */
export const externalSecurity: Shape = place("security.external", { fields: { allowedHosts: list(pattern) } })

/** One line for each field, for editors. */
export const externalTexts: Readonly<Record<string, string>> = {
  external: "HTTP calls whose results templates read as .external.<name>, in order.",
  "security.external": "What calls may reach.",
  allowedHosts:
    "Hosts that calls may reach, such as api.example.com or *.example.com. Needed where a template makes the host.",
  "a call.name": "The name of the result below .external.",
  url: "The address; a template, where the host is allowed.",
  method: "GET, POST, PUT, PATCH or DELETE; GET by default.",
  body: "What is sent: a text, or values that become JSON.",
  token: "A bearer token that a template makes. Better: auth.",
  headers: "Headers by name; values may be templates.",
  "a call.auth": "A value of a Secret that is sent and never shown.",
  secretRef: "The Secret and its key.",
  "secretRef.name": "The name of the Secret.",
  "secretRef.namespace": "Its namespace; without it that of the custom resource.",
  "secretRef.key": "The key whose value is sent.",
  "auth.header": "Authorization, as a bearer token, by default; any other carries the value as it is.",
  "a call.timeout": "How long the answer may take; 10s by default, 60s at most.",
  expectedStatus: "The one status that is a success; 0: everything below 400.",
  continueOnError: "True: a call that fails leaves an error in its result, and the rest goes on.",
  "a call.retryBackoff": "How often, and after what pauses, a call that failed is made again.",
  initial: "The first pause.",
  "retryBackoff.max": "The longest pause.",
  multiplier: "How much longer each pause is.",
  maxAttempts: "How often it is called at most; the first call counts.",
}

const places: Readonly<Record<CallPlace, Steps>> = {
  gates: ["operatorBox", "gates", "external"],
  enqueueGate: ["operatorBox", "gates", "enqueueGate", "external"],
  reconcileGate: ["operatorBox", "gates", "reconcileGate", "external"],
  mutation: ["mutation", "external"],
  validation: ["validation", "external"],
  operatorBox: ["operatorBox", "external"],
  onCreate: ["operatorBox", "onCreate", "external"],
  onReconcile: ["operatorBox", "onReconcile", "external"],
}

/** Every place of calls, in the order in which a pass makes them. */
export const callPlaces = Object.keys(places) as readonly CallPlace[] // the keys of a literal

/** Reads the hosts that the calls of a whole Katalog may reach; undefined where it says none. */
export function readAllowedHosts(document: unknown): CallsSpec["allowedHosts"] {
  const hosts = getPath(document, ["security", "external", "allowedHosts"])
  return Array.isArray(hosts) ? hosts.map((host) => String(host).toLowerCase()) : undefined
}

/** Reads the calls of an entry that passed its shape. */
export function readCalls(entry: Plain, at: Steps, allowedHosts: CallsSpec["allowedHosts"]): CallsSpec {
  const read = (place: CallPlace) =>
    callsAt(entry, places[place]).map(({ item, index }) => readCall(item, [...at, ...places[place], index]))
  return {
    at: {
      ...{ gates: read("gates"), enqueueGate: read("enqueueGate"), reconcileGate: read("reconcileGate") },
      ...{ mutation: read("mutation"), validation: read("validation"), operatorBox: read("operatorBox") },
      ...{ onCreate: read("onCreate"), onReconcile: read("onReconcile") },
    },
    allowedHosts,
  }
}

function callsAt(entry: Plain, steps: Steps): readonly { readonly item: Plain; readonly index: number }[] {
  const found = getPath(entry, steps)
  return (Array.isArray(found) ? found : []).flatMap((item: unknown, index) =>
    isRecord(item) ? [{ item, index }] : [],
  )
}

const methods = ["GET", "POST", "PUT", "PATCH", "DELETE"] as const

function readCall(item: Plain, at: Steps): ExternalSpec {
  return {
    name: String(item["name"] ?? ""),
    url: item["url"],
    method: methods.find((method) => method === item["method"]) ?? "GET",
    body: item["body"] ?? undefined,
    token: item["token"] ?? undefined,
    headers: isRecord(item["headers"]) ? item["headers"] : {},
    secret: readSecret(item["auth"]),
    timeout: parseDuration(String(item["timeout"] ?? "")) ?? defaultTimeoutMs,
    expectedStatus: Number(item["expectedStatus"] ?? 0),
    continueOnError: readFlag(item["continueOnError"]) ?? false,
    retry: readRetry(item["retryBackoff"]),
    when: readConditions(item["when"], [...at, "when"]),
    or: readConditions(item["or"], [...at, "or"]),
    at: formatPath(at),
  }
}

function readSecret(auth: unknown): CallSecretSpec | undefined {
  const ref = isRecord(auth) ? auth["secretRef"] : undefined
  if (!isRecord(auth) || !isRecord(ref)) return undefined
  const namespace = ref["namespace"] ?? undefined
  return {
    name: ref["name"],
    namespace: namespace === undefined ? undefined : String(namespace),
    key: String(ref["key"] ?? ""),
    header: String(auth["header"] ?? "Authorization"),
  }
}

function readRetry(value: unknown): RetrySpec | undefined {
  if ((value ?? null) === null) return undefined
  const written = isRecord(value) ? value : { initial: value }
  const time = (key: string, fallback: string) => parseDuration(String(written[key] ?? "")) ?? ms(fallback)
  const initial = time("initial", "500ms")
  return {
    initial,
    max: written["max"] === undefined ? ms(Math.max(initial, ms("30s"))) : time("max", "30s"),
    multiplier: Number(written["multiplier"] ?? 2),
    maxAttempts: Number(written["maxAttempts"] ?? 3),
  }
}

/** A mistake and where it stands in the entry. */
export interface CallMistake {
  readonly fault: Fault
  readonly steps: Steps
  readonly severity: "error" | "warning"
  readonly part: "key" | "value"
}

/** What no single call shows: names that stand twice, and gates that do not say what a failing call means. */
export function checkCalls(entry: Plain): readonly CallMistake[] {
  const seen = new Set<unknown>()
  const twice = callPlaces.flatMap((place) =>
    callsAt(entry, places[place]).flatMap(({ item, index }): readonly CallMistake[] => {
      if ((item["name"] ?? null) === null) return []
      const isTwice = seen.has(item["name"])
      seen.add(item["name"])
      const message = `two calls are named "${item["name"]}"`
      const fault = { code: "ORK0206", message, help: "choose another name" }
      const steps = [...places[place], index, "name"]
      return isTwice ? [{ fault, steps, severity: "error", part: "value" }] : []
    }),
  )
  const open = (["enqueueGate", "reconcileGate"] as const).flatMap((gate): readonly CallMistake[] => {
    const steps = places[gate].slice(0, -1)
    if (callsAt(entry, places[gate]).length === 0) return []
    if ((getPath(entry, [...steps, "failPolicy"]) ?? null) !== null) return []
    const held = gate === "enqueueGate" ? "open" : "closed"
    const message = `"${gate}" makes calls and does not say what a call that fails means: it would be ${held}`
    const fault = { code: "ORK0219", message, help: `add "failPolicy: ${held}", or the other` }
    return [{ fault, steps, severity: "warning", part: "key" }]
  })
  return [...twice, ...open]
}
