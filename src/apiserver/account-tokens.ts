import { createHmac, timingSafeEqual } from "node:crypto"
import { type Clock, type Random, rfc3339 } from "../base/mod.ts"
import { isRecord, type StatusCause } from "../kube/mod.ts"
import type { Api } from "./api.ts"
import { type Fields, mapAt, numberAt, specOf, textAt } from "./fields.ts"
import { gvrs } from "./gvrs.ts"
import { invalidValue } from "./names.ts"
import type { Connect, ConnectCall, User } from "./ports.ts"
import { badRequest, invalid, notFound, Refusal } from "./refusal.ts"
import { uuid } from "./uuid.ts"
import { parseBody } from "./wire/body.ts"
import { managerOf } from "./wire/query.ts"
import { json } from "./wire/reply.ts"

/** Who the server is, to those who read its tokens. */
export const issuer = "https://kubernetes.default.svc.cluster.local"

/** What tokens of ServiceAccounts are made with. */
export interface AccountTokenDeps {
  readonly clock: Clock
  readonly random: Random
  /** What signs them: whoever knows it can be every ServiceAccount. */
  readonly secret: string
  readonly parseYaml?: (text: string) => unknown
}

const kind = "TokenRequest"
const group = "authentication.k8s.io"
const secondsMin = 600
const secondsMax = 2 ** 32
const secondsUsual = 3_600

/** What a token may be bound to: it ends with it. */
const bindings: Readonly<Record<string, keyof typeof gvrs>> = { Pod: "pods", Secret: "secrets", Node: "nodes" }

interface Wish {
  readonly audiences: readonly string[]
  readonly seconds: number
  readonly bound: Fields | undefined
}

/** Answers `serviceaccounts/token`: makes a token that logs in as the ServiceAccount until it is over. */
export function requestToken(deps: AccountTokenDeps): Connect {
  return async (call) => {
    const { api, namespace, name } = call
    const account = api.get(gvrs.serviceAccounts, { namespace, name })
    if (account === undefined) throw notFound(call.resource, name)
    const body = await bodyOf(call, deps)
    const { audiences, seconds, bound } = wishOf(body, call)
    const holder = bound && boundTo(bound, call)
    const managedFields = ownersOf(body, call)
    const now = Math.floor(deps.clock.nowMs() / 1000)
    const { uid } = account.metadata
    const claims = {
      ...{ aud: audiences, exp: now + seconds, iat: now, iss: issuer, jti: uuid(deps.random) },
      "kubernetes.io": { namespace, ...holder?.claim, serviceaccount: { name, uid } },
      ...{ nbf: now, sub: `system:serviceaccount:${namespace}:${name}` },
    }
    return json(201, {
      ...{ kind, apiVersion: `${group}/v1` },
      metadata: { name, namespace, uid, creationTimestamp: call.context.now, managedFields },
      spec: { audiences, expirationSeconds: seconds, boundObjectRef: holder?.ref ?? null },
      status: { token: signed(claims, deps.secret), expirationTimestamp: rfc3339((now + seconds) * 1000) },
    })
  }
}

/** Whose token this is; undefined when it is none of ours, is over, or its account or what it was bound to is gone. */
export function accountOf(api: Api, token: string, { clock, secret }: AccountTokenDeps): User | undefined {
  const claims = verified(token, secret)
  if (claims === undefined || numberAt(claims, "exp") * 1000 <= clock.nowMs()) return undefined
  const audiences = claims["aud"]
  if (!Array.isArray(audiences) || !audiences.includes(issuer)) return undefined
  const own = mapAt(claims, "kubernetes.io")
  const namespace = textAt(own, "namespace")
  const { name, uid } = reference(mapAt(own, "serviceaccount"))
  if (!isThere(api, "serviceAccounts", { namespace, name, uid })) return undefined
  const isGone = Object.entries(bindings).some(([kind, key]) => {
    const holder = mapAt(own, kind.toLowerCase())
    const home = kind === "Node" ? "" : namespace
    return textAt(holder, "name") !== "" && !isThere(api, key, { namespace: home, ...reference(holder) })
  })
  if (isGone) return undefined
  const groups = ["system:serviceaccounts", `system:serviceaccounts:${namespace}`, "system:authenticated"]
  return { name: textAt(claims, "sub"), groups, uid }
}

function reference(fields: Fields): { readonly name: string; readonly uid: string } {
  return { name: textAt(fields, "name"), uid: textAt(fields, "uid") }
}

function isThere(
  api: Api,
  key: keyof typeof gvrs,
  at: { readonly namespace: string; readonly name: string; readonly uid: string },
): boolean {
  return api.get(gvrs[key], at)?.metadata.uid === at.uid
}

