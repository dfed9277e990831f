/** The file system as an argument. Paths are absolute or relative to the process's folder. */
export interface FileSystem {
  /** The text of a file; throws `OrkError` "config/file" that names path and reason. */
  read(path: string): string
  /** What stands at `path`, if anything. */
  kind(path: string): "file" | "folder" | undefined
  /** Paths below `folder` that match a glob, sorted; relative to `folder`. */
  glob(folder: string, pattern: string): readonly string[]
}

/** Folders and files of our own, which only their owner may read. All throw `OrkError` "config/file". */
export interface Disk {
  /** Makes a folder, with those above it; one that is there stays as it is. */
  makeFolder(path: string): void
  /** A new empty folder for as long as the process needs it. */
  temporaryFolder(): string
  /** Writes a file whole, in place of one that is there; a secret may be in it. */
  writePrivate(path: string, text: string): void
  /** Removes a folder and all in it; none is fine. */
  removeFolder(path: string): void
}
