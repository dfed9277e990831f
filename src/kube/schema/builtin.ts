import document from "../data/schemas.json" with { type: "text" }
import { isRecord } from "../object.ts"
import { type Schema, type SchemaSet, schemaSet } from "./schema.ts"

let parsed: SchemaSet | undefined

/** The schemas of the kinds that every Kubernetes API server has; parsed at the first call. */
export function builtinSchemas(): SchemaSet {
  parsed ??= parse(document)
  return parsed
}

function parse(text: unknown): SchemaSet {
  const { kinds, definitions } = JSON.parse(String(text))
  if (!isRecord(kinds) || !isRecord(definitions)) throw new Error("schemas.json has no kinds or no definitions")
  // Our own generated file: its shape is checked by a test, not at every start.
  return schemaSet(kinds as Readonly<Record<string, string>>, definitions as Readonly<Record<string, Schema>>)
}
