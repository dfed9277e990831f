import { test } from "bun:test"
import { storm } from "./storm.ts"

const first = Number(Bun.env["ORK_SEED"] ?? 1)
const count = Number(Bun.env["ORK_SEEDS"] ?? (Bun.env["ORK_SEED"] === undefined ? 20 : 1))
const seeds = Array.from({ length: count }, (_, i) => first + i)

// Many more: npm run sim -- --seeds 10000
test.each(seeds)("after any storm the world is as declared, and quiet (seed %i)", storm)
