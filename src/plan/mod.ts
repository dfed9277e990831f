/** What to run: a Katalog's spec compiled to an immutable plan. Pure; knows nothing that runs. */
export { type Built, build } from "./build.ts"
export { compare, compileGate, type Gate } from "./conditions.ts"
export { dependencyOrder } from "./order.ts"
export type {
  DependencyPlan,
  Lifecycle,
  OperatorPlan,
  Plan,
  ResourcePlan,
  StatusFieldPlan,
  StatusPlan,
} from "./plan.ts"
export { type EntryResult, type Rendered, renderEntry, renderStatusField, type StatusFieldResult } from "./render.ts"
export { mergeOver } from "./resources.ts"
export { compileValue, type RenderFailure, type RenderScope, type ValueTemplate } from "./value.ts"
export { workloadLabel } from "./workload.ts"
