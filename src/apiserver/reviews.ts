import { isKubeObject, isRecord, noFields, type StatusCause, update } from "../kube/mod.ts"
import { issuer } from "./account-tokens.ts"
import { decide, type PolicyRule, rulesFor, type Wish } from "./authorizer.ts"
import { type Fields, textAt } from "./fields.ts"
import { invalidValue } from "./names.ts"
import type { Connect, ConnectCall, User } from "./ports.ts"
import { badRequest, Refusal } from "./refusal.ts"
import { parseBody } from "./wire/body.ts"
import { managerOf } from "./wire/query.ts"
import { json } from "./wire/reply.ts"

/** What reviews need beside the roles in the server. */
export interface ReviewDeps {
  /** Who a bearer token belongs to. */
  readonly userOf?: (token: string) => User | undefined
  readonly parseYaml?: (text: string) => unknown
}

/** The kinds that are asked and answered, and never stored: who am I, what may I, whose is this token. */
export function reviews(deps: ReviewDeps = {}): Readonly<Record<string, Connect>> {
  const review = (answer: (object: Fields, call: ConnectCall) => Fields): Connect => {
    return async (call) => {
      const { kind, gvr } = call.resource
      const { value } = await parseBody(call.request, { parseYaml: deps.parseYaml, kind })
      const object = isRecord(value) ? value : {}
      const metadata = isRecord(object["metadata"]) ? object["metadata"] : {}
      const header = { kind, apiVersion: `${gvr.group}/${gvr.version}`, metadata }
      const answered = answer(object, call)
      return json(
        201,
        isOwned(answered) ? { ...owned({ ...header, ...object }, call), ...answered } : { ...header, ...answered },
      )
    }
  }
  return {
    subjectaccessreviews: review((object, call) => access(object, call, otherUser(specOf(object)))),
    localsubjectaccessreviews: review((object, call) => {
      const spec = specOf(object)
      const { namespace } = isRecord(spec["resourceAttributes"]) ? spec["resourceAttributes"] : {}
      if (namespace !== call.namespace) {
        const why = "must match metadata.namespace"
        throw invalidReview([invalidValue("spec.resourceAttributes.namespace", namespace ?? "", why)])
      }
      return access(object, call, otherUser(spec))
    }),
    selfsubjectaccessreviews: review((object, call) => access(object, call, call.context.user)),
    selfsubjectrulesreviews: review((object, call) => rules(specOf(object), call)),
    selfsubjectreviews: review((_, { context }) => {
      return { metadata: { creationTimestamp: context.now }, status: { userInfo: shownUser(context.user) } }
    }),
    tokenreviews: review((object) => token(specOf(object), deps)),
  }
}

// What was asked has an owner where the answer repeats it.
function isOwned({ spec }: Fields): boolean {
  return isRecord(spec) && Object.keys(spec).length > 0
}

function owned(object: Fields, { request, resource, context }: ConnectCall): Fields {
  if (!isKubeObject(object)) return object
  const query = new URL(request.url).searchParams
  const manager = managerOf(request, query, "CreateOptions")
  const { schema, set } = resource
  return update({ live: undefined, object, manager, schema, set, now: context.now, reset: noFields }).object
}

function specOf(object: Fields): Fields {
  return isRecord(object["spec"]) ? object["spec"] : {}
}

function otherUser(spec: Fields): User {
  const name = typeof spec["user"] === "string" ? spec["user"] : ""
  const groups = Array.isArray(spec["groups"]) ? spec["groups"].map(String) : []
  if (name === "" && groups.length === 0) {
    throw invalidReview([invalidValue("spec.user", "", "at least one of user or group must be specified")])
  }
  return { name, groups }
}

function access(object: Fields, { api }: ConnectCall, user: User): Fields {
  const spec = specOf(object)
  const { allowed, reason } = decide(api, user, wishOf(spec))
  const why = allowed || reason === "" ? reason : `rbac: ${reason}`
  return { spec, status: { allowed, ...(why === "" ? {} : { reason: why }) } }
}

function wishOf(spec: Fields): Wish {
  const { resourceAttributes: resource, nonResourceAttributes: other } = spec
  if (isRecord(resource) === isRecord(other)) {
    const shown = isRecord(other) ? { Path: textAt(other, "path"), Verb: textAt(other, "verb") } : null
    const why = "exactly one of nonResourceAttributes or resourceAttributes must be specified"
    throw invalidReview([invalidValue("spec", shown, why)])
  }
  const about = isRecord(resource) ? resource : {}
  return {
    verb: textAt(isRecord(other) ? other : about, "verb"),
    group: textAt(about, "group"),
    resource: textAt(about, "resource"),
    subresource: textAt(about, "subresource"),
    namespace: textAt(about, "namespace"),
    name: textAt(about, "name"),
    path: isRecord(other) ? textAt(other, "path") : "",
  }
}

function rules(spec: Fields, { api, context }: ConnectCall): Fields {
  const namespace = textAt(spec, "namespace")
  if (namespace === "") throw badRequest("no namespace on request")
  const found = rulesFor(api, context.user, namespace)
  const isPath = (rule: PolicyRule) => (rule.nonResourceURLs ?? []).length > 0
  return {
    spec: {},
    status: {
      resourceRules: found.rules.filter((rule) => (rule.resources ?? []).length > 0).map(withoutPaths),
      nonResourceRules: found.rules.filter(isPath).map(({ verbs, nonResourceURLs }) => ({ verbs, nonResourceURLs })),
      incomplete: found.faults.length > 0,
      ...(found.faults.length > 0 ? { evaluationError: found.faults.join(", ") } : {}),
    },
  }
}

function withoutPaths({ nonResourceURLs: _, ...rule }: PolicyRule): PolicyRule {
  return rule
}

function token(spec: Fields, { userOf }: ReviewDeps): Fields {
  const given = textAt(spec, "token")
  if (given === "") throw badRequest("token is required for TokenReview in authentication")
  const user = userOf?.(given)
  if (user === undefined) return { spec, status: { user: {}, error: "invalid bearer token" } }
  return { spec, status: { authenticated: true, user: shownUser(user), audiences: [issuer] } }
}

function shownUser({ name: username, uid, groups, extra }: User): Fields {
  return { username, ...(uid === undefined ? {} : { uid }), groups, ...(extra === undefined ? {} : { extra }) }
}

// The server forgets the kind here.
function invalidReview(causes: readonly StatusCause[]): Refusal {
  const group = "authorization.k8s.io"
  const texts = causes.map(({ field, message }) => `${field}: ${message}`)
  return new Refusal(422, "Invalid", `.${group} "" is invalid: ${texts.join(", ")}`, { group, causes })
}
