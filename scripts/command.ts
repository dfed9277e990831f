/** Runs other programs for the scripts. */
import { join } from "node:path"

/** The repository's root, absolute. */
export const root = join(import.meta.dir, "..")

/** The pinned Bun that runs this script. */
export const bun = process.execPath

/** Runs a command with its output shown; resolves with its exit code. */
export async function run(command: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<number> {
  const child = Bun.spawn([...command], {
    cwd: root,
    stdio: ["inherit", "inherit", "inherit"],
    env: { ...process.env, ...env },
  })
  return await child.exited
}
