import {
  chmodSync,
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs"
import { tmpdir } from "node:os"
import { basename, dirname, join } from "node:path"
import {
  type Clock,
  type Disk,
  type FileSystem,
  messageOf,
  OrkError,
  onAbort,
  type Random,
  textOfBytes,
} from "./base/mod.ts"

/** Timers take 32 bits; a longer sleep is made of several. */
const timerMax = 2 ** 31 - 1

/** The machine's clock. */
export const systemClock: Clock = {
  nowMs: () => Date.now(),
  steadyMs: () => performance.now(),
  turn: () => new Promise((resolve) => setImmediate(resolve)),
  async sleep(duration, signal) {
    if (signal?.aborted) throw signal.reason
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    using _timer = after(duration, resolve)
    using _link = onAbort(signal, reject)
    await promise
  },
  after,
}

function after(duration: number, fire: () => void): Disposable {
  let timer: ReturnType<typeof setTimeout>
  const arm = (left: number) => {
    const next = () => (left > timerMax ? arm(left - timerMax) : fire())
    timer = setTimeout(next, Math.min(left, timerMax))
  }
  // What becomes due while somebody asks for it lies a little in the past.
  arm(Math.max(0, duration))
  return { [Symbol.dispose]: () => clearTimeout(timer) }
}

/** The machine's randomness. Not for secrets. */
export const systemRandom: Random = { next: () => Math.random() }

/** More than any Katalog or manifest needs: an endless pipe must not fill the memory. */
const fileBytesMax = 64 * 1024 * 1024

/** What a command line calls the process's input. */
const inputName = "-"

/** What was read from a pipe or the input, which can be read only once. */
const readOnce = new Map<string, string>()

function readText(path: string): string {
  const found = path === inputName ? undefined : statSync(path)
  if (found?.isFile()) {
    if (found.size > fileBytesMax) throw new Error(tooLarge)
    return decoded(readFileSync(path))
  }
  const known = readOnce.get(path)
  if (known !== undefined) return known
  const text = decoded(readAll(path))
  readOnce.set(path, text)
  return text
}

function readAll(path: string): Uint8Array {
  const file = path === inputName ? 0 : openSync(path, "r")
  const parts: Uint8Array[] = []
  let length = 0
  try {
    for (;;) {
      const part = new Uint8Array(64 * 1024)
      const count = readSync(file, part)
      if (count === 0) return Buffer.concat(parts)
      parts.push(part.subarray(0, count))
      length += count
      if (length > fileBytesMax) throw new Error(tooLarge)
    }
  } finally {
    if (file !== 0) closeSync(file)
  }
}

const tooLarge = `the file is larger than ${fileBytesMax / 1024 / 1024} MiB`

function decoded(bytes: Uint8Array): string {
  const text = textOfBytes(bytes)
  if (!text.ok) throw new Error(text.error)
  return text.value
}

/** The machine's files. */
export const systemFiles: FileSystem = {
  read(path) {
    return ask(path, () => readText(path))
  },
  kind(path) {
    if (path === inputName) return "file"
    const found = ask(path, () => statIfAny(path))
    if (found?.isDirectory()) return "folder"
    // A pipe: `ork validate -f <(kustomize build)`. Devices are not read, but for the input by its long name.
    const isRead = found?.isFile() || found?.isFIFO() || path === "/dev/stdin"
    return isRead ? "file" : undefined
  },
  glob(folder, pattern) {
    return ask(folder, () => [...new Bun.Glob(pattern).scanSync({ cwd: folder, onlyFiles: true })].sort())
  },
}

/** Puts a text in place of a file's: whole, or not at all. Keeps its permissions; a link stays one. */
export function replaceFile(path: string, text: string): void {
  ask(path, () => {
    const target = realpathSync(path)
    const beside = join(dirname(target), `.${basename(target)}.new`)
    try {
      writeFileSync(beside, text, { mode: statSync(target).mode, flag: "wx", flush: true })
      renameSync(beside, target)
    } catch (error) {
      // A file of that name that was there before is somebody else's.
      if (codeOf(error) !== "EEXIST") rmSync(beside, { force: true })
      throw error
    }
  })
}

/** The machine's disk. */
export const systemDisk: Disk = {
  makeFolder(path) {
    ask(path, () => mkdirSync(path, { recursive: true, mode: 0o700 }))
  },
  temporaryFolder() {
    return ask(tmpdir(), () => mkdtempSync(join(tmpdir(), "ork-")))
  },
  writePrivate(path, text) {
    ask(path, () => {
      writeFileSync(path, text, { mode: 0o600, flush: true })
      // A file that was there keeps its own permissions.
      chmodSync(path, 0o600)
    })
  },
  removeFolder(path) {
    ask(path, () => rmSync(path, { recursive: true, force: true }))
  },
}

function statIfAny(path: string) {
  try {
    return statSync(path)
  } catch (error) {
    if (["ENOENT", "ENOTDIR", "ELOOP"].includes(codeOf(error))) return undefined
    throw error
  }
}

function ask<T>(path: string, question: () => T): T {
  try {
    return question()
  } catch (error) {
    throw new OrkError("config/file", `${path}: ${reasonOf(error)}`, { path }, { cause: error })
  }
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: "no such file",
  EACCES: "permission denied",
  EISDIR: "is a folder, not a file",
  ENOTDIR: "a part of the path is not a folder",
}

function reasonOf(error: unknown): string {
  return reasons[codeOf(error)] ?? messageOf(error)
}

function codeOf(error: unknown): string {
  return error instanceof Error ? String(Reflect.get(error, "code")) : ""
}
