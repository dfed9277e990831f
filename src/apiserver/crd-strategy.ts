import {
  getPath,
  isRecord,
  type KubeObject,
  parsePath,
  type Schema,
  type SchemaSet,
  type StatusCause,
  semanticEqual,
} from "../kube/mod.ts"
import { completeValue } from "./crd-complete.ts"
import { embeddedCauses } from "./crd-embedded.ts"
import { duplicateCauses } from "./crd-lists.ts"
import { ruleCauses } from "./crd-rules.ts"
import { validateValue } from "./crd-validate.ts"
import { headerOf } from "./fields.ts"
import { invalidValue } from "./names.ts"
import { Refusal } from "./refusal.ts"
import type { Scale, Strategy } from "./resource.ts"

/** One version of a CRD, as its objects' rules need it. */
export interface CrdRules {
  /** The schema with the header of every object; undefined lets everything pass. */
  readonly schema: Schema | undefined
  readonly set: SchemaSet
  readonly hasStatus: boolean
  readonly version: Readonly<Record<string, unknown>>
  readonly scale: Scale | undefined
  /** The name of a CRD that is being deleted: nothing is created any more. */
  readonly terminating?: string | undefined
}

/** The rules of a CRD's objects. */
export function crdStrategy(rules: CrdRules): Strategy {
  const { schema, set, hasStatus } = rules
  const declared = declaredSchema(rules.version)
  const hasRules = declared !== undefined && JSON.stringify(declared).includes('"x-kubernetes-validations"')
  return {
    complete(object) {
      if (schema === undefined) return object
      // The header is no part of the CRD's schema: it comes back as it was.
      const { apiVersion, kind, metadata } = object
      const completed = completeValue({ ...object, metadata: {} }, schema, set)
      return isRecord(completed) ? { ...completed, apiVersion, kind, metadata } : object
    },
    prepareCreate(object) {
      if (rules.terminating !== undefined) throw terminating(rules.terminating, object)
      const { status: _dropped, ...rest } = object
      const kept: KubeObject = hasStatus ? { ...rest, ...headerOf(object) } : object
      return { ...kept, metadata: { ...kept.metadata, generation: 1 } }
    },
    prepareUpdate(object, old, { subresource }) {
      if (subresource === "status") return statusUpdate(object, old)
      const { status: _ignored, ...rest } = object
      const status = old["status"] === undefined ? {} : { status: old["status"] }
      const kept: KubeObject = hasStatus ? { ...rest, ...headerOf(object), ...status } : object
      const generation = (old.metadata.generation ?? 0) + (isSameWork(kept, old, hasStatus) ? 0 : 1)
      return { ...kept, metadata: { ...kept.metadata, generation } }
    },
    validate(object, old, { subresource }) {
      if (declared === undefined) return []
      const causes = [
        ...(subresource === "status" ? statusCauses(object, declared, old) : validateValue(object, declared, old)),
        ...scaleCauses(object, rules.scale),
        ...embeddedCauses(object, declared),
        ...duplicateCauses(object, declared),
      ]
      if (!hasRules) return causes
      const isBlocked = causes.some(({ reason = "" }) => blocking.has(reason))
      return isBlocked ? [...causes, rulesNotChecked] : [...causes, ...ruleCauses(object, declared, old)]
    },
    warnings: () => [],
  }
}

// Rules can count on the schema only where these are not wrong.
const blocking = new Set([
  "FieldValueNotSupported",
  "FieldValueRequired",
  "FieldValueTooLong",
  "FieldValueTooMany",
  "FieldValueTypeInvalid",
])

const rulesNotChecked: StatusCause = {
  reason: "FieldValueInvalid",
  message:
    "Invalid value: null: some validation rules were not checked because the object was invalid; correct the existing errors to complete validation",
  field: "<nil>",
}

/** The schema of a version as the CRD's author wrote it; the CRD was validated when it was stored. */
function declaredSchema(version: Readonly<Record<string, unknown>>): Schema | undefined {
  const holder = version["schema"]
  const schema = isRecord(holder) ? holder["openAPIV3Schema"] : undefined
  return isRecord(schema) ? schema : undefined
}

function terminating(qualified: string, { metadata }: KubeObject): Refusal {
  const why = "create not allowed while custom resource definition is terminating"
  const dot = qualified.indexOf(".")
  const { name = "" } = metadata
  const details = { name, group: qualified.slice(dot + 1), kind: qualified.slice(0, dot) }
  return new Refusal(403, "Forbidden", `${qualified} "${name}" is forbidden: ${why}`, details)
}

// A write through `/status` changes the status and nothing else; who wrote what is kept all the same.
function statusUpdate(object: KubeObject, old: KubeObject): KubeObject {
  const { status: _before, ...rest } = old
  const { resourceVersion, managedFields } = object.metadata
  const status = object["status"] === undefined ? {} : { status: object["status"] }
  const { resourceVersion: _version, managedFields: _owners, ...kept } = old.metadata
  const metadata = {
    ...kept,
    ...(resourceVersion === undefined ? {} : { resourceVersion }),
    ...(managedFields === undefined ? {} : { managedFields }),
  }
  return { ...rest, ...status, apiVersion: object.apiVersion, kind: object.kind, metadata }
}

function isSameWork(object: KubeObject, old: KubeObject, hasStatus: boolean): boolean {
  const ignored = ["apiVersion", "metadata", ...(hasStatus ? ["status"] : [])]
  const work = (of: KubeObject) => Object.fromEntries(Object.entries(of).filter(([key]) => !ignored.includes(key)))
  return semanticEqual(work(object), work(old))
}

// A write through `/status` is judged from the status down, and told so.
function statusCauses(object: KubeObject, schema: Schema, old: KubeObject | undefined): readonly StatusCause[] {
  const status = schema.properties?.["status"]
  if (status === undefined || object["status"] === undefined) return []
  return validateValue(object["status"], status, old?.["status"]).map((cause) =>
    cause.field === "<nil>" ? cause : { ...cause, field: cause.field === "" ? "status" : `status.${cause.field}` },
  )
}

function scaleCauses(object: KubeObject, scale: Scale | undefined): readonly StatusCause[] {
  if (scale === undefined) return []
  const causes: StatusCause[] = []
  for (const path of [scale.specReplicas, scale.statusReplicas]) {
    const found = getPath(object, parsePath(path))
    if (found === undefined) continue
    const why =
      typeof found !== "number"
        ? `.${path} accessor error: ${String(found)} is of the type ${goTypeOf(found)}, expected int64`
        : found < 0
          ? "should be a non-negative integer"
          : undefined
    const shown = typeof found === "number" ? found : 0
    if (why !== undefined) causes.push(invalidValue(`.${path}`, shown, why))
  }
  return causes
}

function goTypeOf(value: unknown): string {
  if (typeof value === "boolean") return "bool"
  if (Array.isArray(value)) return "[]interface {}"
  return typeof value === "string" ? "string" : "map[string]interface {}"
}
