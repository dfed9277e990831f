import { type Clock, type Ms, ms, OrkError, onAbort, parseJson } from "../../base/mod.ts"
import { isKubeObject, isRecord, isStatus, statusError } from "../../kube/mod.ts"
import type { WatchEvent } from "./api.ts"

/** The limits of a stream and what they are measured with. */
export interface WatchStreamOptions {
  readonly clock: Clock
  /** How messages begin. */
  readonly subject: string
  readonly signal: AbortSignal | undefined
  /** The server sends a bookmark about every minute; after this long without a byte the stream is given up. */
  readonly silenceMax?: Ms | undefined
  /** Longest line, in UTF-16 units. */
  readonly lineMax?: number | undefined
}

const defaultSilenceMax = ms("3m")
const defaultLineMax = 8 * 1024 * 1024

/**
 * The events in a watch's answer, in order.
 *
 * Guarantees: ends when the server ends the stream (a line cut in the middle is dropped: the next watch brings it
 * again); throws the signal's reason on abort, "net/timeout" after silence, "api/expired" on 410, "api/too-large" on a
 * line over the limit. However it ends, the connection is given up and nothing stays behind.
 */
export async function* watchEvents(response: Response, options: WatchStreamOptions): AsyncGenerator<WatchEvent> {
  if (response.body === null) return
  const guard = guardStream(response.body, options)
  try {
    const lines = lineReader(options.lineMax ?? defaultLineMax, options.subject)
    for (let bytes = await guard.read(); bytes !== undefined; bytes = await guard.read()) {
      for (const line of lines(bytes)) if (line !== "") yield eventOf(line, options.subject)
    }
  } finally {
    await guard.end()
  }
}

interface GuardedReader {
  /** The next bytes; undefined at the end of the stream. */
  read(): Promise<Uint8Array | undefined>
  end(): Promise<void>
}

/** A reader that is cancelled by the signal and by silence: cancelling is the one safe way to end a stream. */
function guardStream(body: ReadableStream<Uint8Array>, options: WatchStreamOptions): GuardedReader {
  const reader = body.getReader()
  const { clock, signal, subject } = options
  const silenceMax = options.silenceMax ?? defaultSilenceMax
  const ended = new AbortController()
  const stops: { readonly reason: unknown }[] = []
  let heardMs = clock.steadyMs()

  const stop = (reason: unknown) => {
    stops.push({ reason })
    // A stream that failed already rejects here; its failure is seen by read().
    reader.cancel().catch(() => undefined)
  }
  const throwIfStopped = () => {
    const [first] = stops
    if (first) throw first.reason
  }
  const link = onAbort(signal, stop)
  async function watchSilence(): Promise<void> {
    for (let leftMs = silenceMax; leftMs > 0; leftMs = ms(silenceMax - (clock.steadyMs() - heardMs))) {
      await clock.sleep(leftMs, ended.signal)
    }
    stop(new OrkError("net/timeout", `${subject}: the stream was silent for ${silenceMax / 1000} s`))
  }
  const watchdog = watchSilence().catch(() => undefined) // the stream ended first

  return {
    async read() {
      throwIfStopped()
      const { done, value } = await reader.read()
      throwIfStopped()
      heardMs = clock.steadyMs()
      return done ? undefined : value
    },
    async end() {
      link[Symbol.dispose]()
      ended.abort()
      await watchdog
      await reader.cancel().catch(() => undefined) // see stop()
    },
  }
}

/** A function from bytes to the lines that they complete. UTF-8 and lines may be split anywhere. */
function lineReader(lineMax: number, subject: string): (bytes: Uint8Array) => readonly string[] {
  const decoder = new TextDecoder("utf-8")
  let parts: string[] = []
  let size = 0
  const add = (text: string) => {
    size += text.length
    if (size > lineMax) throw new OrkError("api/too-large", `${subject}: a line exceeds ${lineMax} characters`)
    parts.push(text)
  }
  return (bytes) => {
    const text = decoder.decode(bytes, { stream: true })
    const lines: string[] = []
    let start = 0
    for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n", start)) {
      add(text.slice(start, at))
      lines.push(parts.length === 1 ? (parts[0] ?? "") : parts.join(""))
      parts = []
      size = 0
      start = at + 1
    }
    if (start < text.length) add(text.slice(start))
    return lines
  }
}

function eventOf(line: string, subject: string): WatchEvent {
  const { type, object } = parseLine(line, subject)
  if (type === "ERROR") {
    const status = isStatus(object) ? object : undefined
    const seconds = status?.details?.retryAfterSeconds
    throw statusError(subject, status?.code ?? 500, status, seconds === undefined ? undefined : seconds * 1000)
  }
  if (type === "BOOKMARK" && isRecord(object) && isRecord(object["metadata"])) {
    const { resourceVersion, annotations } = object["metadata"]
    const initialEventsEnd = isRecord(annotations) && annotations["k8s.io/initial-events-end"] === "true"
    return { type, resourceVersion: String(resourceVersion ?? ""), initialEventsEnd }
  }
  if ((type === "ADDED" || type === "MODIFIED" || type === "DELETED") && isKubeObject(object)) return { type, object }
  throw new OrkError("api/unavailable", `${subject}: the stream holds something that is not an event`)
}

function parseLine(line: string, subject: string): { readonly type: unknown; readonly object: unknown } {
  try {
    const value = parseJson(line)
    if (isRecord(value)) return { type: value["type"], object: value["object"] }
  } catch {
    // told below, without the line: it may hold a secret
  }
  throw new OrkError("api/unavailable", `${subject}: the stream holds a line that is not JSON`)
}
