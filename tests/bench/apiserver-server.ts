/** The server half of the benchmark: serves on a free port, which it prints; `/rss` tells the memory after a collection, `/cpu` the time computed. */
import { SqliteStorage, startCluster } from "../../src/apiserver/mod.ts"
import { silent } from "../../src/base/mod.ts"
import { systemClock, systemRandom } from "../../src/system.ts"

const folder = process.argv[2]
const started = performance.now()
const storage = folder === undefined ? {} : { storage: new SqliteStorage({ folder, pid: process.pid }) }
const deps = { clock: systemClock, random: systemRandom, log: silent }
const cluster = await startCluster(deps, { ...storage, pretend: false, authority: "none", port: 1 })
const server = Bun.serve({
  hostname: "127.0.0.1",
  port: 0,
  idleTimeout: 0,
  fetch: (request) => {
    if (request.url.endsWith("/rss")) return memory()
    return request.url.endsWith("/cpu") ? computed() : cluster.fetch(request)
  },
})
console.log(JSON.stringify({ port: server.port, startMs: Math.round(performance.now() - started) }))

async function memory(): Promise<Response> {
  Bun.gc(true)
  await Bun.sleep(1_000) // what is free goes back to the system a moment later
  return new Response(String(process.memoryUsage().rss))
}

function computed(): Response {
  const { user, system } = process.cpuUsage()
  return new Response(String((user + system) / 1_000))
}
