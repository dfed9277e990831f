import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs"
import { tmpdir } from "node:os"
import { basename, dirname, join } from "node:path"
import { type Clock, type Disk, type FileSystem, messageOf, OrkError, onAbort, type Random } from "./base/mod.ts"

/** Timers take 32 bits; a longer sleep is made of several. */
const timerMax = 2 ** 31 - 1

/** The machine's clock. */
export const systemClock: Clock = {
  nowMs: () => Date.now(),
  async sleep(duration, signal) {
    for (let left: number = duration; ; left -= timerMax) {
      await sleepOnce(Math.min(left, timerMax), signal)
      if (left <= timerMax) return
    }
  },
}

function sleepOnce(duration: number, signal: AbortSignal | undefined): Promise<void> {
  if (signal?.aborted) return Promise.reject(signal.reason)
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      link[Symbol.dispose]()
      resolve()
    }, duration)
    const link = onAbort(signal, (reason) => {
      clearTimeout(timer)
      reject(reason)
    })
  })
}

/** The machine's randomness. Not for secrets. */
export const systemRandom: Random = { next: () => Math.random() }

// Anything else, UTF-16 too, would silently become replacement characters.
const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })

/** The machine's files. */
export const systemFiles: FileSystem = {
  read(path) {
    return ask(path, () => utf8.decode(readFileSync(path)))
  },
  kind(path) {
    const found = ask(path, () => statIfAny(path))
    if (found?.isDirectory()) return "folder"
    return found?.isFile() ? "file" : undefined
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
  ERR_ENCODING_INVALID_ENCODED_DATA: "the file is not UTF-8 text, save it as UTF-8",
}

function reasonOf(error: unknown): string {
  return reasons[codeOf(error)] ?? messageOf(error)
}

function codeOf(error: unknown): string {
  return error instanceof Error ? String(Reflect.get(error, "code")) : ""
}
