/** One operator per CRD: from its plan and the caches to what exists in the cluster. Knows no files, no YAML, no HTTP. */
export { ownFinalizersOf } from "./finalizers.ts"
export type { Flight } from "./flight.ts"
export { Health, type HealthState } from "./health.ts"
export { Kinds, type KindsDeps } from "./kinds.ts"
export { Ledger } from "./ledger.ts"
export { Leftovers } from "./leftovers.ts"
export { Operator, type OperatorDeps, starting } from "./operator.ts"
export {
  cleanupFinalizer,
  createdAnnotation,
  entryAnnotation,
  generatedAtAnnotation,
  ownerAnnotation,
  ownerUidLabel,
} from "./ownership.ts"
