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
  /** A logger that adds `fields` to every line. */
  with(fields: Fields): Logger
}

/** A logger over one sink function; the sink gets level, message and the merged fields. */
export function logger(sink: (level: LogLevel, message: string, fields: Fields) => void, base: Fields = {}): Logger {
  const at = (level: LogLevel) => (message: string, fields?: Fields) => sink(level, message, { ...base, ...fields })
  return {
    debug: at("debug"),
    info: at("info"),
    warn: at("warn"),
    error: at("error"),
    with: (fields) => logger(sink, { ...base, ...fields }),
  }
}

/** Drops everything. */
export const silent: Logger = logger(() => {})
