/** Runs the standalone binary `ork`, once to its end or as a process that a test watches, asks and stops. */
import { existsSync, mkdtempSync, rmSync, statSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { poll } from "../cluster/processes.ts"
import type { CommandResult } from "./cluster.ts"

const root = join(import.meta.dir, "../..")

/** What a line of `--log-format json` holds; a line that is not JSON becomes a message without a level. */
export interface LogLine {
  readonly level?: string
  readonly message: string
  readonly [field: string]: unknown
}

/** How a process of ork is started. */
export interface OrkOptions {
  /** A Katalog: file or folder; without one the working directory's. */
  readonly katalog?: string
  readonly kubeconfig?: string
  readonly flags?: readonly string[]
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string>>
}

let built: string | undefined

/** The binary: the one that ORK_BINARY names, else dist/ork, built when it is missing or older than the source. */
export function orkBinary(): string {
  const named = process.env["ORK_BINARY"]
  if (named) return named
  const path = join(root, "dist/ork")
  if (built === undefined && !isNewerThanSource(path)) {
    const build = Bun.spawnSync([process.execPath, "run", join(root, "scripts/build.ts")], { cwd: root })
    if (!build.success) throw new Error(`the binary could not be built:\n${build.stderr}${build.stdout}`)
  }
  built = path
  return path
}

function isNewerThanSource(path: string): boolean {
  if (!existsSync(path)) return false
  const builtAt = statSync(path).mtimeMs
  const sources = new Bun.Glob("src/**/*").scanSync({ cwd: root })
  return [...sources, "package-lock.json"].every((file) => statSync(join(root, file)).mtimeMs <= builtAt)
}

// Nothing of the user's own configuration may reach a test: no kubeconfig, no home.
function environment(home: string, env: OrkOptions["env"]): Record<string, string> {
  return { PATH: process.env["PATH"] ?? "", HOME: home, NO_COLOR: "1", ...env }
}

/** Runs one command line of ork to its end. */
export async function ork(
  args: readonly string[],
  options: Pick<OrkOptions, "cwd" | "env"> = {},
): Promise<CommandResult> {
  const home = mkdtempSync(join(tmpdir(), "ork-home-"))
  try {
    const child = Bun.spawn([orkBinary(), ...args], {
      cwd: options.cwd ?? home,
      env: environment(home, options.env),
      stdio: ["ignore", "pipe", "pipe"],
    })
    const [stdout, stderr, code] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited])
    return { code, stdout, stderr }
  } finally {
    rmSync(home, { recursive: true, force: true })
  }
}

/** What a test that ends early leaves running. */
const running = new Set<Bun.Subprocess>()
process.on("exit", () => {
  for (const child of running) child.kill("SIGKILL")
})

/**
 * A process of `ork run`: `await using site = Ork.start({ katalog, kubeconfig })`.
 *
 * It logs JSON lines and takes a free port. On dispose it is stopped in order, and killed when that takes too long.
 */
export class Ork {
  readonly lines: LogLine[] = []
  readonly #child: Bun.Subprocess<"ignore", "pipe", "pipe">
  readonly #home = mkdtempSync(join(tmpdir(), "ork-home-"))
  readonly #read: Promise<unknown>

  private constructor({ katalog, kubeconfig, flags = [], cwd, env }: OrkOptions) {
    const args = [
      "run",
      ...["--port", "0", "--log-format", "json"],
      ...(katalog === undefined ? [] : ["-f", katalog]),
      ...(kubeconfig === undefined ? [] : ["--kubeconfig", kubeconfig]),
    ]
    this.#child = Bun.spawn([orkBinary(), ...args, ...flags], {
      cwd: cwd ?? this.#home,
      env: environment(this.#home, env),
      stdio: ["ignore", "pipe", "pipe"],
    })
    running.add(this.#child)
    void this.#child.exited.then(() => running.delete(this.#child))
    this.#read = Promise.all([this.#readLines(this.#child.stderr), this.#readLines(this.#child.stdout)])
  }

  static start(options: OrkOptions): Ork {
    return new Ork(options)
  }

  get isRunning(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null
  }

  /** The first line that holds `fields`, among those after `after` lines; waits for it. A regular expression is searched. */
  async line(
    fields: Readonly<Record<string, unknown>>,
    options: { readonly after?: number; readonly timeoutMs?: number } = {},
  ): Promise<LogLine> {
    const find = () => this.lines.slice(options.after ?? 0).find((line) => holds(line, fields))
    await poll(() => find() !== undefined || !this.isRunning, options.timeoutMs ?? 20_000)
    if (!this.isRunning) await this.#read
    const found = find()
    if (found) return found
    throw new Error(`no log line with ${Bun.inspect(fields)}; the last lines are\n${this.tail()}`)
  }

  /** The lines so far that hold `fields`. */
  linesWith(fields: Readonly<Record<string, unknown>>): readonly LogLine[] {
    return this.lines.filter((line) => holds(line, fields))
  }

  /** The last lines, for a message. */
  tail(): string {
    return this.lines
      .slice(-12)
      .map((line) => JSON.stringify(line))
      .join("\n")
  }

  /** Where the HTTP API answers, as the log says. */
  async url(): Promise<string> {
    const { message } = await this.line({ message: /^HTTP API at / })
    return new URL(message.slice("HTTP API at ".length)).origin
  }

  /** Asks the HTTP API. */
  async get(path: string, headers: Readonly<Record<string, string>> = {}): Promise<Response> {
    return await fetch(`${await this.url()}${path}`, { headers })
  }

  /** Sends a signal without waiting. */
  send(signal: "SIGINT" | "SIGTERM" | "SIGKILL" | "SIGSTOP" | "SIGCONT"): void {
    this.#child.kill(signal)
  }

  /** Sends a signal and resolves with the exit code; 128 and the signal's number when the signal itself ended it. */
  async stop(signal: "SIGINT" | "SIGTERM" | "SIGKILL" = "SIGTERM"): Promise<number> {
    this.send(signal)
    return await this.exited()
  }

  /** The exit code, once it has ended by itself. Fails when it still runs after the time. */
  async exited(timeoutMs = 25_000): Promise<number> {
    if (!(await poll(() => !this.isRunning, timeoutMs))) throw new Error(`ork still runs:\n${this.tail()}`)
    const code = await this.#child.exited
    await this.#read
    return code
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.isRunning) {
      this.send("SIGTERM")
      if (!(await poll(() => !this.isRunning, 10_000))) this.send("SIGKILL")
    }
    await this.#child.exited
    rmSync(this.#home, { recursive: true, force: true })
  }

  async #readLines(stream: ReadableStream<Uint8Array>): Promise<void> {
    const decoder = new TextDecoder()
    let rest = ""
    for await (const chunk of stream) {
      const parts = (rest + decoder.decode(chunk, { stream: true })).split("\n")
      rest = parts.pop() ?? ""
      this.lines.push(...parts.filter((part) => part !== "").map(parseLine))
    }
    if (rest !== "") this.lines.push(parseLine(rest))
  }
}

function parseLine(text: string): LogLine {
  try {
    const value: unknown = JSON.parse(text)
    // The shape of --log-format json: an object with a message.
    if (typeof value === "object" && value !== null && "message" in value) return value as LogLine
  } catch {
    // Not JSON: shown as it is.
  }
  return { message: text }
}

function holds(line: LogLine, fields: Readonly<Record<string, unknown>>): boolean {
  return Object.entries(fields).every(([key, wanted]) =>
    wanted instanceof RegExp ? wanted.test(String(line[key])) : line[key] === wanted,
  )
}
