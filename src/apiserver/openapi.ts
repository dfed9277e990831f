import { apiVersionOf, type Schema, type SchemaSet } from "../kube/mod.ts"
import { definitionName, type Prose, schemaProse } from "./builtin-data.ts"
import { servedVersion } from "./discovery.ts"
import { type ApiDocument, hashOf } from "./document.ts"
import { pathsOfResource } from "./openapi-paths.ts"
import { openApiProtobuf } from "./openapi-protobuf.ts"
import type { Resource } from "./resource.ts"

const info = { title: "Kubernetes", version: `${servedVersion.major}.${servedVersion.minor}` }

interface Group {
  /** `api/v1`, `apis/apps/v1`. */
  readonly path: string
  readonly resources: readonly Resource[]
}

type Json = Readonly<Record<string, unknown>>

const protobufTwo = /^application\/com\.github\.proto-openapi\.spec\.v2[.@]v1\.0\+protobuf\b/
const protobufType = "application/com.github.proto-openapi.spec.v2.v1.0+protobuf"

/** What is answered below `/openapi`; undefined when no document is there, "unacceptable" in no form that is asked for. */
export function openApiDocument(
  path: string,
  accept: string,
  resources: readonly Resource[],
): ApiDocument | "unacceptable" | undefined {
  const wantsJson = /json|\*\/\*/.test(accept) || accept === ""
  if (path === "/openapi/v2") {
    const document = () => ({ swagger: "2.0", info, ...versionTwo(resources) })
    if (protobufTwo.test(accept)) return { ...json(undefined), type: protobufType, body: openApiProtobuf(document()) }
    return wantsJson ? json(document()) : "unacceptable"
  }
  const groups = groupsOf(resources)
  if (path === "/openapi/v3") {
    const paths = groups.map((group) => {
      const url = `/openapi/v3/${group.path}?hash=${groupHash(group)}`
      return [group.path, { serverRelativeURL: url }] as const
    })
    return json({ paths: Object.fromEntries(paths) })
  }
  const found = groups.find((group) => `/openapi/v3/${group.path}` === path)
  if (found === undefined) return undefined
  return wantsJson ? { ...json(versionThree(found)), tag: groupHash(found), vary: "Accept" } : "unacceptable"
}

function json(value: unknown): ApiDocument {
  return { type: "application/json", body: JSON.stringify(value) ?? "", cache: "no-cache, private" }
}

function groupsOf(resources: readonly Resource[]): readonly Group[] {
  const byVersion = Map.groupBy(resources, ({ gvr }) => `${gvr.group === "" ? "api" : "apis"}/${apiVersionOf(gvr)}`)
  const groups = [...byVersion].map(([path, own]) => ({ path, resources: own }))
  return groups.sort((a, b) => (a.path < b.path ? -1 : 1))
}

const hashes = new WeakMap<Resource, string>()

/** Changes when the document does. Built-in ones never do within one version of this program. */
function groupHash({ path, resources }: Group): string {
  const parts = resources.map((resource) => {
    if (!resource.isCustom) return resource.gvr.resource
    const known = hashes.get(resource) ?? hashOf(JSON.stringify([resource.kind, resource.namespaced, resource.schema]))
    hashes.set(resource, known)
    return known
  })
  return hashOf([path, servedVersion.gitVersion, ...parts].join("\n"))
}

function versionThree({ resources }: Group): Json {
  const schemas = definitionsOf(resources, "#/components/schemas/")
  return { openapi: "3.0.0", info, paths: pathsOf(resources, "v3"), components: { schemas } }
}

function versionTwo(resources: readonly Resource[]): Json {
  return { paths: pathsOf(resources, "v2"), definitions: definitionsOf(resources, "#/definitions/") }
}

function pathsOf(resources: readonly Resource[], form: "v2" | "v3"): Json {
  const entries = resources.flatMap((resource) => pathsOfResource(resource, nameOf(resource), form))
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)))
}

/** `com.example.v1.Widget`: the name of a CRD's definition. */
function nameOf({ isCustom, gvr, kind }: Resource): string | undefined {
  return isCustom
    ? [...gvr.group.split(".").reverse(), gvr.version, kind].join(".")
    : definitionName(apiVersionOf(gvr), kind)
}

