import { dirname, isAbsolute, join } from "node:path"
import { err, type FileSystem, ok, type Result } from "../base/mod.ts"
import type { Fault } from "./fault.ts"
import { notYet } from "./shape.ts"
import type { FileRef } from "./spec.ts"

/** The names of the file that stands for a folder, in order of preference. */
export const katalogFileNames = ["katalog.yaml", "katalog.yml", "komposer.yaml", "komposer.yml"] as const

/** The Katalog file behind a path that names a file or a folder. */
export function katalogPath(files: FileSystem, path: string): Result<string, Fault> {
  const kind = files.kind(path)
  if (kind === "file") return ok(path)
  if (kind === undefined) {
    return err({ code: "ORK0101", message: `${path} does not exist`, help: "name a Katalog file or its folder" })
  }
  const found = katalogFileNames.map((name) => join(path, name)).find((candidate) => files.kind(candidate) === "file")
  if (found !== undefined) return ok(found)
  const message = `no katalog.yaml or komposer.yaml in ${folderName(path)}`
  return err({ code: "ORK0101", message, help: "name the file with -f" })
}

/** A file that a Katalog names: what is written, where, and the Katalog's own path. */
export interface Mention {
  readonly written: string
  readonly at: string
  readonly katalog: string
}

/** The files that a mention means: one path, or all that match a glob, sorted. */
export function resolveFiles(files: FileSystem, { written, at, katalog }: Mention): Result<readonly FileRef[], Fault> {
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(written))
    return err(notYet("a URL in place of a file", "save it beside the Katalog and name the file"))
  const folder = dirname(katalog)
  const segments = written.split("/")
  const firstGlob = segments.findIndex((segment) => /[*?[\]{}]/.test(segment))
  if (firstGlob === -1) {
    const path = absolute(folder, written)
    if (files.kind(path) === "file") return ok([{ path, written, at }])
    return err(missing(files.kind(path) === "folder", written, folder))
  }
  const root = absolute(folder, segments.slice(0, firstGlob).join("/"))
  const found = files.kind(root) === "folder" ? files.glob(root, segments.slice(firstGlob).join("/")) : []
  if (found.length > 0) return ok(found.toSorted().map((name) => ({ path: join(root, name), written, at })))
  return err({ code: "ORK0201", message: `no file matches "${written}"`, help: `looked in ${folderName(folder)}` })
}

function absolute(folder: string, written: string): string {
  return isAbsolute(written) ? written : join(folder, written)
}

function missing(isFolder: boolean, written: string, folder: string): Fault {
  if (isFolder) {
    const help = `write "${written.replace(/\/$/, "")}/*.yaml" for all files in it`
    return { code: "ORK0201", message: `"${written}" is a folder, expected a file`, help }
  }
  const help = `looked in ${folderName(folder)}; paths are relative to the Katalog file`
  return { code: "ORK0201", message: `file "${written}" does not exist`, help }
}

function folderName(folder: string): string {
  return folder === "." ? "the current folder" : folder
}
