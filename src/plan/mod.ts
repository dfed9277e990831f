/** What to run: a Katalog's spec compiled to an immutable plan. Pure; knows nothing that runs. */
export { type AccessRule, accessOf, clusterRoleOf, type PluralOf, type ProcessPlace, pluralsOf } from "./access.ts"
export type { AutoscalePlan, ScaleWish } from "./autoscale.ts"
export { type Built, build } from "./build.ts"
export { compileGate, type Gate, type Judgement, uniqueKey } from "./conditions.ts"
export { type Comparison, compare } from "./conditions-compare.ts"
export type { SourcePlan } from "./copies.ts"
export { type CrossPlan, type CrossReads, type LabelQuery, type Look, readCross } from "./cross.ts"
export { describePlan, describeText, type PlanDescription } from "./describe.ts"
export type { EmittedEventPlan, RequeuePlan } from "./emitted-events.ts"
export { type EnrichPlan, enrichedKinds } from "./enrich.ts"
export { workloadLabel } from "./entry.ts"
export {
  type CallPlan,
  type CallRequest,
  type CallsPlan,
  callsOf,
  hostOf,
  isAllowed,
  renderCall,
} from "./external.ts"
export { type GatePlan, type GatesPlan, type GateVerdict, judgeGate } from "./gates.ts"
export { type GeneratedPlan, rotationMs, type TlsRequest } from "./generated.ts"
export {
  type Guard,
  guardKinds,
  guardLabel,
  guardOwner,
  guardsOf,
} from "./guards.ts"
export type { NotificationPlan, TeamPlan } from "./notifications.ts"
export { type ObservedEventPlan, type RoutePlan, routeOf, type WatchPlan } from "./observe.ts"
export { dependencyOrder } from "./order.ts"
export type {
  DeletionGroupPlan,
  DeletionPlan,
  DependencyPlan,
  Lifecycle,
  OperatorAutoscalePlan,
  OperatorPlan,
  Plan,
  ResourcePlan,
  StatusFieldPlan,
  StatusPlan,
  UpdatePolicy,
} from "./plan.ts"
export type { PreparePlan } from "./prepare.ts"
export {
  type Judged,
  judgeRules,
  type Prepared,
  type Preparing,
  prepareObject,
  scopeOfPrepared,
} from "./prepare-object.ts"
export { placesOf } from "./provenance.ts"
export {
  type EntryResult,
  type Rendered,
  renderEntry,
  renderInParts,
  renderStatusField,
  type StatusFieldResult,
} from "./render.ts"
export { mergeOver } from "./resources.ts"
export type {
  RenderFailure,
  RenderScope,
  SourceAnswer,
  SourceRef,
} from "./value.ts"
