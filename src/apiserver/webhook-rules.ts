import { isRecord, type KubeObject, nameProblem, type StatusCause } from "../kube/mod.ts"
import { matchConditionCauses, ruleListCauses } from "./match-rules.ts"
import { invalidValue, required, unsupported } from "./names.ts"

type Node = Readonly<Record<string, unknown>>

const subdomain =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
const versions = ["v1", "v1beta1"]

/** What is wrong with a configuration of webhooks, worded as a real server does. */
export function webhookConfigurationCauses(object: KubeObject): readonly StatusCause[] {
  const hooks = Array.isArray(object["webhooks"]) ? object["webhooks"].filter(isRecord) : []
  const names = hooks.map((hook) => hook["name"])
  return hooks.flatMap((hook, index) => {
    const at = `webhooks[${index}]`
    const twice = names.indexOf(hook["name"]) < index
    const message = `Duplicate value: ${JSON.stringify(hook["name"])}`
    const duplicate = twice ? [{ reason: "FieldValueDuplicate", message, field: `${at}.name` }] : []
    return [...duplicate, ...hookCauses(hook, at)]
  })
}

function* hookCauses(hook: Node, at: string): Generator<StatusCause> {
  const { name, sideEffects, timeoutSeconds } = hook
  if (name === undefined || name === "") yield required(`${at}.name`)
  else if (nameProblem(String(name)) !== undefined) yield invalidValue(`${at}.name`, name, subdomain)
  else if (String(name).split(".").length < 3) {
    yield invalidValue(`${at}.name`, name, "should be a domain with at least three segments separated by dots")
  }
  if (sideEffects === undefined) yield required(`${at}.sideEffects`, "must specify one of None, NoneOnDryRun")
  else yield* oneOf(hook, "sideEffects", { at, allowed: ["None", "NoneOnDryRun"] })
  yield* oneOf(hook, "failurePolicy", { at, allowed: ["Fail", "Ignore"] })
  yield* oneOf(hook, "matchPolicy", { at, allowed: ["Equivalent", "Exact"] })
  yield* oneOf(hook, "reinvocationPolicy", { at, allowed: ["IfNeeded", "Never"] })
  if (typeof timeoutSeconds === "number" && (timeoutSeconds < 1 || timeoutSeconds > 30)) {
    const why = "the timeout value must be between 1 and 30 seconds"
    yield invalidValue(`${at}.timeoutSeconds`, timeoutSeconds, why)
  }
  yield* versionCauses(hook["admissionReviewVersions"], `${at}.admissionReviewVersions`)
  yield* ruleListCauses(hook["rules"], `${at}.rules`)
  yield* clientCauses(isRecord(hook["clientConfig"]) ? hook["clientConfig"] : {}, `${at}.clientConfig`)
  yield* matchConditionCauses(hook["matchConditions"], `${at}.matchConditions`)
}

/** A field that has one of a few values, when it is there. */
export function* oneOf(
  of: Node,
  key: string,
  { at, allowed }: { readonly at: string; readonly allowed: readonly string[] },
): Generator<StatusCause> {
  const value = of[key]
  if (value !== undefined && !allowed.includes(String(value))) yield unsupported(`${at}.${key}`, value, allowed)
}

function* versionCauses(value: unknown, at: string): Generator<StatusCause> {
  const list: readonly unknown[] = Array.isArray(value) ? value : []
  if (list.length === 0) {
    yield required(at, "must specify one of v1, v1beta1")
    return
  }
  for (const [index, version] of list.entries()) {
    if (list.indexOf(version) < index) yield invalidValue(`${at}[${index}]`, version, "duplicate version")
  }
  if (!list.some((version) => versions.includes(String(version)))) {
    yield invalidValue(at, list, "must include at least one of v1, v1beta1")
  }
}

/** What is wrong with the address of a webhook. */
export function* clientCauses({ url, service }: Node, at: string): Generator<StatusCause> {
  if ((url === undefined) === (service === undefined)) {
    yield required(at, "exactly one of url or service is required")
  } else if (url !== undefined) yield* urlCauses(String(url), `${at}.url`)
  else yield* serviceCauses(isRecord(service) ? service : {}, `${at}.service`)
}

const form = "desired format: https://host[/path]"

function* urlCauses(url: string, at: string): Generator<StatusCause> {
  const match = /^(?:([^:/?#]+):)?(?:\/\/(?:([^/?#]*)@)?([^/?#@]*))?([^?#]*)(?:\?([^#]*))?(?:#(.*))?$/.exec(url)
  const [, scheme = "", login, host = "", , query, fragment] = match ?? []
  if (scheme !== "https") {
    yield invalidValue(at, scheme, `'https' is the only allowed URL scheme; ${form}`)
  }
  if (host === "") yield invalidValue(at, host, `host must be specified; ${form}`)
  if (login !== undefined) yield invalidValue(at, login, "user information is not permitted in the URL")
  if (fragment) yield invalidValue(at, fragment, "fragments are not permitted in the URL")
  if (query) yield invalidValue(at, query, "query parameters are not permitted in the URL")
}

function* serviceCauses({ name, namespace, path, port }: Node, at: string): Generator<StatusCause> {
  // The server names the wrong field here.
  if (name === undefined || name === "") yield required(`${at}.namespace`)
  if (namespace === undefined || namespace === "") yield required(`${at}.namespace`)
  if (typeof port === "number" && (port < 1 || port > 65_535)) {
    yield invalidValue(`${at}.port`, port, "port is not valid: must be between 1 and 65535, inclusive")
  }
  if (typeof path !== "string" || path === "" || path === "/") return
  if (!path.startsWith("/")) yield invalidValue(`${at}.path`, path, "must start with a '/'")
  const steps = path
    .slice(1)
    .split("/")
    .slice(0, path.endsWith("/") ? -1 : undefined)
  for (const [index, step] of steps.entries()) {
    if (step === "") yield invalidValue(`${at}.path`, path, `segment[${index}] may not be empty`)
  }
}
