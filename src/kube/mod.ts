/** Kubernetes API machinery as plain values: synchronous, without I/O, and without Katalogs. */
export { type Condition, conditionOf, conditionsOf, withCondition } from "./condition.ts"
export { expandCron, nextCronFire, parseCron } from "./cron.ts"
export { covers, semanticEqual, stableHash } from "./equality.ts"
export { hasFinalizer, withFinalizer, withoutFinalizer } from "./finalizer.ts"
export { goText } from "./go-text.ts"
export {
  apiVersionOf,
  formatGroupKind,
  formatGvk,
  formatGvr,
  type Gvk,
  type Gvr,
  gvkOf,
  parseApiVersion,
} from "./gvk.ts"
export { jsonPatch, patchOperationsMax } from "./json-patch.ts"
export { describeObject, keyOf, type ObjectKey, objectKey, splitKey } from "./key.ts"
export { nameProblem, shortenName, shortHash } from "./names.ts"
export {
  deepFreeze,
  isKubeObject,
  isRecord,
  isTerminating,
  type KubeObject,
  type ManagedFieldsEntry,
  type ObjectMeta,
  type OwnerReference,
} from "./object.ts"
export { controllerOf, isOwnedBy, ownerReferenceTo } from "./owner.ts"
export { diffToMergePatch, mergePatch } from "./patch.ts"
export { formatPath, getPath, parsePath, withPath } from "./path.ts"
export { parseQuantity } from "./quantity.ts"
export { type Readiness, readinessOf } from "./readiness.ts"
export { compileRegex, type Regex, type RegexMatch, regexCost, regexesKept, regexSize } from "./regex.ts"
export { isNewer } from "./resource-version.ts"
export { type ResourceInfo, type RestMapper, restMapper } from "./rest-mapper.ts"
export { builtinSchemas } from "./schema/builtin.ts"
export { coerce } from "./schema/coerce.ts"
export { withDefaults } from "./schema/default.ts"
export { prune } from "./schema/prune.ts"
export {
  crdSchema,
  type FieldError,
  hasStatusSubresource,
  memberOf,
  type Schema,
  type SchemaSet,
  type SchemaType,
  schemaSet,
  schemaType,
  withCrds,
} from "./schema/schema.ts"
export { validate } from "./schema/validate.ts"
export { builtinKinds } from "./scheme.ts"
export { formatMatchLabels, matches, type Requirement, type Selector } from "./selector.ts"
export {
  type ApplyOptions,
  type ApplyRefusal,
  apply,
  type UpdateOptions,
  update,
  type WriteOptions,
  type Written,
} from "./ssa/apply.ts"
export {
  difference,
  type FieldPath,
  type FieldSet,
  fieldPath,
  fieldSet,
  formatFieldPath,
  fromFieldsV1,
  intersection,
  isEmptySet,
  leaves,
  noFields,
  pathsOf,
  toFieldsV1,
  union,
} from "./ssa/field-set.ts"
export { type MergeIn, mergeIn } from "./ssa/merge-in.ts"
export { entriesAt } from "./ssa/owner-at.ts"
export { resetFields } from "./ssa/reshape.ts"
export { codeOfStatus, isStatus, type Status, type StatusCause, statusError, statusOf } from "./status.ts"
export { strategicMergePatch } from "./strategic-merge.ts"
