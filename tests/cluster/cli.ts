/**
 * The test control plane by hand:
 *
 *   bun run tests/cluster/cli.ts build                       build what is missing
 *   bun run tests/cluster/cli.ts up DIR [--nodes] [--audit]  start in DIR and print the kubeconfig's path
 *   bun run tests/cluster/cli.ts down DIR                    stop what `up` started there
 */
import { parseArgs } from "node:util"
import { build, cacheFolder, nodeBinaries } from "./build.ts"
import { ControlPlane, stopControlPlane } from "./control-plane.ts"

const usage = "usage: cli.ts build | up DIR [--nodes] [--audit] | down DIR"

async function main(): Promise<string> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { nodes: { type: "boolean", default: false }, audit: { type: "boolean", default: false } },
  })
  const [command, dir] = positionals
  if (command === "build") {
    await build(nodeBinaries, (line) => console.error(line))
    return cacheFolder()
  }
  if (command === "up" && dir !== undefined) return (await ControlPlane.startIn(dir, values)).kubeconfig
  if (command === "down" && dir !== undefined) {
    await stopControlPlane(dir)
    return `stopped ${dir}`
  }
  throw new Error(usage)
}

try {
  console.log(await main())
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error))
  process.exitCode = 1
}
