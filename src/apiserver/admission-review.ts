import { isRecord, jsonPatch, type KubeObject, type Status } from "../kube/mod.ts"
import { decode } from "./decode.ts"
import type { AdmissionCall, User } from "./ports.ts"
import { forbiddenObject, Refusal } from "./refusal.ts"
import type { Resource } from "./resource.ts"
import { postReview, type WebhookDeps, WebhookFailure } from "./webhook-client.ts"

type Node = Readonly<Record<string, unknown>>

/** One question to a webhook: the call, in the version that it wants to see. */
export interface Question {
  readonly hook: Node
  readonly call: AdmissionCall
  readonly shownAs: Resource
  readonly uid: string
}

/** The request of an `AdmissionReview`. */
export function reviewRequest({ call, shownAs, uid }: Omit<Question, "hook">): Node {
  const { resource, operation, namespace, name, context } = call
  const { subresource } = context
  const kindOf = ({ gvr, kind }: Resource) => ({ group: gvr.group, version: gvr.version, kind })
  const resourceOf = ({ gvr: { group, version, resource: plural } }: Resource) => ({ group, version, resource: plural })
  return {
    uid,
    kind: call.gvk ?? kindOf(shownAs),
    resource: resourceOf(shownAs),
    ...(subresource === "" ? {} : { subResource: subresource }),
    requestKind: call.gvk ?? kindOf(resource),
    requestResource: resourceOf(resource),
    ...(subresource === "" ? {} : { requestSubResource: subresource }),
    ...(name === "" ? {} : { name }),
    ...(namespace === "" ? {} : { namespace }),
    operation,
    userInfo: userInfo(context.user),
    object: call.object ?? null,
    oldObject: call.old ?? null,
    dryRun: context.dryRun,
    options: operation === "CONNECT" ? null : optionsOf(operation, call.options),
  }
}

const optionKinds = { CREATE: "CreateOptions", UPDATE: "UpdateOptions", DELETE: "DeleteOptions" } as const
const ofWrites = ["dryRun", "fieldManager", "fieldValidation"]
const optionNames = {
  CREATE: ofWrites,
  UPDATE: ofWrites,
  DELETE: ["dryRun", "gracePeriodSeconds", "orphanDependents", "preconditions", "propagationPolicy"],
} as const

/** The options of a request as objects of their kind. */
function optionsOf(operation: keyof typeof optionKinds, given: Node): Node {
  const known = optionNames[operation].flatMap((name) => {
    const value = given[name]
    if (value === undefined) return []
    if (name === "dryRun") return [[name, Array.isArray(value) ? value : [value]]]
    return [[name, name === "gracePeriodSeconds" ? Number(value) : value]]
  })
  return { kind: optionKinds[operation], apiVersion: "meta.k8s.io/v1", ...Object.fromEntries(known) }
}

function userInfo({ name, uid, groups, extra }: User): Node {
  return { username: name, ...(uid === undefined ? {} : { uid }), groups, ...(extra === undefined ? {} : { extra }) }
}

/** Asks a webhook. A refusal is thrown; so is a failure, unless the webhook may be passed over. */
export async function askWebhook(
  deps: WebhookDeps,
  question: Question,
  isMutating: boolean,
): Promise<KubeObject | undefined> {
  const { hook, call } = question
  const name = String(hook["name"])
  let response: Node
  try {
    response = await responseOf(deps, question)
  } catch (error) {
    if (!(error instanceof WebhookFailure)) throw error
    if (hook["failurePolicy"] === "Ignore") return undefined
    throw internalError(`failed calling webhook ${JSON.stringify(name)}: ${error.message}`)
  }
  for (const warning of Array.isArray(response["warnings"]) ? response["warnings"] : []) call.warn(String(warning))
  if (response["allowed"] !== true) throw denial(name, response["status"])
  const isFixed = call.operation === "DELETE" || call.operation === "CONNECT"
  if (isMutating && isFixed && response["patch"] !== undefined) {
    const subject = `admission webhook ${JSON.stringify(name)}`
    throw internalError(`${subject} attempted to modify the object, which is not supported for this operation`)
  }
  return isMutating && !isFixed && call.object !== undefined
    ? patched(call.object, response["patch"], question.shownAs)
    : undefined
}

