/** Runs other programs for the scripts. */
import { join } from "node:path"

/** The repository's root, absolute. */
export const root = join(import.meta.dir, "..")

/** The pinned Bun that runs this script. */
export const bun = process.execPath

const running = new Set<Bun.Subprocess>()

/** Runs a command with its output shown; resolves with its exit code. After `limitMs` it is killed, and the code is not 0. */
export async function run(command: readonly string[], options: { readonly limitMs?: number } = {}): Promise<number> {
  const child = Bun.spawn([...command], {
    cwd: root,
    stdio: ["inherit", "inherit", "inherit"],
    env: process.env,
    ...(options.limitMs === undefined ? {} : { timeout: options.limitMs, killSignal: "SIGKILL" }),
  })
  running.add(child)
  const code = await child.exited
  running.delete(child)
  return code
}

/** Stops the commands that still run; returns once they are gone. */
export async function stopRunning(): Promise<void> {
  for (const child of running) child.kill("SIGTERM")
  await Promise.all([...running].map((child) => child.exited))
}
