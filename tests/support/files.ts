import { type FileSystem, OrkError } from "../../src/base/mod.ts"

/** A file system in memory: paths to texts. Folders exist by their files. */
export function memoryFiles(texts: Readonly<Record<string, string>>): FileSystem {
  const isBelow = (path: string, folder: string) => folder === "." || path.startsWith(`${folder}/`)
  const normal = (path: string) => path.replace(/^\.\//, "").replace(/(.)\/$/, "$1")
  return {
    read(path) {
      const text = Object.hasOwn(texts, normal(path)) ? texts[normal(path)] : undefined
      if (text === undefined) throw new OrkError("config/file", `${path}: no such file`)
      return text
    },
    kind(path) {
      if (Object.hasOwn(texts, normal(path))) return "file"
      return Object.keys(texts).some((file) => isBelow(file, normal(path))) ? "folder" : undefined
    },
    glob(folder, pattern) {
      const glob = new Bun.Glob(pattern)
      return Object.keys(texts)
        .filter((path) => isBelow(path, normal(folder)))
        .map((path) => (normal(folder) === "." ? path : path.slice(normal(folder).length + 1)))
        .filter((path) => glob.match(path))
        .sort()
    },
  }
}
