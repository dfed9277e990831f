/** A process of ork that serves a Kubernetes API, asked over HTTPS with the kubeconfig that it printed. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { poll } from "../cluster/processes.ts"
import { orkBinary } from "./ork.ts"

/** An answer, read as JSON where it is JSON. */
export interface Answer {
  readonly code: number
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers as they please
  readonly body: any
}

/** `await using server = Server.start(["cluster"])`: killed at the end if it still runs. */
export class Server implements AsyncDisposable {
  readonly #home = mkdtempSync(join(tmpdir(), "ork-home-"))
  readonly #child: Bun.Subprocess<"ignore", "pipe", "pipe">
  #out = ""
  #err = ""
  readonly #read: Promise<unknown>

  private constructor(args: readonly string[], env: Readonly<Record<string, string>>) {
    this.#child = Bun.spawn([orkBinary(), ...args], {
      cwd: this.#home,
      env: { PATH: process.env["PATH"] ?? "", HOME: this.#home, TMPDIR: this.#home, NO_COLOR: "1", ...env },
      stdio: ["ignore", "pipe", "pipe"],
    })
    this.#read = Promise.all([
      follow(this.#child.stdout, (text) => {
        this.#out += text
      }),
      follow(this.#child.stderr, (text) => {
        this.#err += text
      }),
    ])
  }

  static start(args: readonly string[], env: Readonly<Record<string, string>> = {}): Server {
    return new Server(args, env)
  }

  get pid(): number {
    return this.#child.pid
  }

  /** Everything that it has printed so far. */
  all(): string {
    return this.#out + this.#err
  }

  /** Waits until standard output matches. */
  async output(pattern: RegExp): Promise<RegExpExecArray> {
    await poll(() => pattern.test(this.#out) || this.#child.exitCode !== null, 20_000)
    const found = pattern.exec(this.#out)
    if (found === null) throw new Error(`no ${pattern} in:\n${this.all()}`)
    return found
  }

  /** The path that the first line of standard output exports. */
  async kubeconfig(): Promise<string> {
    return (await this.output(/^export KUBECONFIG=(.+)\n/))[1] ?? ""
  }

  /** One request as the kubeconfig's user. */
  async ask(
    method: string,
    path: string,
    body?: unknown,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Answer> {
    const text = readFileSync(await this.kubeconfig(), "utf8")
    const value = (key: string) => new RegExp(`${key}: "?([^"\\s]+)`).exec(text)?.[1] ?? ""
    const response = await fetch(`${value("server")}${path}`, {
      method,
      headers: { authorization: `Bearer ${value("token")}`, "content-type": "application/json", ...headers },
      tls: { ca: Buffer.from(value("certificate-authority-data"), "base64").toString() },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const answer = await response.text()
    return { code: response.status, body: answer.startsWith("{") ? JSON.parse(answer) : answer }
  }

  /** Sends a signal and resolves with the exit code. */
  async stop(signal: "SIGINT" | "SIGTERM" | "SIGKILL"): Promise<number> {
    this.#child.kill(signal)
    const code = await this.#child.exited
    await this.#read
    return code
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) await this.stop("SIGKILL")
    rmSync(this.#home, { recursive: true, force: true })
  }
}

async function follow(stream: ReadableStream<Uint8Array>, take: (text: string) => void): Promise<void> {
  const decoder = new TextDecoder()
  for await (const chunk of stream) take(decoder.decode(chunk, { stream: true }))
}
