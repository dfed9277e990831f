import { isRecord } from "../kube/mod.ts"

/** What stands in place of a hidden value. */
export const hidden = "(hidden)"

/** A complete object, and an entry of the list `secrets` once defaults are filled in. */
const secretKinds: ReadonlySet<unknown> = new Set(["Secret", "secrets"])
const secretFields = new Set(["data", "stringData", "base64Data"])

/**
 * A Katalog with the values of all Secrets hidden: entries below a key `secrets`, in either form, and complete objects of kind Secret.
 * Keys stay, so a reader sees what is there.
 */
export function redact(document: unknown): unknown {
  return walk(document, false)
}

function walk(value: unknown, inSecret: boolean): unknown {
  if (Array.isArray(value)) return value.map((item) => walk(item, inSecret))
  if (!isRecord(value)) return value
  const secret = inSecret || secretKinds.has(value["kind"])
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [
      key,
      secret && secretFields.has(key) ? hide(item) : walk(item, secret || key === "secrets"),
    ]),
  )
}

function hide(value: unknown): unknown {
  return isRecord(value) ? Object.fromEntries(Object.keys(value).map((key) => [key, hidden])) : hidden
}
