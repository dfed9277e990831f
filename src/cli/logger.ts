import { createConsola } from "consola"
import { Bug, type Clock, type Fields, type Logger, type LogLevel, logger, messageOf } from "../base/mod.ts"

/** Lines for a person, or JSON for a machine. */
export type LogFormat = "text" | "json"

/** How a process logs, and where to. */
export interface LoggerOptions {
  readonly format: LogFormat
  readonly verbose: boolean
  readonly colour: boolean
  readonly clock: Clock
  readonly write: (line: string) => void
}

/** The logger of a process: lines for a person, or one JSON object a line. */
export function terminalLogger(options: LoggerOptions): Logger {
  return logger(options.format === "json" ? jsonSink(options) : textSink(options), options.verbose ? "debug" : "info")
}

type Sink = (level: LogLevel, message: string, fields: Fields) => void

function jsonSink({ clock, write }: LoggerOptions): Sink {
  return (level, message, fields) => {
    const time = new Date(clock.nowMs()).toISOString()
    const plain = Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, plainValue(value)]))
    write(`${JSON.stringify({ time, level, message, ...plain })}\n`)
  }
}

function textSink({ colour, write }: LoggerOptions): Sink {
  const consola = createConsola({
    level: 5,
    reporters: [
      {
        log: ({ type, args }) => write(`${mark(type, colour)} ${args.join(" ")}\n`),
      },
    ],
  })
  return (level, message, fields) => {
    consola[level](withFields(message, fields, colour))
  }
}

const marks: Readonly<Record<string, readonly [string, number]>> = {
  debug: ["·", 2],
  info: ["●", 36],
  warn: ["▲", 33],
  error: ["✖", 31],
}

function mark(type: string, colour: boolean): string {
  const [sign, code] = marks[type] ?? ["●", 36]
  return colour ? `\u001b[${code}m${sign}\u001b[0m` : sign
}

/** Fields that only matter to machines. */
const machineFields = new Set(["reconcileId", "gvr"])

function withFields(message: string, fields: Fields, colour: boolean): string {
  const shown = Object.entries(fields).flatMap(([key, value]) => {
    if (value === undefined || value === "" || machineFields.has(key)) return []
    const text = String(plainValue(value))
    // Only a stack may have lines of its own: other texts come from users, who must not write our lines.
    const isStack = key === "stack" || isOurMistake(value)
    return [`${key}=${!isStack && /[\s"\u0000-\u001f\u007f]/.test(text) ? JSON.stringify(text) : text}`]
  })
  if (shown.length === 0) return message
  const tail = shown.join(" ")
  return `${message}  ${colour ? `\u001b[2m${tail}\u001b[0m` : tail}`
}

// A stack trace is only worth reading when the mistake is ours.
function plainValue(value: unknown): unknown {
  if (isOurMistake(value)) return value.stack ?? value.message
  if (value instanceof Error) return messageOf(value)
  return typeof value === "object" && value !== null ? JSON.stringify(value) : value
}

function isOurMistake(value: unknown): value is Error {
  return value instanceof Bug || value instanceof TypeError || value instanceof RangeError
}
