import { type Disk, type FileSystem, seeded } from "../../src/base/mod.ts"
import { main, type Terminal } from "../../src/cli/mod.ts"
import { FakeClock } from "./clock.ts"
import { memoryFiles } from "./files.ts"

/** How a command line ended: its exit code, what it printed, and the files it replaced. */
export interface Ran {
  readonly code: number
  readonly out: string
  readonly err: string
  readonly written: Readonly<Record<string, string>>
}

/** A disk that keeps nothing. */
export const noDisk: Disk = {
  makeFolder: () => undefined,
  temporaryFolder: () => "/tmp",
  writePrivate: () => undefined,
  removeFolder: () => undefined,
}

/** A terminal in memory, among these files; what is printed is lost. */
export function memoryTerminal(files: FileSystem): Terminal {
  return {
    env: {},
    home: undefined,
    hostname: "test",
    pid: 1,
    files,
    disk: noDisk,
    replaceFile: () => undefined,
    tidy: () => undefined,
    clock: new FakeClock(),
    random: seeded(1),
    version: "test",
    commit: "",
    out: () => undefined,
    err: () => undefined,
    outColour: false,
    errColour: false,
    width: 80,
    startAnew: () => undefined,
    signal: new AbortController().signal,
  }
}

/** Runs one command line of ork in memory, among these files. */
export async function runOrk(args: readonly string[], texts: Readonly<Record<string, string>> = {}): Promise<Ran> {
  const [out, err]: [string[], string[]] = [[], []]
  const written: Record<string, string> = {}
  const terminal: Terminal = {
    ...memoryTerminal(memoryFiles(texts)),
    replaceFile: (path, text) => {
      written[path] = text
    },
    out: (text) => out.push(text),
    err: (text) => err.push(text),
  }
  const code = await main(args, terminal)
  return { code, out: out.join(""), err: err.join(""), written }
}
