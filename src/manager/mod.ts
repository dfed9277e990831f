/** Composition and life cycle: a plan becomes running operators. Serves no HTTP and knows no terminal. */
export { type DrainDeps, type Drained, type DrainOptions, type DrainReport, drain } from "./drain.ts"
export { Fleet, type FleetChange, type FleetDeps } from "./fleet.ts"
export { leaseLabels, Manager, type ManagerDeps, type ManagerOptions } from "./manager.ts"
export type { SendMessage } from "./notifier.ts"
export { applySetup, ownsMore, type SetupDeps, type SetupResult, setupManager } from "./setup.ts"
export type {
  CauseView,
  DependencyView,
  EventView,
  OperatorState,
  OperatorView,
  PassView,
  PlaceView,
  View,
} from "./view.ts"
