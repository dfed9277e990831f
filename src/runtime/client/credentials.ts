import { type Clock, type FileSystem, isOrkError, OrkError } from "../../base/mod.ts"
import type { Material, MaterialOptions } from "./endpoint.ts"
import { type ExecSpec, execCredentials } from "./exec-plugin.ts"

/** A text that is known, or a file that may change. */
export type TextSource = { readonly text: string } | { readonly file: string }

/** Where the material of an identity comes from. */
export interface CredentialSources {
  /** How messages name the identity: `user "admin"`. */
  readonly subject: string
  readonly ca: TextSource | undefined
  readonly cert: TextSource | undefined
  readonly key: TextSource | undefined
  readonly token: TextSource | undefined
  readonly basic: { readonly username: string; readonly password: string } | undefined
  readonly exec: ExecSpec | undefined
  readonly headers: Readonly<Record<string, string>>
}

/** A file is read again when what is known of it is older than this. */
const fileAgeMaxMs = 60_000

/** A function that gives the material of the moment. Files are re-read after a minute, plugins asked when they expire. */
export function credentials(
  deps: { readonly clock: Clock; readonly files: FileSystem },
  sources: CredentialSources,
): (options?: MaterialOptions) => Promise<Material> {
  const read = cachedReader(deps)
  const exec = sources.exec === undefined ? undefined : execCredentials(deps, sources.exec)
  return async (options = {}) => {
    const textOf = (source: TextSource | undefined) =>
      source === undefined
        ? undefined
        : "text" in source
          ? source.text
          : read(source.file, options.rejected !== undefined)
    const fromExec = await exec?.(options)
    const token = fromExec?.token ?? textOf(sources.token)?.trim()
    return {
      authorization: token ? `Bearer ${token}` : basicOf(sources.basic),
      headers: sources.headers,
      ca: pem(textOf(sources.ca), `${sources.subject}: certificate-authority`),
      cert: pem(fromExec?.cert ?? textOf(sources.cert), `${sources.subject}: client-certificate`),
      key: pem(fromExec?.key ?? textOf(sources.key), `${sources.subject}: client-key`),
    }
  }
}

function basicOf(basic: CredentialSources["basic"]): string | undefined {
  if (basic === undefined) return undefined
  return `Basic ${Buffer.from(`${basic.username}:${basic.password}`).toString("base64")}`
}

/** fetch answers a text that is no PEM with "no connection", so it is told here. */
function pem(text: string | undefined, subject: string): string | undefined {
  if (text === undefined || text.includes("-----BEGIN")) return text
  throw new OrkError("config/kubeconfig", `${subject}: not in PEM form; check the file or the base64 data`)
}

function cachedReader({ clock, files }: { readonly clock: Clock; readonly files: FileSystem }) {
  const known = new Map<string, { readonly text: string; readonly readMs: number }>()
  return (path: string, anew: boolean): string => {
    const before = known.get(path)
    if (before && !anew && clock.steadyMs() - before.readMs < fileAgeMaxMs) return before.text
    try {
      const text = files.read(path)
      known.set(path, { text, readMs: clock.steadyMs() })
      return text
    } catch (error) {
      // A file that is being replaced: what was read last is most likely still good.
      if (before) return before.text
      if (!isOrkError(error)) throw error
      throw new OrkError("config/kubeconfig", error.message, error.context, { cause: error })
    }
  }
}
