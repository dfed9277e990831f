import { apiVersionOf } from "../kube/mod.ts"
import type { Resource, Verb } from "./resource.ts"

type Json = Readonly<Record<string, unknown>>

interface Operation {
  readonly verb: Verb
  readonly method: "delete" | "get" | "patch" | "post" | "put"
  readonly action: string
  readonly query: readonly string[]
}

const write = ["dryRun", "fieldManager", "fieldValidation"]

const onObject: readonly Operation[] = [
  { verb: "get", method: "get", action: "get", query: [] },
  { verb: "update", method: "put", action: "put", query: write },
  { verb: "patch", method: "patch", action: "patch", query: [...write, "force"] },
  { verb: "delete", method: "delete", action: "delete", query: ["dryRun", "gracePeriodSeconds", "propagationPolicy"] },
]

const selecting = ["continue", "fieldSelector", "labelSelector", "limit", "resourceVersion", "timeoutSeconds", "watch"]

const onList: readonly Operation[] = [
  { verb: "list", method: "get", action: "list", query: selecting },
  { verb: "create", method: "post", action: "post", query: write },
  { verb: "deletecollection", method: "delete", action: "deletecollection", query: [...selecting, "dryRun"] },
]

/** The paths of a resource in an OpenAPI document: what a client looks for there, not every word of the real one. */
export function pathsOfResource(
  resource: Resource,
  definition: string | undefined,
  form: "v2" | "v3",
): readonly (readonly [string, Json])[] {
  const { gvr, namespaced, verbs, subresources } = resource
  const base = `${gvr.group === "" ? "/api" : "/apis"}/${apiVersionOf(gvr)}`
  const home = namespaced ? `${base}/namespaces/{namespace}/${gvr.resource}` : `${base}/${gvr.resource}`
  const operations = { resource, definition, form }
  const below = subresources.map((subresource): readonly [string, Json] => [
    `${home}/{name}/${subresource.name}`,
    pathItem(onObject, subresource.verbs, operations, subresource.gvk),
  ])
  const all: readonly (readonly [string, Json])[] = [
    [home, pathItem(onList, verbs, operations)],
    ...(namespaced && verbs.includes("list")
      ? [[`${base}/${gvr.resource}`, pathItem(onList.slice(0, 1), verbs, operations)] as const]
      : []),
    [`${home}/{name}`, pathItem(onObject, verbs, operations)],
    ...below,
  ]
  return all.filter(([, item]) => Object.keys(item).length > 0)
}

interface Context {
  readonly resource: Resource
  readonly definition: string | undefined
  readonly form: "v2" | "v3"
}

function pathItem(operations: readonly Operation[], verbs: readonly Verb[], context: Context, gvk?: Json): Json {
  const able = operations.filter(({ verb }) => verbs.includes(verb))
  return Object.fromEntries(able.map((operation) => [operation.method, describe(operation, context, gvk)]))
}

function describe({ action, query }: Operation, { resource, definition, form }: Context, gvk: Json | undefined): Json {
  const { group, version } = resource.gvr
  const own = { group, version, kind: resource.kind }
  const isSelf = gvk === undefined || gvk["version"] === ""
  return {
    parameters: query.map((name) => parameter(name, form)),
    responses: { "200": { description: "OK", ...(isSelf ? content(definition, form) : {}) } },
    "x-kubernetes-action": action,
    "x-kubernetes-group-version-kind": isSelf ? own : gvk,
  }
}

function parameter(name: string, form: "v2" | "v3"): Json {
  const type = name === "force" || name === "watch" ? "boolean" : /Seconds|limit/.test(name) ? "integer" : "string"
  const schema = form === "v2" ? { type, uniqueItems: true } : { schema: { type, uniqueItems: true } }
  return { name, in: "query", ...schema }
}

function content(definition: string | undefined, form: "v2" | "v3"): Json {
  if (definition === undefined) return {}
  if (form === "v2") return { schema: { $ref: `#/definitions/${definition}` } }
  return { content: { "application/json": { schema: { $ref: `#/components/schemas/${definition}` } } } }
}