function definitionsOf(resources: readonly Resource[], prefix: string): Json {
  const found = new Map<string, unknown>()
  const publisher = new Publisher(prefix)
  for (const resource of resources) {
    const name = nameOf(resource)
    if (name === undefined || resource.schema === undefined) continue
    if (!resource.isCustom) publisher.open.push([name, resource.set])
    else found.set(name, { ...publisher.custom(resource.schema, resource.set), ...kindOf(resource) })
  }
  for (let next = publisher.open.pop(); next !== undefined; next = publisher.open.pop()) {
    const [name, set] = next
    if (!found.has(name)) found.set(name, publisher.definition(name, set))
  }
  return Object.fromEntries([...found].sort(([a], [b]) => (a < b ? -1 : 1)))
}

function kindOf({ gvr, kind }: Resource): Json {
  return { "x-kubernetes-group-version-kind": [{ group: gvr.group, kind, version: gvr.version }] }
}

/** Definitions whose published form differs from the one that values are checked with. */
const published: Readonly<Record<string, Json>> = {
  "io.k8s.apimachinery.pkg.api.resource.Quantity": { oneOf: [{ type: "string" }, { type: "number" }] },
  "io.k8s.apimachinery.pkg.util.intstr.IntOrString": {
    format: "int-or-string",
    oneOf: [{ type: "integer" }, { type: "string" }],
  },
}

const headerTexts: Readonly<Record<string, string>> = {
  apiVersion:
    "APIVersion defines the versioned schema of this representation of an object. Servers should convert recognized schemas to the latest internal value, and may reject unrecognized values. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#resources",
  kind: "Kind is a string value representing the REST resource this object represents. Servers may infer this from the endpoint the client submits requests to. Cannot be updated. In CamelCase. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#types-kinds",
  metadata:
    "Standard object's metadata. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata",
}

/** Turns schemas into their published form, and remembers what they refer to. */
class Publisher {
  readonly open: [string, SchemaSet][] = []
  constructor(private readonly prefix: string) {}

  /** A definition of a built-in type, with its prose. */
  definition(name: string, set: SchemaSet): Json {
    const [text, members] = schemaProse()[name] ?? noProse
    const described = text === "" ? {} : { description: text }
    const special = published[name]
    if (special !== undefined) return { ...described, ...special }
    return { ...described, ...this.#schema(set.resolve({ $ref: name }), set, members) }
  }

  /** The schema of a CRD; its prose is in it. */
  custom(schema: Schema, set: SchemaSet): Json {
    return this.#schema(schema, set, headerTexts)
  }

  #schema(schema: Schema, set: SchemaSet, members: Readonly<Record<string, string>> = {}): Json {
    const { $ref, "x-ork-builtin": _, properties, items, additionalProperties, ...rest } = schema
    const isOpenType = schema["x-kubernetes-int-or-string"] === true && schema.type === undefined
    return {
      ...rest,
      ...(isOpenType ? { anyOf: [{ type: "integer" }, { type: "string" }] } : {}),
      ...(properties === undefined ? {} : { properties: this.#members(properties, set, members) }),
      ...(items === undefined ? {} : { items: this.#schema(items, set) }),
      ...(typeof additionalProperties === "object"
        ? { additionalProperties: this.#schema(additionalProperties, set) }
        : additionalProperties === undefined
          ? {}
          : { additionalProperties }),
      ...($ref === undefined ? {} : this.#reference($ref, set, Object.keys(rest).length > 0)),
    }
  }

  #members(
    properties: Readonly<Record<string, Schema>>,
    set: SchemaSet,
    texts: Readonly<Record<string, string>>,
  ): Json {
    const entries = Object.entries(properties).map(([key, schema]) => {
      const description = schema.description ?? texts[key]
      return [key, this.#schema(description === undefined ? schema : { description, ...schema }, set)] as const
    })
    return Object.fromEntries(entries)
  }

  #reference(name: string, set: SchemaSet, hasMore: boolean): Json {
    this.open.push([name, set])
    const reference = { $ref: `${this.prefix}${name}` }
    // Beside a reference nothing else counts, so that it moves into allOf. Version 2 has it beside.
    return hasMore && this.prefix.startsWith("#/components") ? { allOf: [reference] } : reference
  }
}

const noProse: Prose = ["", {}]
