/** A quiet while: shipped Katalogs at rest on a real API server, and all that its audit log has of ork. */
import { KatalogSummary, readBody } from "../../src/server/mod.ts"
import { pause } from "../cluster/processes.ts"
import { describeEntry, shipped, until, World } from "../e2e/world.ts"
import type { TestCluster } from "../support/cluster.ts"
import { Ork } from "../support/ork.ts"

/** What was asked while nothing happened. */
export interface QuietReport {
  readonly seconds: number
  readonly customResources: number
  /** Operators that are not healthy. */
  readonly ailing: readonly string[]
  /** Watches that were renewed meanwhile. */
  readonly watches: number
  /** Everything else that was asked: `get /api/v1/...`. None is wanted. */
  readonly others: readonly string[]
}

const user = "quiet"

/** Runs `katalogs` on `cluster`, waits until nothing is asked any more, and counts what is asked in the next `seconds`. */
export async function quiet(
  cluster: TestCluster,
  { katalogs, seconds }: { readonly katalogs: readonly string[]; readonly seconds: number },
): Promise<QuietReport> {
  const world = new World(cluster)
  const flags = katalogs.flatMap((name) => ["-f", shipped(name)])
  await using ork = Ork.start({ kubeconfig: await cluster.identity(user), flags })
  await until("ork is ready", async () => (await ork.get("/ready")).ok, 60_000)
  await until("nothing is asked any more", () => isStill(world), 180_000)
  const since = new Date()
  await pause(seconds * 1_000)
  const asked = await world.asked({ user, since })
  const watches = asked.filter(({ verb }) => verb === "watch")
  const summary = readBody(KatalogSummary, await (await ork.get("/katalog")).json())
  const crds = summary.ok ? summary.value.crds : []
  return {
    seconds,
    customResources: crds.reduce((sum, { resourceCount }) => sum + resourceCount, 0),
    ailing: crds.filter(({ healthy }) => !healthy).map(({ name }) => name),
    watches: watches.length,
    others: asked.filter((entry) => !watches.includes(entry)).map(describeEntry),
  }
}

/** Nothing but watches for a quarter of a minute. */
async function isStill(world: World): Promise<boolean> {
  await pause(5_000)
  const asked = await world.asked({ user, since: new Date(Date.now() - 15_000) })
  return asked.every(({ verb }) => verb === "watch")
}
