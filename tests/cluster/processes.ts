/** Processes of a test control plane: known by id and start time, so that a reused id is never mistaken for ours. */
import { closeSync, openSync, readFileSync } from "node:fs"
import { join } from "node:path"

/** One running process; the start time tells it from a later process with the same id. */
export interface ProcessRecord {
  readonly name: string
  readonly pid: number
  readonly startTime: string
}

/** Resolves after `durationMs` of real time. */
export function pause(durationMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, durationMs))
}

/** Asks `condition` every 50 ms until it holds or `timeoutMs` have passed; tells whether it held. */
export async function poll(condition: () => boolean | Promise<boolean>, timeoutMs: number): Promise<boolean> {
  const deadline = Date.now() + timeoutMs
  for (;;) {
    if (await condition()) return true
    if (Date.now() >= deadline) return false
    await pause(50)
  }
}

/** The start time of a live process, or undefined when there is none (a zombie is not alive). */
export function startTimeOf(pid: number): string | undefined {
  if (process.platform !== "linux") {
    const answer = Bun.spawnSync(["ps", "-o", "lstart=", "-p", String(pid)])
    return answer.stdout.toString().trim() || undefined
  }
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8")
    // The command's name may hold spaces and brackets: the fields start after its last bracket.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ")
    return fields[0] === "Z" || fields[0] === "X" ? undefined : fields[19]
  } catch {
    return undefined
  }
}

/** Whether exactly this process still runs. */
export function isAlive(record: Pick<ProcessRecord, "pid" | "startTime">): boolean {
  return startTimeOf(record.pid) === record.startTime
}

/** This process. */
export function self(): ProcessRecord {
  return { name: "self", pid: process.pid, startTime: startTimeOf(process.pid) ?? "" }
}

/** Starts `command` in a session of its own, its output appended to `dir`/`name`.log. */
export function spawnLogged(dir: string, name: string, command: readonly string[]): ProcessRecord {
  const log = openSync(join(dir, `${name}.log`), "a")
  try {
    // A session of its own: Ctrl-C in a terminal must reach ork first and the API server last.
    const child = Bun.spawn([...command], { stdin: "ignore", stdout: log, stderr: log, detached: true })
    child.unref()
    return { name, pid: child.pid, startTime: startTimeOf(child.pid) ?? "" }
  } finally {
    closeSync(log)
  }
}

/** Stops the process and returns once it is gone: SIGTERM with `graceMs` of patience, then SIGKILL. */
export async function stopProcess(record: ProcessRecord, graceMs: number): Promise<void> {
  if (graceMs > 0) {
    send(record, "SIGTERM")
    if (await poll(() => !isAlive(record), graceMs)) return
  }
  send(record, "SIGKILL")
  await poll(() => !isAlive(record), 5_000)
}

/** The last lines of a process's log. */
export function lastLines(dir: string, name: string, count = 8): string {
  try {
    return readFileSync(join(dir, `${name}.log`), "utf8")
      .trimEnd()
      .split("\n")
      .slice(-count)
      .join("\n")
  } catch {
    return ""
  }
}

function send(record: ProcessRecord, signal: "SIGTERM" | "SIGKILL"): void {
  if (!isAlive(record)) return
  try {
    process.kill(record.pid, signal)
  } catch {
    // It ended between the look and the signal.
  }
}
