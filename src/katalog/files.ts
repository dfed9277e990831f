import { dirname, isAbsolute, join } from "node:path"
import { err, type FileSystem, messageOf, ok, type Result } from "../base/mod.ts"
import type { Fault } from "./fault.ts"
import { notYet } from "./shape.ts"
import type { FileRef } from "./spec.ts"

/** The names of the file that stands for a folder, in order of preference. */
const katalogFileNames = ["katalog.yaml", "katalog.yml", "komposer.yaml", "komposer.yml"] as const

/** The Katalog file behind a path that names a file, a folder or an address. */
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

/** The files that a mention means: one path or URL, or all files that match a glob, sorted. */
export function resolveFiles(files: FileSystem, mention: Mention): Result<readonly FileRef[], Fault> {
  const { written, at, katalog } = mention
  if (isUrl(written) || isUrl(katalog)) return remoteFile(files, mention)
  const folder = folderOf(katalog)
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

/** True for what is fetched, not opened. */
function isUrl(path: string): boolean {
  return /^[a-z][a-z0-9+.-]*:\/\//i.test(path)
}

/** How a Motif from elsewhere becomes a folder beside the Katalog. */
function vendored(source: string): { readonly folder: string; readonly how: string } {
  const [place = ""] = source.replace(/^[a-z+]+:\/\//i, "").split("@")
  const path = place.replace(/(\/motif)?\.ya?ml$/, "").replace(/:[^/]*$/, "")
  const name = /[\w.-]+$/.exec(path)?.[0].replace(/\.git$/, "") ?? "motif"
  const folder = `./motifs/${name}`
  return { folder, how: `save its motif.yaml as ${folder.slice(2)}/motif.yaml` }
}

/** Files of a Katalog that was fetched are beside it. Why an address gives nothing is said where it is written. */
function remoteFile(files: FileSystem, { written, at, katalog }: Mention): Result<readonly FileRef[], Fault> {
  const path = isUrl(written) ? written : URL.parse(written, katalog)?.href
  const help = "save it beside the Katalog and name the file"
  if (path !== undefined && !/^https?:/i.test(path)) return err(notYet(`a file behind "${written}"`, help))
  if (path === undefined) return err({ code: "ORK0201", message: `"${written}" is no address`, help })
  if (files.kind(path) !== "file") return err({ code: "ORK0209", message: `${path} is not fetched here`, help })
  try {
    files.read(path)
    return ok([{ path, written, at }])
  } catch (error) {
    return err({ code: "ORK0209", message: `cannot fetch ${messageOf(error)}`, help })
  }
}

/** The file of a Motif: a path, or a folder with a motif.yaml. */
export function resolveMotif(files: FileSystem, mention: Mention): Result<string, Fault> {
  const { written, katalog } = mention
  const isLocal = /^\.{0,2}\//.test(written) || /\.ya?ml$/.test(written)
  if (isUrl(written) || !isLocal) {
    const { folder, how } = vendored(written)
    const help = `local files and folders work: ${how} and write "${folder}"`
    return err(notYet(`the Motif source "${written}"`, help))
  }
  const folder = absolute(folderOf(katalog), written)
  if (!isUrl(katalog) && files.kind(folder) === "folder") {
    const file = join(folder, "motif.yaml")
    if (files.kind(file) === "file") return ok(file)
    return err({ code: "ORK0201", message: `no motif.yaml in "${written}"`, help: "name the file" })
  }
  const found = resolveFiles(files, mention)
  if (!found.ok) return found
  const [ref, ...more] = found.value
  if (ref !== undefined && more.length === 0) return ok(ref.path)
  return err({ code: "ORK0201", message: `"${written}" matches ${found.value.length} files`, help: "name one file" })
}

/** The folder that a Katalog's paths are relative to. What comes through a pipe has none: there it is the current one. */
function folderOf(katalog: string): string {
  return /^\/(dev|proc\/self)\/(fd\/\d+|stdin)$/.test(katalog) ? "." : dirname(katalog)
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
