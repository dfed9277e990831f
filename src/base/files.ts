/** The file system as an argument. Paths are absolute or relative to the process's folder. */
export interface FileSystem {
  /** The text of a file; throws `OrkError` "config/file" that names path and reason. */
  read(path: string): string
  /** What stands at `path`, if anything. */
  kind(path: string): "file" | "folder" | undefined
  /** Paths below `folder` that match a glob, sorted; relative to `folder`. */
  glob(folder: string, pattern: string): readonly string[]
}
