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

async function createMaps(url: string, namespace: string, count: number): Promise<string> {
  await create(url, "/api/v1/namespaces", home(namespace))
  const data = { a: "x".repeat(500), b: "y".repeat(500) }
  const [started, before] = [performance.now(), await cpuMs(url)]
  await inParallel(
    Array.from({ length: count }, (_, index) => index),
    parallel,
    (index) => create(url, `/api/v1/namespaces/${namespace}/configmaps`, { ...home(`map-${index}`), data }),
  )
  const rate = Math.round((count / (performance.now() - started)) * 1_000)
  // A machine that others use too answers slower, but computes no more.
  return `${rate}/s (${Math.round((((await cpuMs(url)) - before) / count) * 1_000)} us of the server's CPU each)`
}

const isEvent = Buffer.from('{"type":"ADDED"')

/** Follows a watch on a socket of its own, as other processes do; the first bytes say that it is open. */
async function follow(url: string): Promise<{ readonly isOpen: Promise<void>; readonly isDone: Promise<void> }> {
  const [opened, done] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  let [count, rest] = [0, Buffer.alloc(0)]
  const { hostname, port } = new URL(url)
  const lines = ["GET /api/v1/namespaces/watched/secrets?watch=true HTTP/1.1", "Host: bench", "", ""]
  await Bun.connect({
    hostname,
    port: Number(port),
    socket: {
      open: (socket) => void socket.write(lines.join("\r\n")),
      data: (_, bytes) => {
        opened.resolve()
        const all = Buffer.concat([rest, bytes])
        for (let at = all.indexOf(isEvent); at !== -1; at = all.indexOf(isEvent, at + 1)) count++
        rest = all.subarray(Math.max(0, all.length - isEvent.length + 1))
        if (count >= changes) done.resolve()
      },
      close: () => done.resolve(),
    },
  })
  return { isOpen: opened.promise, isDone: done.promise.then(() => noteLoss(changes - count)) }
}

let lost = 0
function noteLoss(missing: number): void {
  if (missing !== 0) lost++
}

async function watchAll(url: string): Promise<string> {
  await create(url, "/api/v1/namespaces", home("watched"))
  const following = await Promise.all(Array.from({ length: watches }, () => follow(url)))
  await Promise.all(following.map(({ isOpen }) => isOpen))
  const [started, before] = [performance.now(), await cpuMs(url)]
  for (let i = 0; i < changes; i++) await create(url, "/api/v1/namespaces/watched/secrets", home(`s-${i}`))
  await Promise.all(following.map(({ isDone }) => isDone))
  const took = `${Math.round(performance.now() - started)} ms, ${Math.round((await cpuMs(url)) - before)} ms of the server's CPU`
  return `${watches} watches, ${changes} changes: ${lost} watches lost some; ${took}`
}

/** What the server's process has computed so far. */
async function cpuMs(url: string): Promise<number> {
  return Number(await (await fetch(`${url}/cpu`)).text())
}

const memory = await start()
console.log(`start: ${memory.startMs} ms`)
console.log(
  `creates in memory: ${await createMaps(memory.url, "warm", creates)}, then ${await createMaps(memory.url, "load", creates)}`,
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
console.log(`creates in SQLite: ${await createMaps(disk.url, "load", Math.round(creates / 4))}`)
disk.stop()
rmSync(folder, { recursive: true, force: true })
