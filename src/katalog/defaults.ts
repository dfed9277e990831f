import { ms } from "../base/mod.ts"

/** What holds where a Katalog is silent: the source for code, docs and tests. */
export const defaults = {
  name: "default",
  namespace: "default",
  workers: 3,
  resync: ms("10m"),
  failureThreshold: 5,
  deletionTimeout: ms("5m"),
  notificationInterval: ms("15m"),
  forceConflict: true,
  finalizer: "auto",
  prune: true,
  deletionPolicy: "delete",
  adoption: "ifUnowned",
} as const
