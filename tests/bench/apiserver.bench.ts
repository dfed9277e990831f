/**
 * The embedded API server over HTTP keep-alive, in a process of its own: start, creates a second in memory and in
 * SQLite, 1,000 watches of one kind that are told 1,000 changes, and the memory of 100,000 ConfigMaps of 1 KB.
 */
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { inParallel } from "../../src/base/mod.ts"

const creates = Number(Bun.env["ORK_BENCH_CREATES"] ?? 20_000)
const kept = Number(Bun.env["ORK_BENCH_OBJECTS"] ?? 100_000)
const watches = Number(Bun.env["ORK_BENCH_WATCHES"] ?? 1_000)
const changes = 1_000
const parallel = 32
const headers = { "Content-Type": "application/json" }

interface Server {
  readonly url: string
  readonly startMs: number
  stop(): void
}

async function start(...args: readonly string[]): Promise<Server> {
  const child = Bun.spawn([process.execPath, join(import.meta.dir, "apiserver-server.ts"), ...args], { stdout: "pipe" })
  const reader = child.stdout.getReader()
  const { value } = await reader.read()
  const { port, startMs } = JSON.parse(new TextDecoder().decode(value))
  return { url: `http://127.0.0.1:${port}`, startMs, stop: () => child.kill() }
}

async function create(url: string, path: string, object: unknown): Promise<void> {
  const answer = await fetch(`${url}${path}`, { method: "POST", headers, body: JSON.stringify(object) })
  const text = await answer.text()
  if (answer.status !== 201) throw new Error(text)
}

const home = (name: string) => ({ metadata: { name } })

async function createMaps(url: string, namespace: string, count: number): Promise<number> {
  await create(url, "/api/v1/namespaces", home(namespace))
  const data = { a: "x".repeat(500), b: "y".repeat(500) }
  const started = performance.now()
  await inParallel(
    Array.from({ length: count }, (_, index) => index),
    parallel,
    (index) => create(url, `/api/v1/namespaces/${namespace}/configmaps`, { ...home(`map-${index}`), data }),
  )
  return Math.round((count / (performance.now() - started)) * 1_000)
}

/** Reads a watch until it has brought all changes. */
async function follow(url: string, opened: () => void): Promise<number> {
  const answer = await fetch(`${url}/api/v1/namespaces/watched/secrets?watch=true`)
  opened()
  let count = 0
  for await (const bytes of answer.body ?? []) {
    for (const byte of bytes) if (byte === 10) count++
    if (count > changes) break // the first line is empty
  }
  return count - 1
}

async function watchAll(url: string): Promise<string> {
  await create(url, "/api/v1/namespaces", home("watched"))
  let open = 0
  const following = Array.from({ length: watches }, () => follow(url, () => open++))
  while (open < watches) await Bun.sleep(20)
  const started = performance.now()
  for (let i = 0; i < changes; i++) await create(url, "/api/v1/namespaces/watched/secrets", home(`s-${i}`))
  const counts = await Promise.all(following)
  const lost = counts.filter((count) => count !== changes).length
  return `${watches} watches, ${changes} changes: ${lost} watches lost some; ${Math.round(performance.now() - started)} ms`
}

if (Bun.env["BUN_CONFIG_MAX_HTTP_REQUESTS"] === undefined) {
  // One connection per watch is more than a process may have unless it is told so at its start.
  const env = { ...Bun.env, BUN_CONFIG_MAX_HTTP_REQUESTS: String(watches + 100) }
  const child = Bun.spawn([process.execPath, import.meta.path], { env, stdout: "inherit", stderr: "inherit" })
  process.exitCode = await child.exited
} else {
  const memory = await start()
  console.log(`start: ${memory.startMs} ms`)
  console.log(
    `creates in memory: ${await createMaps(memory.url, "warm", creates)}/s, then ${await createMaps(memory.url, "load", creates)}/s`,
  )
  console.log(await watchAll(memory.url))
  memory.stop()
  const full = await start()
  await createMaps(full.url, "full", kept)
  const rss = Number(await (await fetch(`${full.url}/rss`)).text())
  console.log(`${kept} ConfigMaps of 1 KB: ${Math.round(rss / 1e6)} MB`)
  full.stop()
  const folder = mkdtempSync(join(tmpdir(), "ork-bench-"))
  const disk = await start(folder)
  console.log(`creates in SQLite: ${await createMaps(disk.url, "load", Math.round(creates / 4))}/s`)
  disk.stop()
  rmSync(folder, { recursive: true, force: true })
}
