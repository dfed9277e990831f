import { isRecord, type KubeObject, type Schema, type SchemaSet, type StatusCause } from "../kube/mod.ts"
import { checkOf } from "./builtin-checks.ts"
import { isZero } from "./builtin-complete.ts"
import { builtinDefaults, type FieldRule } from "./builtin-data.ts"
import { invalidValue, required, unsupported } from "./names.ts"

const depthMax = 100
const causesMax = 100

interface Walk {
  readonly set: SchemaSet
  readonly causes: StatusCause[]
  readonly root: KubeObject
}

/** What an object lacks or must not say, by the rules of its types: those learnt from the real server, and our own. */
export function ruleCauses(
  object: KubeObject,
  schema: Schema,
  { set, name }: { readonly set: SchemaSet; readonly name: string | undefined },
): readonly StatusCause[] {
  const walk: Walk = { set, causes: [], root: object }
  look(object, { schema, name, path: "", depth: 0 }, walk)
  return walk.causes
}

interface At {
  readonly schema: Schema
  readonly name: string | undefined
  readonly path: string
  readonly depth: number
}

function look(value: unknown, { schema, name, path, depth }: At, walk: Walk): void {
  if (depth > depthMax || walk.causes.length > causesMax || typeof value !== "object" || value === null) return
  const resolved = walk.set.resolve(schema)
  if (Array.isArray(value)) {
    const { items } = resolved
    if (items === undefined) return
    for (const [index, item] of value.entries()) {
      look(item, { schema: items, name: items.$ref, path: `${path}[${index}]`, depth: depth + 1 }, walk)
    }
    return
  }
  if (!isRecord(value) || resolved.properties === undefined) return
  // Templates have metadata of their own, which is judged where they are.
  if (depth > 1 && name?.endsWith("meta.v1.ObjectMeta")) return
  const rules = name === undefined ? undefined : builtinDefaults().types[name]?.rules
  const at = (key: string) => (path === "" ? key : `${path}.${key}`)
  for (const key in rules) {
    const rule = rules[key]
    // What one kind of mutation needs, another must not have: its own file knows.
    if (key === "jsonPatch" && name?.endsWith("admissionregistration.v1.Mutation")) continue
    // A role of a namespace is none for the whole cluster: said where that is known.
    if (key === "kind" && path === "roleRef" && walk.root.kind === "ClusterRoleBinding") continue
    // Who is exempt has no limits.
    if (key === "limited" && value["type"] === "Exempt") continue
    if (rule !== undefined) walk.causes.push(...broken(value[key], rule, at(key)))
  }
  if (name !== undefined) walk.causes.push(...(checkOf(name)?.(value, path, walk.root) ?? []))
  for (const key of Object.keys(value)) {
    if (typeof value[key] !== "object") continue
    const member = Object.hasOwn(resolved.properties, key) ? resolved.properties[key] : undefined
    // The status is written by controllers: it is not judged.
    if (member === undefined || (depth === 0 && key === "status")) continue
    if (key === "selector" && name?.endsWith("autoscaling.v2.MetricIdentifier")) continue
    look(value[key], { schema: member, name: member.$ref, path: at(key), depth: depth + 1 }, walk)
  }
}

/** Required members that are nevertheless pointers: an empty text is no missing one. */
const pointers = new Set(["pathType"])
/** Members of which an empty text is as good as none. */
const mayBeEmpty = new Set(["reclaimPolicy"])

function broken(value: unknown, rule: FieldRule, path: string): readonly StatusCause[] {
  // A struct without members is there.
  const isMissing = isZero(value) && !isRecord(value)
  // An empty text that is kept was said: it is none of those allowed.
  const isSaid = value === "" && rule.allowed !== undefined && !rule.allowed.includes("") && !mayBeEmpty.has(path)
  if (isSaid && path.endsWith("preemptionPolicy")) return [required(path)]
  if (isSaid && (rule.required === undefined || pointers.has(path.replace(/^.*\./, "")))) {
    return [unsupported(path, value, rule.allowed ?? [])]
  }
  if (isMissing && rule.required !== undefined) return [required(path, rule.required)]
  if (isMissing) return []
  if (rule.allowed !== undefined && typeof value === "string" && !rule.allowed.includes(value)) {
    return [unsupported(path, value, rule.allowed)]
  }
  const isBelow = typeof value === "number" && value < 0
  if (isBelow && rule.negative !== undefined) return [invalidValue(path, value, rule.negative)]
  return []
}
