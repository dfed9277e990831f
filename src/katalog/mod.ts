/** The front end: bytes of a Katalog to a `KatalogSpec` and diagnostics. Pure after the files are read. */
export { apiVersion } from "./api-version.ts"
export { codes } from "./codes.ts"
export { defaults } from "./defaults.ts"
export { diagnose, type Fault } from "./fault.ts"
export { type Loaded, load, loadAll } from "./load.ts"
export { readManifests } from "./manifests.ts"
export type {
  ApiTypes,
  BlockSpec,
  ConditionSpec,
  CrdSpec,
  EntryKind,
  EntrySpec,
  FileRef,
  KatalogSpec,
  Operator,
  OperatorBoxSpec,
  Spans,
  StatusFieldSpec,
  StatusSpec,
} from "./spec.ts"
