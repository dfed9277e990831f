/** The front end: bytes of a Katalog to a `KatalogSpec` and diagnostics. Pure after the files are read. */
export { targetOf } from "./admission.ts"
export { apiVersion } from "./api-version.ts"
export { boundedReport } from "./bounded.ts"
export type { CodeText } from "./code-text.ts"
export { codes } from "./codes.ts"
export { readConditionList, readConditions } from "./conditions.ts"
export { defaults } from "./defaults.ts"
export { type ProfileClass, profileFields } from "./entry-fields.ts"
export { callPlaces } from "./external.ts"
export { diagnose, type Fault } from "./fault.ts"
export { katalogPath } from "./files.ts"
export { type Formatted, formatKatalog } from "./fmt.ts"
export { type Parts, partsOf } from "./fmt-parts.ts"
export { isSentinel } from "./gates.ts"
export { type SchemaKind, schemaKinds, schemaText } from "./json-schema.ts"
export { type Loaded, load, loadAll } from "./load.ts"
export { readManifests } from "./manifests.ts"
export { typedInput } from "./motif-inputs.ts"
export { isTemplate } from "./shape.ts"
export { markOf } from "./spans.ts"
export type {
  ApiTypes,
  BlockSpec,
  CrdSpec,
  DeletionSpec,
  EmittedEventSpec,
  EndpointsSpec,
  EnrichSpec,
  EnrichTarget,
  EntryKind,
  EntrySpec,
  FileRef,
  GateSpec,
  GatesSpec,
  GuardSpec,
  GuardsSpec,
  InputSpec,
  InputValue,
  KatalogSpec,
  MotifSpec,
  MutationSpec,
  NormalizeSpec,
  NoteSpec,
  OperatorAutoscaleSpec,
  OperatorBoxSpec,
  PrepareSpec,
  ProfileSpec,
  RequeueSpec,
  SelectionSpec,
  Sentinel,
  Spans,
  StatusFieldSpec,
  StatusSpec,
  ValidationSpec,
} from "./spec.ts"
export type { ConditionSpec, Operator } from "./spec-conditions.ts"
export type { CallPlace, CallSecretSpec, CallsSpec, ExternalSpec, RetrySpec } from "./spec-external.ts"
export type {
  CrossSpec,
  EventField,
  Happening,
  KeyFromSpec,
  ObservedEventSpec,
  ReferenceSpec,
  WatchSpec,
} from "./spec-observe.ts"
export { clockMinute, dayChoice, dayNames, isTimeOperator, weekdayOf } from "./timed.ts"
export { parseYaml, yamlText, yamlWithComments } from "./yaml.ts"
