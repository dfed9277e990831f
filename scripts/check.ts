/** `npm run check`: format, lint, types and the architecture. */
import { join } from "node:path"
import { bun, root, run } from "./command.ts"

/** The checks that are not tests, by name. */
export const checks: Readonly<Record<string, readonly string[]>> = {
  "format and lint": [bun, join(root, "node_modules/@biomejs/biome/bin/biome"), "check"],
  types: [bun, "check", "--no-script"],
}

/** Runs the checks and returns the names of those that failed. */
export async function failedChecks(): Promise<readonly string[]> {
  const failed: string[] = []
  for (const [name, command] of Object.entries(checks)) {
    if ((await run(command)) !== 0) failed.push(name)
  }
  return failed
}

if (import.meta.main) {
  const failed = [...(await failedChecks())]
  if ((await run([bun, "test", "./tests/architecture.test.ts"])) !== 0) failed.push("architecture")
  console.log(failed.length === 0 ? "all checks passed" : `failed: ${failed.join(", ")}`)
  process.exitCode = failed.length === 0 ? 0 : 1
}