async function bodyOf({ request }: ConnectCall, { parseYaml }: AccountTokenDeps): Promise<Fields> {
  const { value } = await parseBody(request, { parseYaml, kind })
  if (!isRecord(value)) throw badRequest(`the object provided is unrecognized (must be of type ${kind})`)
  const { kind: given = kind, apiVersion = `${group}/v1` } = value
  if (given === kind && apiVersion === `${group}/v1`) return value
  const why = "cannot be handled as a TokenRequest"
  throw badRequest(`${String(given)} in version ${JSON.stringify(apiVersion)} ${why}`)
}

/** Who asked for what: a default counts as asked. */
function ownersOf(body: Fields, { request, context }: ConnectCall): unknown {
  const asked = Object.keys({ ...mapAt(body, "spec"), expirationSeconds: secondsUsual }).sort()
  const manager = managerOf(request, new URL(request.url).searchParams, "CreateOptions")
  const fieldsV1 = { "f:spec": Object.fromEntries(asked.map((key) => [`f:${key}`, {}])) }
  const written = { apiVersion: `${group}/v1`, time: context.now, fieldsType: "FieldsV1", fieldsV1 }
  return [{ manager, operation: "Update", ...written, subresource: "token" }]
}

function wishOf(body: Fields, { name, namespace }: ConnectCall): Wish {
  const metadata = mapAt(body, "metadata")
  const [home, given] = [textAt(metadata, "namespace"), textAt(metadata, "name")]
  if (home !== "" && home !== namespace)
    throw badRequest("the namespace of the provided object does not match the namespace sent on the request")
  if (given !== "" && given !== name)
    throw refused(name, invalidValue("metadata.name", given, "must match the service account name if specified"))
  const spec = mapAt(body, "spec")
  const seconds = numberAt(spec, "expirationSeconds", secondsUsual)
  const isShort = seconds < secondsMin
  if (isShort || seconds > secondsMax) {
    const why = `may not specify a duration ${isShort ? "less than 10 minutes" : "larger than 2^32 seconds"}`
    throw refused("", invalidValue("spec.expirationSeconds", seconds, why))
  }
  const audiences = Array.isArray(spec["audiences"]) ? spec["audiences"].map(String) : []
  const bound = isRecord(spec["boundObjectRef"]) ? spec["boundObjectRef"] : undefined
  return { audiences: audiences.length > 0 ? audiences : [issuer], seconds, bound }
}

function refused(name: string, cause: StatusCause): Refusal {
  return invalid({ gvr: { group, version: "v1", resource: "tokenrequests" }, kind }, name, [cause])
}

/** What a token is bound to: as a claim, and as it is answered. */
function boundTo(bound: Fields, { api, namespace, name: account }: ConnectCall): { claim: Fields; ref: Fields } {
  const given = textAt(bound, "kind")
  const key = textAt(bound, "apiVersion") === "v1" ? bindings[given] : undefined
  const resource = key && api.resource(gvrs[key])
  if (key === undefined || resource === undefined)
    throw badRequest(`cannot bind token to object of type /${textAt(bound, "apiVersion")}, Kind=${given}`)
  const name = textAt(bound, "name")
  const found = api.get(gvrs[key], { namespace: given === "Node" ? "" : namespace, name })
  if (found === undefined) throw notFound(resource, name)
  const wanted = textAt(bound, "uid")
  const { uid = "" } = found.metadata
  if (wanted !== "" && wanted !== uid) {
    const why = `the UID in the bound object reference (${wanted}) does not match the UID in record. The object might have been deleted and then recreated`
    // Named by its kind, for once.
    const message = `Operation cannot be fulfilled on ${given} ${JSON.stringify(name)}: ${why}`
    throw new Refusal(409, "Conflict", message, { name, kind: given })
  }
  if (given === "Pod" && textAt(specOf(found), "serviceAccountName") !== account) {
    const why = "pod running with different serviceaccount name."
    throw badRequest(`cannot bind token for serviceaccount ${JSON.stringify(account)} to ${why}`)
  }
  return { claim: { [given.toLowerCase()]: { name, uid } }, ref: { kind: given, apiVersion: "v1", name, uid } }
}

function signed(claims: Fields, secret: string): string {
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url")
  const text = `${part({ alg: "HS256" })}.${part(claims)}`
  return `${text}.${signature(text, secret).toString("base64url")}`
}

function signature(text: string, secret: string): Buffer {
  return createHmac("sha256", secret).update(text).digest()
}

function verified(token: string, secret: string): Fields | undefined {
  const [header = "", claims = "", given = "", ...more] = token.split(".")
  const expected = signature(`${header}.${claims}`, secret)
  const actual = Buffer.from(given, "base64url")
  if (more.length > 0 || actual.length !== expected.length || !timingSafeEqual(actual, expected)) return undefined
  const value: unknown = JSON.parse(Buffer.from(claims, "base64url").toString())
  return isRecord(value) ? value : undefined
}
