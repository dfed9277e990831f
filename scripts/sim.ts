/**
 * `npm run sim`: storms in fake time, one seed after the other; one that fails names its seed.
 * `npm run sim -- [--seed S] [--seeds N]`: the first seed, and how many.
 */
import { parseArgs } from "node:util"
import { bun, run } from "./command.ts"

const options = { seed: { type: "string", default: "1" }, seeds: { type: "string", default: "1000" } } as const
const { values } = parseArgs({ options })
if (!/^\d+$/.test(values.seed) || !/^[1-9]\d*$/.test(values.seeds)) {
  console.error("--seed and --seeds are whole numbers")
  process.exit(64)
}
process.env["ORK_SEED"] = values.seed
process.env["ORK_SEEDS"] = values.seeds
process.exitCode = await run([bun, "test", "--timeout=120000", "--only-failures", "./tests/sim"])
