/**
 * `npm run faults`: long storms on a real API server, with its restart, etcd's compaction and half-open connections too.
 * `npm run faults -- [--seed S] [--seconds N] [--storms N]`: the first seed, how long each storm lasts, how many there are.
 * `npm run faults -- --quiet 10m`: no storm; shipped Katalogs at rest for that long, and all that ork asks meanwhile.
 */
import { parseArgs } from "node:util"
import { parseDuration } from "../src/base/mod.ts"
import { quiet } from "../tests/faults/quiet.ts"
import { weather } from "../tests/faults/storm.ts"
import { TestCluster } from "../tests/support/cluster.ts"

const { values } = parseArgs({
  options: {
    seed: { type: "string", default: "1" },
    seconds: { type: "string", default: "240" },
    storms: { type: "string", default: "1" },
    quiet: { type: "string" },
  },
})
if (values.quiet !== undefined) process.exit(await atRest(parseDuration(values.quiet)))
const [seed, seconds, storms] = [values.seed, values.seconds, values.storms].map(Number)
if (![seed, seconds, storms].every((value) => Number.isInteger(value) && value! > 0)) {
  console.error("--seed, --seconds and --storms are whole numbers above 0")
  process.exit(64)
}
for (let at = seed!; at < seed! + storms!; at++) {
  await using cluster = await TestCluster.start({ audit: true })
  const report = await weather(cluster, {
    seed: at,
    seconds: seconds!,
    sites: 30,
    pace: 10,
    killEverySeconds: 25,
    heavy: true,
  })
  const ratio = report.writes / report.needed
  const good = report.wrong.length === 0 && report.restless.length === 0 && ratio < 1.2
  console.log(
    `${good ? "fine" : "BROKEN"}: seed ${at}, ${ratio.toFixed(3)} of the writes that each edit alone would need`,
  )
  console.log(JSON.stringify(report))
  if (!good) process.exitCode = 1
}

async function atRest(lengthMs: number | undefined): Promise<number> {
  if (lengthMs === undefined || lengthMs < 1_000) {
    console.error("--quiet is a length of time: 10m")
    return 64
  }
  await using cluster = await TestCluster.start({ nodes: true, audit: true })
  const katalogs = ["hello-website", "shop", "feature-flags"]
  const report = await quiet(cluster, { katalogs, seconds: Math.round(lengthMs / 1_000) })
  const good = report.others.length === 0 && report.customResources > 0
  console.log(`${good ? "quiet" : "RESTLESS"}: ${katalogs.join(", ")}`)
  console.log(JSON.stringify(report))
  return good ? 0 : 1
}