async function responseOf(deps: WebhookDeps, question: Question): Promise<Node> {
  const { hook, uid } = question
  const request = reviewRequest(question)
  const versions = Array.isArray(hook["admissionReviewVersions"]) ? hook["admissionReviewVersions"] : []
  const version = versions.find((one) => one === "v1" || one === "v1beta1") ?? "v1"
  const review = { kind: "AdmissionReview", apiVersion: `admission.k8s.io/${version}`, request }
  const timeoutSeconds = typeof hook["timeoutSeconds"] === "number" ? hook["timeoutSeconds"] : 10
  const body = await called(() => postReview(deps, hook["clientConfig"], { review, timeoutSeconds }))
  const { kind, apiVersion, response } = body
  const invalid = (why: string) => new WebhookFailure(`received invalid webhook response: ${why}`)
  if (kind !== "AdmissionReview" || apiVersion !== review.apiVersion) {
    const wanted = `${review.apiVersion}, Kind=AdmissionReview`
    throw invalid(`expected webhook response of ${wanted}, got ${String(apiVersion)}, Kind=${String(kind)}`)
  }
  if (!isRecord(response)) throw invalid("webhook response was absent")
  if (response["uid"] !== uid) {
    throw invalid(`expected response.uid=${JSON.stringify(uid)}, got ${JSON.stringify(response["uid"] ?? "")}`)
  }
  const { patch, patchType } = response
  const hasPatch = patch !== undefined && patch !== null && patch !== ""
  if (hasPatch && patchType === undefined) throw invalid("webhook returned response.patch but not response.patchType")
  if (hasPatch && patchType !== "JSONPatch") {
    throw invalid(`webhook returned invalid response.patchType of ${JSON.stringify(patchType)}`)
  }
  return hasPatch ? { ...response, patch: await called(() => decoded(String(patch))) } : response
}

async function called<T>(work: () => Promise<T> | T): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw error instanceof WebhookFailure ? new WebhookFailure(`failed to call webhook: ${error.message}`) : error
  }
}

function decoded(text: string): unknown {
  if (!/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(text)) {
    throw new WebhookFailure("illegal base64 data")
  }
  try {
    return JSON.parse(Buffer.from(text, "base64").toString())
  } catch {
    throw new WebhookFailure("the patch is no JSON")
  }
}

// What a patch makes is read as a body would be: unknown members go, wrong types refuse.
function patched(object: KubeObject, patch: unknown, kind: Resource): KubeObject {
  if (patch === undefined || patch === null || patch === "") return object
  const result = jsonPatch(object, patch)
  if (!result.ok) throw internalError(result.error.message)
  const read = decode(isRecord(result.value) ? result.value : {}, kind)
  if (!read.ok) throw internalError(read.error)
  return read.object
}

/** 500 in the server's words. */
function internalError(message: string): Refusal {
  return new Refusal(500, "InternalError", `Internal error occurred: ${message}`, { causes: [{ message }] })
}

/** 403: something about the webhook, not the webhook, refuses. */
export function conditionFault({ resource, name }: AdmissionCall, why: string): Refusal {
  return forbiddenObject(resource, name, why)
}

function denial(name: string, status: unknown): Refusal {
  const { code, reason, message, details } = (isRecord(status) ? status : {}) as Partial<Status> // as it was sent
  const deniedBy = `admission webhook ${JSON.stringify(name)} denied the request`
  const why = message || reason
  const text = why === undefined || why === "" ? `${deniedBy} without explanation` : `${deniedBy}: ${why}`
  return new Refusal(code !== undefined && code >= 400 ? code : 400, reason ?? "", text, details)
}
