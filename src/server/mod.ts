/** ork's own HTTP: published bodies over the port `View`. Knows no live operator, queue or store. */
export { type AppOptions, createApp, createProbeApp } from "./app.ts"
export {
  Child,
  CrDetail,
  CrdHealth,
  CrdInfo,
  CrdRow,
  CrEvents,
  CrList,
  KatalogSummary,
  Probe,
  Problem,
  readBody,
  State,
  Why,
} from "./contract.ts"
export { httpStatus } from "./errors.ts"
export { type Listener, type ListenOptions, listen } from "./listen.ts"
