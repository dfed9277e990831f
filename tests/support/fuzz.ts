/** What the fuzz files have in common: a seed, a count, and how they are started alone. */
import { type Random, seeded } from "../../src/base/mod.ts"

/** How much to try, and where the sequence begins. */
export interface FuzzOptions {
  readonly seed: number
  readonly count: number
}

/** What was found: at most a few dozen lines, each with what is needed to see it again. */
export type Fuzz = (options: FuzzOptions) => Promise<readonly string[]>

/** Runs one fuzz file from the command line: `--count N`, `--seed S`. The seed is printed, so a finding can be repeated. */
export async function fuzzMain(name: string, countDefault: number, fuzz: Fuzz): Promise<void> {
  const flag = (word: string) => Number(process.argv[process.argv.indexOf(word) + 1] ?? Number.NaN)
  const count = process.argv.includes("--count") ? flag("--count") : countDefault
  const seed = process.argv.includes("--seed") ? flag("--seed") : Math.floor(Math.random() * 2 ** 31)
  console.log(`${name}: ${count} inputs, --seed ${seed}`)
  const startedAt = performance.now()
  const findings = await fuzz({ seed, count })
  for (const finding of findings) console.log(finding)
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1)
  console.log(`${name}: ${findings.length === 0 ? "nothing found" : `${findings.length} findings`} in ${seconds} s`)
  process.exitCode = findings.length === 0 ? 0 : 1
}

/** Draws from a seed. */
export interface Draw {
  /** A whole number from 0 up to `count`, without it. */
  below(count: number): number
  /** One of the items. */
  one<T>(items: readonly T[]): T
  /** True in about `share` of the cases. */
  chance(share: number): boolean
}

/** The draws that belong to a seed. */
export function draw(seed: number): Draw {
  const random: Random = seeded(seed)
  const below = (count: number) => Math.floor(random.next() * count)
  return {
    below,
    one<T>(items: readonly T[]): T {
      return items[below(items.length)] as T // the index is in range; callers give at least one item
    },
    chance: (share) => random.next() < share,
  }
}
