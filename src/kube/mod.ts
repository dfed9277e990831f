/** Kubernetes API machinery as plain values: synchronous, without I/O, and without Katalogs. */
export { type Condition, conditionOf, conditionsOf, withCondition } from "./condition.ts"
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
export { describeObject, keyOf, type ObjectKey, objectKey, splitKey } from "./key.ts"
export { nameProblem, shortenName, shortHash } from "./names.ts"
export {
  deepFreeze,
  isKubeObject,
  isRecord,
  isTerminating,
  type Json,
  type KubeObject,
  type ManagedFieldsEntry,
  type ObjectMeta,
  type OwnerReference,
} from "./object.ts"
export { formatPath, getPath, parsePath, withPath } from "./path.ts"
export { parseQuantity } from "./quantity.ts"
export { isNewer } from "./resource-version.ts"
export { type ResourceInfo, type RestMapper, restMapper } from "./rest-mapper.ts"
export { codeOfStatus, isStatus, type Status, type StatusCause, statusError, statusOf } from "./status.ts"
