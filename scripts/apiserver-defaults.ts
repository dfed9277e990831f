/**
 * Learns the defaults of built-in types from a real API server: shows it the objects of apiserver-probes.yaml in dry
 * runs and compares its answers with what was sent, type by type.
 */
import { join } from "node:path"
import type { ControlPlane } from "../tests/cluster/control-plane.ts"
import { isObject, type Json, type Schema, sorted } from "./openapi.ts"

/** What is asked of a control plane. */
export type Asked = Pick<ControlPlane, "request">

/** The definitions, and where each kind is created: `apps/v1/Deployment` to `/apis/apps/v1/namespaces/default/deployments`. */
export interface Known {
  readonly definitions: Schema
  readonly kinds: Schema
  readonly paths: ReadonlyMap<string, string>
}

/** One struct as it was sent and as it came back. */
interface Observation {
  readonly sent: Schema
  readonly got: Schema
}

/** A place in a probe where a struct of a type is. */
interface Place {
  readonly probe: Schema
  readonly steps: readonly (string | number)[]
}

/**
 * What the server computes from more than the struct itself, or from the cluster: code, not data. The code's own
 * tests compare it with the real server.
 */
const computed: Readonly<Record<string, readonly string[]>> = {
  "core.v1.Container": ["imagePullPolicy", "volumeMounts"],
  "core.v1.ContainerPort": ["hostPort"],
  "core.v1.PodSpec": [
    ...["enableServiceLinks", "nodeName", "preemptionPolicy", "priority", "serviceAccount", "serviceAccountName"],
    ...["tolerations", "volumes"],
  ],
  "core.v1.ResourceRequirements": ["requests"],
  "core.v1.ServiceSpec": ["healthCheckNodePort", "clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy"],
  "core.v1.ServicePort": ["nodePort", "targetPort"],
  "core.v1.ReplicationControllerSpec": ["selector"],
  "core.v1.LimitRangeItem": ["default", "defaultRequest"],
  "core.v1.NamespaceSpec": ["finalizers"],
  "core.v1.Namespace": ["spec"],
  "core.v1.Node": ["spec"],
  "core.v1.NodeSpec": ["podCIDRs", "taints"],
  "core.v1.PersistentVolumeClaimSpec": ["dataSourceRef", "dataSource"],
  "apps.v1.StatefulSetUpdateStrategy": ["rollingUpdate"],
  "core.v1.PodTemplateSpec": ["metadata"],
  "batch.v1.JobSpec": [
    ...["backoffLimit", "completionMode", "completions", "manualSelector", "parallelism", "podReplacementPolicy"],
    ...["selector", "suspend"],
  ],
  "meta.v1.ObjectMeta": ["labels", "finalizers", "creationTimestamp"],
  "networking.v1.NetworkPolicySpec": ["policyTypes"],
  "certificates.v1.CertificateSigningRequestSpec": ["username", "groups", "extra", "uid"],
  "autoscaling.v2.HPAScalingRules": ["policies", "stabilizationWindowSeconds", "selectPolicy"],
  "autoscaling.v2.HorizontalPodAutoscalerBehavior": ["scaleUp", "scaleDown"],
  "apiextensions.v1.CustomResourceDefinitionNames": ["listKind", "singular"],
}

const zeroOf: Readonly<Record<string, Json>> = {
  string: "",
  integer: 0,
  number: 0,
  boolean: false,
  array: [],
  object: {},
}

/** A Status that said no. */
class Refused {
  constructor(private readonly status: Schema) {}

  get message(): string {
    return String(this.status["message"])
  }

  /** What it says of one member at one place. */
  cause({ steps }: Place, member: string): Schema | undefined {
    const field = steps.reduce<string>(
      (path, step) => (typeof step === "number" ? `${path}[${step}]` : path === "" ? step : `${path}.${step}`),
      "",
    )
    const wanted = field === "" ? member : `${field}.${member}`
    const details = this.status["details"]
    const causes = isObject(details) ? details["causes"] : undefined
    return Array.isArray(causes) ? causes.filter(isObject).find((cause) => cause["field"] === wanted) : undefined
  }
}

function isNothing(value: Json | undefined): boolean {
  return (
    value === undefined ||
    value === "" ||
    value === 0 ||
    (typeof value === "object" && JSON.stringify(value).length < 3)
  )
}

