import { err, ok, type Result } from "./result.ts"

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })

/** The text of a file's bytes, or why it is none. Anything but UTF-8 would silently become other characters. */
export function textOfBytes(bytes: Uint8Array): Result<string, string> {
  // No text file holds a zero byte; UTF-16 without a mark holds one for each Latin letter.
  if (bytes.includes(0)) return err("the file holds zero bytes, save it as UTF-8 text")
  try {
    return ok(utf8.decode(bytes))
  } catch {
    return err("the file is not UTF-8 text, save it as UTF-8")
  }
}
