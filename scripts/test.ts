/**
 * `npm test`: the checks, the control plane's build where it is needed, then every test but the end-to-end ones, storms and benchmarks.
 * `npm test -- tests/unit/kube` runs the test files below that path only. Files that start a control plane are named *.cluster.test.ts.
 */
import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs"
import { join } from "node:path"
import { build, canBuild, missingBinaries, nodeBinaries } from "../tests/cluster/build.ts"
import { stopLeftovers } from "../tests/cluster/control-plane.ts"
import { checks, failedChecks } from "./check.ts"
import { bun, root, run, stopRunning } from "./command.ts"

interface Count {
  readonly passed: number
  readonly failed: number
}

/** A test in an endless loop hangs the whole runner, where no time limit of a test helps. */
const limitMs = 12 * 60_000

const reports = join(root, "tests/.reports")

/** The test files below the given paths; without paths all that `npm test` runs. */
function testFiles(paths: readonly string[]): readonly string[] {
  const all = [...new Bun.Glob("tests/**/*.test.ts").scanSync({ cwd: root })].sort()
  if (paths.length === 0) return all.filter((file) => !/^tests\/(e2e|faults|bench)\//.test(file))
  return all.filter((file) => paths.some((path) => file.startsWith(path.replace(/^\.\//, ""))))
}

/** Runs test files in one runner and counts from its report; a runner that fails without a failed test counts as one. */
async function runTests(name: string, files: readonly string[], flags: readonly string[]): Promise<Count> {
  if (files.length === 0) return { passed: 0, failed: 0 }
  const report = join(reports, `${name}.xml`)
  rmSync(report, { force: true })
  const reporter = ["--reporter=junit", `--reporter-outfile=${report}`]
  const startedAt = performance.now()
  const code = await run([bun, "test", ...flags, ...reporter, ...files.map((file) => `./${file}`)], { limitMs })
  if (performance.now() - startedAt >= limitMs)
    console.log("the runner hung and was stopped; the last file named above does it")
  const count = readReport(report)
  return code !== 0 && count.failed === 0 ? { passed: count.passed, failed: 1 } : count
}

function readReport(path: string): Count {
  const head = existsSync(path) ? /<testsuites [^>]*>/.exec(readFileSync(path, "utf8"))?.[0] : undefined
  const read = (name: string) => Number(new RegExp(` ${name}="(\\d+)"`).exec(head ?? "")?.[1] ?? 0)
  const failed = read("failures") + read("errors")
  return { passed: read("tests") - failed - read("skipped"), failed }
}

/** Builds the control plane; undefined when it can run, else why it cannot. */
async function prepareControlPlane(): Promise<string | undefined> {
  const missing = missingBinaries(nodeBinaries)
  if (missing.length === 0) return undefined
  if (!canBuild()) return `no Go to build ${missing.join(", ")} with`
  try {
    await build(nodeBinaries, (line) => console.error(line))
    return undefined
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

async function main(paths: readonly string[]): Promise<Count> {
  mkdirSync(reports, { recursive: true })
  const counts: Count[] = []
  if (paths.length === 0) {
    const failed = (await failedChecks()).length
    counts.push({ passed: Object.keys(checks).length - failed, failed })
  }
  const files = testFiles(paths)
  const onCluster = files.filter((file) => file.endsWith(".cluster.test.ts"))
  const others = files.filter((file) => !onCluster.includes(file))
  counts.push(await runTests("tests", others, ["--timeout=20000"]))
  const obstacle = onCluster.length === 0 ? undefined : await prepareControlPlane()
  if (obstacle === undefined) {
    counts.push(await runTests("cluster", onCluster, ["--timeout=120000"]))
    await stopLeftovers()
  } else {
    console.log(
      `left out the tests that need a real API server (*.cluster.test.ts, ${onCluster.length} of ${files.length} files): ${obstacle}`,
    )
    // On a build machine, or where Go is there and the build failed, a test that did not run is a failure.
    if (process.env["CI"] === "true" || canBuild()) counts.push({ passed: 0, failed: 1 })
  }
  const sum = (key: keyof Count) => counts.reduce((total, count) => total + count[key], 0)
  return { passed: sum("passed"), failed: sum("failed") }
}

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.once(signal, async () => {
    await stopRunning()
    await stopLeftovers()
    process.exit(130)
  })
}
const { passed, failed } = await main(process.argv.slice(2))
if (passed + failed === 0) console.log("no tests ran")
console.log(`${passed} passed, ${failed} failed`)
process.exitCode = failed === 0 && passed > 0 ? 0 : 1
