import { formatPath, isRecord, parsePath } from "../kube/mod.ts"
import { conditions, judgeCondition, readCondition, readConditions } from "./conditions.ts"
import { external } from "./external.ts"
import {
  anything,
  byForm,
  flag,
  isTemplate,
  judge,
  judged,
  list,
  oneOf,
  outlookOf,
  type PlaceOptions,
  place,
  readFlag,
  type Shape,
  scalar,
  seenAs,
  text,
  wrong,
} from "./shape.ts"
import type { MutationSpec, NormalizeSpec, PrepareSpec, ValidationSpec } from "./spec.ts"

type Plain = Readonly<Record<string, unknown>>
type Steps = readonly (string | number)[]

/** `normalize`: paths below the spec, each with the value that is read in place of the written one. */
export const normalize: Shape = place("normalize", {
  fields: { spec: seenAs(judged(judgePaths), { kind: "map", value: anything }) },
})

function judgePaths(...[record, report]: Parameters<Parameters<typeof judged>[0]>): void {
  for (const key of Object.keys(record)) {
    if (pathOfKeys(key) !== undefined) continue
    report.key(key, {
      code: "ORK0106",
      message: `expected a path of keys below spec, found "${key}"`,
      help: "write a path such as spec.size",
    })
  }
}

/** The steps of a path that has names alone; undefined for any other. */
function pathOfKeys(path: string): readonly string[] | undefined {
  const steps = parsePath(path)
  return steps.length > 0 && steps.every((step) => typeof step === "string") ? steps : undefined
}

const writable = byForm((value) => (isWritable(value) ? text : noTarget))
const noTarget = wrong({
  code: "ORK0106",
  message: "expected a path below spec, metadata.labels or metadata.annotations",
  help: "write, for example, spec.replicas",
})

// Whatever is no text is left to the judgement of texts.
function isWritable(value: unknown): boolean {
  return typeof value !== "string" || value === "" || isTemplate(value) || targetOf(value) !== undefined
}

/** The steps that a mutation writes to; undefined where it must not write. */
export function targetOf(field: string): readonly string[] | undefined {
  const path = pathOfKeys(field)
  const [first, second] = path ?? []
  if (first === "spec") return path?.[1] === undefined ? undefined : path
  const isMeta = first === "metadata" && (second === "labels" || second === "annotations")
  return isMeta && path?.length === 3 ? path : undefined
}

const mutationRule: PlaceOptions = {
  fields: {
    field: writable,
    default: anything,
    override: anything,
    valueType: oneOf("auto", "string", "int", "float", "bool"),
    when: conditions,
    or: conditions,
    fires: place("fires", {
      fields: { reconcile: flag },
    }),
  },
  required: ["field"],
}

const plainMutation = place("a mutation", mutationRule)
const noValue = wrong({
  code: "ORK0108",
  message: `"default" or "override" is missing in a mutation`,
  help: `add "default:" for absent fields, or "override:" for all`,
})
const twoValues = wrong({
  code: "ORK0106",
  message: `expected either "default" or "override" in a mutation, found both`,
  help: "write two mutations",
})

const oneMutation = seenAs(
  byForm((value) => {
    if (!isRecord(value)) return plainMutation
    const given = ["default", "override"].filter((key) => (value[key] ?? null) !== null)
    return given.length === 0 ? noValue : given.length > 1 ? twoValues : plainMutation
  }),
  { kind: "place", noun: "a mutation", options: mutationRule },
)

/** `mutation`: fields that are set before anything is made of the custom resource. */
export const mutation: Shape = place("mutation", {
  fields: {
    include: text,
    mutateFirst: flag,
    persist: flag,
    rules: list(oneMutation),
    external,
  },
})

const ruleFields: Readonly<Record<string, Shape>> = {
  message: scalar,
  action: oneOf("deny", "warn"),
  when: conditions,
  or: conditions,
}

const judgedRule = judged((record, report) => {
  judgeCondition(conditionOf(record), report)
  for (const [key, shape] of Object.entries(ruleFields)) {
    if ((record[key] ?? null) !== null) judge(shape, key, record, report)
  }
})

function conditionOf(rule: Plain): Plain {
  return Object.fromEntries(Object.entries(rule).filter(([key]) => !Object.hasOwn(ruleFields, key)))
}

const validationRule = seenAs(judgedRule, {
  kind: "place",
  noun: "a validation",
  options: { fields: { ...conditionFields(), ...ruleFields } },
})

function conditionFields(): Readonly<Record<string, Shape>> {
  const [condition] = [outlookOf(conditions)].flatMap((outlook) => (outlook.kind === "list" ? [outlook.item] : []))
  const outlook = condition && outlookOf(condition)
  return outlook?.kind === "place" ? outlook.options.fields : {}
}

/** `validation`: what must hold of a custom resource before anything is made of it. */
export const validation: Shape = place("validation", {
  fields: { include: text, rules: list(validationRule), external },
})

/** Reads `normalize`, `mutation` and `validation` of an entry that passed its shape. */
export function readPrepare(entry: Plain, at: Steps): PrepareSpec {
  return {
    normalize: readNormalize(entry, at),
    mutations: rulesOf(entry, "mutation").map((rule, index) => readMutation(rule, [...at, "mutation", "rules", index])),
    persist: readFlag(recordAt(entry, "mutation")["persist"]) === true,
    validations: rulesOf(entry, "validation").map((rule, index) =>
      readValidation(rule, [...at, "validation", "rules", index]),
    ),
  }
}

function recordAt(entry: Plain, key: string): Plain {
  const value = entry[key]
  return isRecord(value) ? value : {}
}

function rulesOf(entry: Plain, key: string): readonly Plain[] {
  const rules = recordAt(entry, key)["rules"]
  return Array.isArray(rules) ? rules.filter(isRecord) : []
}

function readNormalize(entry: Plain, at: Steps): readonly NormalizeSpec[] {
  return Object.entries(recordAt(recordAt(entry, "normalize"), "spec")).map(([path, value]) => ({
    path: pathOfKeys(path) ?? [],
    value,
    at: formatPath([...at, "normalize", "spec", path]),
  }))
}

function readMutation(rule: Plain, at: Steps): MutationSpec {
  const mode = (rule["default"] ?? null) === null ? "override" : "default"
  const { valueType } = rule
  const isTyped = valueType === "string" || valueType === "int" || valueType === "float" || valueType === "bool"
  return {
    field: String(rule["field"] ?? ""),
    mode,
    value: rule[mode],
    valueType: isTyped ? valueType : "native",
    atReconcile: readFlag(recordAt(rule, "fires")["reconcile"]) !== false,
    when: readConditions(rule["when"], [...at, "when"]),
    or: readConditions(rule["or"], [...at, "or"]),
    at: formatPath(at),
  }
}

function readValidation(rule: Plain, at: Steps): ValidationSpec {
  const message = rule["message"] ?? undefined
  const field = rule["field"] ?? undefined
  return {
    must: readCondition(conditionOf(rule), at),
    message: message === undefined ? `${field ?? "the custom resource"} is not allowed` : String(message),
    action: rule["action"] === "warn" ? "warn" : "deny",
    when: readConditions(rule["when"], [...at, "when"]),
    or: readConditions(rule["or"], [...at, "or"]),
    at: formatPath(at),
  }
}