/** A cause as a rule: the allowed values, or what is wrong with a number below zero. */
function ruleOf({ reason, message }: Schema): Schema | undefined {
  const text = String(message)
  if (reason === "FieldValueNotSupported") {
    const list = /supported values: (.*)$/.exec(text)?.[1] ?? ""
    return { allowed: [...list.matchAll(/"([^"]*)"/g)].map(([, value]) => value ?? "") }
  }
  const below = /^Invalid value: -1: (must be .*)$/.exec(text)?.[1]
  return reason === "FieldValueInvalid" && below !== undefined ? { negative: below } : undefined
}

/** Collects what the server does. */
class Learner {
  readonly #seen = new Map<string, Observation[]>()
  readonly #places = new Map<string, Place[]>()
  readonly #zeros = new Map<string, Map<string, boolean>>()
  readonly #rules = new Map<string, Map<string, Schema>>()
  readonly #kinds: Record<string, Json> = {}
  readonly problems: string[] = []

  constructor(
    private readonly plane: Asked,
    private readonly known: Known,
  ) {}

  async create(probe: Schema): Promise<Schema | Refused> {
    const path = this.known.paths.get(`${probe["apiVersion"]}/${probe["kind"]}`)
    const answer = await this.plane.request(`${path}?dryRun=All&fieldValidation=Strict`, probe)
    const body = (await answer.json()) as Schema // an object or a Status
    return answer.ok ? body : new Refused(body)
  }

  async learn(probe: Schema): Promise<Schema | undefined> {
    const name = `${probe["apiVersion"]}/${probe["kind"]}`
    const got = await this.create(probe)
    if (got instanceof Refused) {
      this.problems.push(`${name}: ${got.message}`)
      return undefined
    }
    const { metadata } = got
    const hasGeneration = isObject(metadata) && metadata["generation"] !== undefined
    const status = got["status"] === undefined ? {} : { status: got["status"] }
    this.#kinds[name] ??= { ...(hasGeneration ? { generation: true } : {}), ...status }
    const { status: _, ...rest } = got
    this.#walk({ $ref: this.known.kinds[name] ?? "" }, { sent: probe, got: rest }, { probe, steps: [] })
    return got
  }

  #walk(schema: Schema, { sent, got }: { sent: Json; got: Json }, place: Place): void {
    const { $ref, items, additionalProperties } = schema
    if (Array.isArray(sent) && Array.isArray(got)) {
      if (!isObject(items)) return
      for (const [index, item] of sent.entries()) {
        this.#walk(items, { sent: item, got: got[index] ?? null }, { ...place, steps: [...place.steps, index] })
      }
      return
    }
    if (!isObject(sent) || !isObject(got)) return
    const definition = typeof $ref === "string" ? this.known.definitions[$ref] : schema
    if (!isObject(definition)) return
    if (typeof $ref === "string") {
      push(this.#seen, $ref, { sent, got })
      push(this.#places, $ref, place)
    }
    const properties = definition["properties"]
    for (const [key, value] of Object.entries(sent)) {
      const member = isObject(properties) ? properties[key] : additionalProperties
      const below = { ...place, steps: [...place.steps, key] }
      if (isObject(member)) this.#walk(member, { sent: value, got: got[key] ?? null }, below)
    }
  }

  /** Sends the zero value of each member of each type that was met, and looks whether it stays. */
  async learnZeros(): Promise<void> {
    for (const [type, places] of this.#places) {
      const definition = this.known.definitions[type]
      const properties = isObject(definition) ? definition["properties"] : undefined
      if (!isObject(properties)) continue
      for (const [member, schema] of Object.entries(properties)) {
        const zero = isObject(schema) ? this.#zero(schema) : undefined
        if (zero === undefined || this.#header(type).includes(member)) continue
        for (const place of spread(places)) {
          const stays = await this.#zeroStays(place, member, zero)
          // To be without is what counts; a struct or a list may be wrong only when it is there and empty.
          if (stays instanceof Refused) this.#noteRequired(type, member, await this.#wrong(place, member, undefined))
          if (typeof stays !== "boolean") continue
          const known = this.#zeros.get(type) ?? new Map<string, boolean>()
          this.#zeros.set(type, known.set(member, stays))
          break
        }
      }
    }
  }

  #zero(schema: Schema): Json | undefined {
    const { $ref, type } = schema
    if (typeof type === "string") return zeroOf[type]
    const definition = typeof $ref === "string" ? this.known.definitions[$ref] : undefined
    if (!isObject(definition)) return undefined
    if (definition["x-kubernetes-int-or-string"] === true) return 0
    return definition["format"] === "quantity" ? "0" : definition["type"] === "object" ? {} : undefined
  }

  async #zeroStays({ probe, steps }: Place, member: string, zero: Json): Promise<boolean | Refused | undefined> {
    const got = await this.create(withAt(probe, [...steps, member], zero) as Schema) // the root stays an object
    if (got instanceof Refused) return got
    let at: Json | undefined = got
    for (const step of steps) at = Array.isArray(at) ? at[Number(step)] : isObject(at) ? at[String(step)] : undefined
    if (!isObject(at)) return undefined
    const value = at[member]
    if (value === undefined) return false
    if (value === null) return false
    // A struct that is filled by defaults says nothing: another place may.
    if (isObject(zero) && isObject(value) && Object.keys(value).length > 0) return undefined
    return JSON.stringify(value) === JSON.stringify(zero)
  }

  // Required is what every accepted struct of the type has.
  #noteRequired(type: string, member: string, cause: Schema | undefined): void {
    if (cause?.["reason"] !== "FieldValueRequired") return
    // One of several would do.
    if (/\b(either|or auditAnnotations)\b/.test(String(cause["message"]))) return
    const isOptional = (this.#seen.get(type) ?? []).some(({ sent }) => isNothing(sent[member]))
    if (isOptional) return
    const known = this.#rules.get(type) ?? new Map<string, Schema>()
    const text = String(cause["message"]).replace(/^Required value(: )?/, "")
    this.#rules.set(type, known.set(member, { required: text }))
  }

  /** Sends values that make no sense: texts that are none of the allowed ones, numbers below zero. */
  async learnRules(): Promise<void> {
    for (const [type, places] of this.#places) {
      const definition = this.known.definitions[type]
      const properties = isObject(definition) ? definition["properties"] : undefined
      if (!isObject(properties)) continue
      for (const [member, schema] of Object.entries(properties)) {
        const kind = isObject(schema) ? schema["type"] : undefined
        if ((kind !== "string" && kind !== "integer") || this.#header(type).includes(member)) continue
        // What is allowed for a subject's group depends on its kind.
        if (type.endsWith("rbac.v1.Subject") && member === "apiGroup") continue
        for (const place of spread(places)) {
          const cause = await this.#wrong(place, member, kind === "string" ? "@wrong" : -1)
          const rule = cause && ruleOf(cause)
          // A list that does not have what was accepted is a description, or for another case.
          const accepted = (this.#seen.get(type) ?? []).map(({ sent }) => sent[member])
          const { allowed } = rule ?? {}
          const isList =
            !Array.isArray(allowed) || accepted.every((one) => isNothing(one) || allowed.includes(one ?? ""))
          if (rule === undefined || !isList) continue
          const known = this.#rules.get(type) ?? new Map<string, Schema>()
          this.#rules.set(type, known.set(member, { ...known.get(member), ...rule }))
          break
        }
      }
    }
  }

  async #wrong(place: Place, member: string, value: Json | undefined): Promise<Schema | undefined> {
    const steps = [...place.steps, member]
    const got = await this.create(withAt(place.probe, steps, value) as Schema) // the root stays an object
    return got instanceof Refused ? got.cause(place, member) : undefined
  }

  /** Everything that was learnt, as data. */
  result(): Schema {
    const types: Record<string, Json> = {}
    for (const name of new Set([...this.#seen.keys(), ...this.#zeros.keys(), ...this.#rules.keys()])) {
      const learnt = this.#type(name)
      if (Object.keys(learnt).length > 0) types[name] = learnt
    }
    return { kinds: sorted(this.#kinds), types: sorted(types) }
  }

  #type(name: string): Schema {
    const seen = this.#seen.get(name) ?? []
    const short = name.replace(/^io\.k8s\.(?:api|apimachinery\.pkg\.apis|.*\.apis)\./, "")
    const skipped = new Set([...this.#header(name), ...(computed[short] ?? [])])
    const members = new Set(seen.flatMap(({ sent, got }) => Object.keys(got).filter((key) => !(key in sent))))
    const always: Record<string, Json> = {}
    const when: Record<string, Json> = {}
    for (const member of members) {
      if (name.endsWith("ObjectMeta") || skipped.has(member)) continue
      const unsent = seen.filter(({ sent }) => !(member in sent))
      const values = new Set(unsent.map(({ got }) => JSON.stringify(got[member])))
      const [first] = unsent
      if (values.size === 1 && first?.got[member] !== undefined) always[member] = first.got[member]
      else when[member] = this.#condition(name, unsent, member) ?? this.#complain(short, member, [...values])
    }
    const rules = this.#rules.get(name)
    const zeros = [...(this.#zeros.get(name) ?? [])].filter(([, stays]) => !stays).map(([member]) => member)
    return {
      ...(Object.keys(always).length > 0 ? { always: sorted(always) } : {}),
      ...(Object.keys(when).length > 0 ? { when: sorted(when) } : {}),
      ...(zeros.length > 0 ? { zeros: zeros.sort() } : {}),
      ...(rules === undefined ? {} : { rules: sorted(Object.fromEntries(rules)) }),
    }
  }

  /** The members that whole objects have: no fields of their kind. */
  #header(type: string): readonly string[] {
    return Object.values(this.known.kinds).includes(type) ? header : []
  }

  #complain(type: string, member: string, values: readonly string[]): Json {
    this.problems.push(`${type}.${member}: no condition tells ${values.join(" from ")}`)
    return null
  }

  /** The one sibling whose value decides about a default. */
  #condition(name: string, unsent: readonly Observation[], member: string): Json | undefined {
    const siblings = new Set(["type", "kind", ...unsent.flatMap(({ got }) => Object.keys(got)).sort()])
    siblings.delete(member)
    for (const byPresence of [false, true]) {
      for (const by of siblings) {
        if (this.#header(name).includes(by)) continue
        if (!byPresence && unsent.some(({ got }) => typeof got[by] === "object")) continue
        const cases = new Map<string, Set<string | undefined>>()
        for (const { got } of unsent) {
          const value = got[by]
          const key = byPresence ? (value === undefined ? "absent" : "present") : String(value ?? "")
          const outcomes = cases.get(key) ?? new Set()
          cases.set(key, outcomes.add(got[member] === undefined ? undefined : JSON.stringify(got[member])))
        }
        if (cases.size < 2 || [...cases.values()].some((outcomes) => outcomes.size > 1)) continue
        const filled = [...cases].flatMap(([key, [outcome]]): [string, Json][] =>
          outcome === undefined ? [] : [[key, JSON.parse(outcome)]],
        )
        return { by, ...(byPresence ? { presence: true } : {}), cases: Object.fromEntries(filled.sort()) }
      }
    }
    return undefined
  }
}

const header = ["apiVersion", "kind", "metadata", "status"]

function push<T>(map: Map<string, T[]>, key: string, value: T): void {
  const list = map.get(key)
  if (list === undefined) map.set(key, [value])
  else list.push(value)
}

/** A few of many places, far from each other. */
function spread(places: readonly Place[]): readonly Place[] {
  const step = Math.max(1, Math.floor(places.length / 6))
  return places.filter((_, index) => index % step === 0)
}

/** `value` with another leaf, or without it. */
function withAt(value: Json, steps: readonly (string | number)[], leaf: Json | undefined): Json {
  const [first, ...rest] = steps
  if (first === undefined) return leaf ?? null
  if (Array.isArray(value)) return value.map((item, index) => (index === first ? withAt(item, rest, leaf) : item))
  if (leaf === undefined && rest.length === 0 && isObject(value)) {
    return Object.fromEntries(Object.entries(value).filter(([key]) => key !== first))
  }
  return isObject(value) ? { ...value, [first]: withAt(value[String(first)] ?? null, rest, leaf) } : value
}

/** The probes, in order. */
export async function readProbes(): Promise<readonly Schema[]> {
  const text = await Bun.file(join(import.meta.dir, "apiserver-probes.yaml")).text()
  // Our own file of objects.
  return text.split(/^---$/m).map((document) => Bun.YAML.parse(document) as Schema)
}

/** The text of defaults.json, what could not be learnt, and the server's answers to the probes. */
export interface Learnt {
  readonly text: string
  readonly problems: readonly string[]
  readonly answers: readonly Json[]
}

/** Shows a server all probes. */
export async function learnDefaults(plane: Asked, known: Known): Promise<Learnt> {
  const learner = new Learner(plane, known)
  const answers: Json[] = []
  for (const sent of await readProbes()) {
    const got = await learner.learn(sent)
    if (got !== undefined) answers.push({ sent, got: withoutOwners(got) })
  }
  await learner.learnZeros()
  await learner.learnRules()
  const { kinds, types } = learner.result()
  const block = (object: Json | undefined) =>
    Object.entries(isObject(object) ? object : {})
      .map(([key, value]) => `    ${JSON.stringify(key)}: ${JSON.stringify(value)}`)
      .join(",\n")
  const text = `{\n  "kinds": {\n${block(kinds)}\n  },\n  "types": {\n${block(types)}\n  }\n}\n`
  return { text, problems: learner.problems, answers }
}

function withoutOwners(object: Schema): Schema {
  const { metadata } = object
  if (!isObject(metadata)) return object
  const { managedFields: _, ...rest } = metadata
  return { ...object, metadata: rest }
}
