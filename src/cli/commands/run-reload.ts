import { type Diagnostic, type Logger, ms } from "../../base/mod.ts"
import type { Plan } from "../../plan/mod.ts"
import { type Compiled, compileKatalogs } from "../katalog.ts"
import { countDiagnostics, printDiagnostics } from "../print.ts"
import { withRemoteFiles } from "../remote-files.ts"
import type { Terminal } from "../terminal.ts"
import { WatchedFiles } from "../watched-files.ts"
import { type FileGroup, readFiles } from "./run-files.ts"

const lookMs = ms("1s")
const againMs = ms("30s")

/** A Katalog that compiles, and the files that it names. */
export interface Read {
  readonly compiled: Compiled
  readonly plan: Plan
  readonly groups: readonly FileGroup[]
}

/** Reads Katalogs and all that they name; without `read` there is something wrong. */
export function readKatalogs(
  terminal: Terminal,
  paths: readonly string[],
): { readonly read: Read | undefined; readonly diagnostics: readonly Diagnostic[] } {
  const compiled = compileKatalogs(terminal, paths)
  const { groups, diagnostics: more } = readFiles(terminal.files, compiled.specs)
  const diagnostics = [...compiled.diagnostics, ...more]
  const { plan } = compiled
  return { read: plan && more.length === 0 ? { compiled, plan, groups } : undefined, diagnostics }
}

/**
 * Looks at the files of the Katalogs once a second, and hands over what they say when that has changed and held still
 * for a look; when `take` answers false, it is handed over again half a minute later. What does not compile is told, and
 * what runs goes on. Ends when `signal` aborts.
 */
export async function followFiles(
  outer: Terminal,
  paths: readonly string[],
  deps: { readonly log: Logger; readonly signal: AbortSignal; readonly take: (read: Read) => Promise<boolean> },
): Promise<void> {
  const { log, signal, take } = deps
  let files = await watch(outer, paths)
  for (let seen = files.before; ; ) {
    await outer.clock.sleep(lookMs, signal)
    const now = files.now()
    if (now === files.before || now !== seen) {
      seen = now
      continue
    }
    const terminal = { ...outer, files: new WatchedFiles(outer.files) }
    const { read, diagnostics } = readKatalogs(await withRemoteFiles(terminal, paths), paths)
    if (read === undefined) {
      outer.err(`${printDiagnostics(diagnostics, "text")}\n`)
      log.error(`the changed Katalog is wrong: ${countDiagnostics(diagnostics)}; what runs goes on`)
    } else if (!(await take(read))) {
      await outer.clock.sleep(againMs, signal)
      continue
    }
    files = terminal.files
    seen = files.before
  }
}

async function watch(outer: Terminal, paths: readonly string[]): Promise<WatchedFiles> {
  const files = new WatchedFiles(outer.files)
  const terminal = { ...outer, files }
  readKatalogs(await withRemoteFiles(terminal, paths), paths)
  return files
}
