/** The language kernel: values and small machines that know neither Kubernetes nor packages nor I/O. */
export { assert, Bug, never } from "./assert.ts"
export { type BackoffOptions, backoff } from "./backoff.ts"
export { type CertificateRequest, type Certificates, secretToken, selfSigned } from "./certificates.ts"
export { Changes } from "./changes.ts"
export { type Clock, rfc3339, rfc3339Micro, withDeadline, ZERO } from "./clock.ts"
export { renderDiagnostic } from "./code-frame.ts"
export {
  type Diagnostic,
  hasErrors,
  orderDiagnostics,
  type Position,
  positionOf,
  type Severity,
  type SourceFile,
  type Span,
} from "./diagnostic.ts"
export { formatDuration, type Ms, ms, parseDuration } from "./duration.ts"
export { type Code, type Context, isOrkError, messageOf, OrkError, retryable } from "./error.ts"
export { parseJson } from "./exact-json.ts"
export type { Disk, FileSystem } from "./files.ts"
export { Heap } from "./heap.ts"
export { type Fields, type Logger, type LogLevel, logger, silent } from "./log.ts"
export { Lru } from "./lru.ts"
export { type Labels, type Metrics, noMetrics } from "./metrics.ts"
export { inParallel } from "./parallel.ts"
export { type Random, seeded, suffix } from "./random.ts"
export { err, ok, type Result } from "./result.ts"
export { Ring } from "./ring.ts"
export { Scope } from "./scope.ts"
export { aborted, onAbort, Stopped } from "./signal.ts"
export { didYouMean, editDistance, plural, shorten } from "./text.ts"
export { compose, type Middleware, type Transport } from "./transport.ts"
export { Turns } from "./turns.ts"
export { textOfBytes } from "./utf8.ts"
export { type Offset, type TimeZone, timeZone, timeZoneNames, utc } from "./zone.ts"
