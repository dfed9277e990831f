/** Facts beside a constant message. Keys come from one list: operator, key, gvk, reconcileId, reason, durationMs, code. */
export type Fields = Readonly<Record<string, unknown>>
/** How much a line matters; see `Logger`. */
export type LogLevel = "debug" | "info" | "warn" | "error"

/** Where lines go. `error`: a human must act; `warn`: we are coping; `info`: life cycle and changes; `debug`: each pass. */
export interface Logger {
  debug(message: string, fields?: Fields): void
  info(message: string, fields?: Fields): void
  warn(message: string, fields?: Fields): void
  error(message: string, fields?: Fields): void
  /** False where debug lines are dropped, for whoever would have to work for one. */
  readonly hasDebug: boolean
  /** A logger that adds `fields` to every line. */
  with(fields: Fields): Logger
}

const rank: Readonly<Record<LogLevel, number>> = { debug: 0, info: 1, warn: 2, error: 3 }

type Sink = (level: LogLevel, message: string, fields: Fields) => void

/**
 * A logger over one sink function; the sink gets level, message and the merged fields of what matters at least as much
 * as `lowest`. What matters less costs nothing: a pass says a lot that nobody asked for.
 */
export function logger(sink: Sink, lowest: LogLevel = "debug"): Logger {
  return new Lines(sink, rank[lowest], {})
}

class Lines implements Logger {
  readonly #sink: Sink
  readonly #lowest: number
  readonly #fields: Fields

  constructor(sink: Sink, lowest: number, fields: Fields) {
    this.#sink = sink
    this.#lowest = lowest
    this.#fields = fields
  }

  get hasDebug(): boolean {
    return this.#lowest <= rank.debug
  }

  debug(message: string, fields?: Fields): void {
    this.#say("debug", message, fields)
  }

  info(message: string, fields?: Fields): void {
    this.#say("info", message, fields)
  }

  warn(message: string, fields?: Fields): void {
    this.#say("warn", message, fields)
  }

  error(message: string, fields?: Fields): void {
    this.#say("error", message, fields)
  }

  with(fields: Fields): Logger {
    return new Lines(this.#sink, this.#lowest, { ...this.#fields, ...fields })
  }

  #say(level: LogLevel, message: string, fields: Fields | undefined): void {
    if (rank[level] >= this.#lowest) this.#sink(level, message, { ...this.#fields, ...fields })
  }
}

/** Drops everything. */
export const silent: Logger = logger(() => {}, "error")
