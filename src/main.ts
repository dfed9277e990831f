import { homedir, hostname } from "node:os"
import { Stopped } from "./base/mod.ts"
import { exit, main, type Terminal } from "./cli/mod.ts"
import { replaceFile, systemClock, systemDisk, systemFiles, systemRandom } from "./system.ts"

declare const ORK_VERSION: string | undefined
declare const ORK_COMMIT: string | undefined

/** How long a stop in order may take before the process ends all the same. */
const stopLimitMs = 20_000

const stopping = new AbortController()

/** First signal: stop in order. Second signal, or the limit: at once. */
function onSignal(name: string): void {
  if (stopping.signal.aborted) quit()
  stopping.abort(new Stopped(name))
  const limit = setTimeout(quit, stopLimitMs)
  limit.unref()
}

function quit(): never {
  flushErr()
  process.exit(exit.failed)
}

process.on("SIGINT", () => onSignal("SIGINT"))
process.on("SIGTERM", () => onSignal("SIGTERM"))
// A reader that went away (`ork validate | head`) is no error.
process.stdout.on("error", () => undefined)
process.stderr.on("error", () => undefined)

/** Lines of a busy moment leave together: each write wakes whoever reads. */
const gatherMs = 50
const gatheredMax = 64 * 1024
let gathered = ""

function err(text: string): void {
  if (gathered === "") setTimeout(flushErr, gatherMs).unref()
  gathered += text
  if (gathered.length > gatheredMax) flushErr()
}

function flushErr(): void {
  const text = gathered
  gathered = ""
  if (text !== "") process.stderr.write(text)
}

/** Ends a stream once all has left the process: a pipe takes it piece by piece, and an exit would drop the rest. */
function ended(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    stream.once("error", () => resolve())
    stream.end(() => resolve())
  })
}

/** Half a second for 100,000 objects: a heap that large is left alone. */
const tidyMaxBytes = 32 * 1024 * 1024

function tidy(): void {
  if (process.memoryUsage().heapUsed <= tidyMaxBytes) Bun.gc(true)
}

function wantsColour(stream: { readonly isTTY?: boolean }): boolean {
  return stream.isTTY === true && !process.env["NO_COLOR"] && process.env["TERM"] !== "dumb"
}

const terminal: Terminal = {
  env: process.env,
  home: process.env["HOME"] ?? homedir(),
  hostname: hostname(),
  pid: process.pid,
  files: systemFiles,
  disk: systemDisk,
  replaceFile,
  clock: systemClock,
  random: systemRandom,
  version: typeof ORK_VERSION === "string" ? ORK_VERSION : "dev",
  commit: typeof ORK_COMMIT === "string" ? ORK_COMMIT : "",
  tidy,
  out: (text) => process.stdout.write(text),
  err,
  outColour: wantsColour(process.stdout),
  errColour: wantsColour(process.stderr),
  width: process.stdout.columns ?? 80,
  startAnew(env) {
    flushErr()
    // The binary finds its own code by itself.
    const args = Bun.main.startsWith("/$bunfs/") ? process.argv.slice(2) : process.argv.slice(1)
    process.execve?.(process.execPath, [process.execPath, ...args], { ...process.env, ...env })
  },
  signal: stopping.signal,
}

process.exitCode = await main(process.argv.slice(2), terminal)
flushErr()
await Promise.all([process.stdout, process.stderr].map(ended))
// Kept-alive connections would hold the process for a while after its work is done.
process.exit(process.exitCode)
