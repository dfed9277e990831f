import { afterAll, beforeAll, expect, test } from "bun:test"
import { TestCluster } from "../support/cluster.ts"
import { weather } from "./storm.ts"

const seed = Number(Bun.env["ORK_SEED"] ?? 1)

let cluster: TestCluster
beforeAll(async () => {
  cluster = await TestCluster.start({ audit: true })
})
afterAll(() => cluster?.[Symbol.asyncDispose]())

test(`after a storm nothing is lost, orphaned or written twice (seed ${seed})`, async () => {
  const report = await weather(cluster, { seed, seconds: 20, sites: 12, pace: 8, killEverySeconds: 7, heavy: false })
  console.log(JSON.stringify(report))
  expect(report.wrong).toEqual([])
  expect(report.restless).toEqual([])
  expect(report.edits).toBeGreaterThan(50)
  expect(report.writes / report.needed).toBeLessThan(1.2)
})
