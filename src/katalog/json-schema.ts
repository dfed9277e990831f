import { formatDuration } from "../base/mod.ts"
import { defaults } from "./defaults.ts"
import { fieldText } from "./field-texts.ts"
import { katalog, motif } from "./format.ts"
import { e2e, komposer, simulate } from "./format-files.ts"
import { sharedSchema } from "./json-schema-shared.ts"
import { outlookOf, type PlaceOptions, type Shape } from "./shape.ts"

/** A JSON Schema, draft 2020-12. */
export type JsonSchema = Readonly<Record<string, unknown>>

/** The kinds of files that have a schema. */
export type SchemaKind = "Katalog" | "Motif" | "Komposer" | "Simulate" | "E2E"

const roots: Readonly<Record<SchemaKind, Shape>> = {
  Katalog: katalog,
  Motif: motif,
  Komposer: komposer,
  Simulate: simulate,
  E2E: e2e,
}

/** The kinds of files that have a schema. */
export const schemaKinds: readonly SchemaKind[] = ["Katalog", "Motif", "Komposer", "Simulate", "E2E"]

/** The schema of a kind of file, for editors: made from the shapes that judge it. */
export function schemaOf(kind: SchemaKind): JsonSchema {
  const writer = new Writer()
  const root = writer.write(roots[kind])
  return sharedSchema({
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: kind,
    description: `${kind === "E2E" ? "An" : "A"} ${kind} of ork, in the canonical form.${older(kind)}`,
    ...root,
    $defs: writer.definitions(),
  })
}

function older(kind: SchemaKind): string {
  return kind === "Katalog" || kind === "Motif" ? " Older layouts run too; ork fmt rewrites them into this one." : ""
}

/** What holds where a field is absent. */
const fieldDefaults: Readonly<Record<string, unknown>> = {
  "metadata.name": defaults.name,
  "metadata.namespace": defaults.namespace,
  "a CRD entry.enabled": true,
  "a CRD entry.workers": defaults.workers,
  "a CRD entry.resync": formatDuration(defaults.resync),
  "a CRD entry.forceConflict": defaults.forceConflict,
  "a CRD entry.finalizer": defaults.finalizer,
  "queue.failureThreshold": defaults.failureThreshold,
  "operatorBox.default": true,
  "status.conditions": true,
  "a status field.clearOnFalse": false,
  "a condition.valueType": "auto",
  "a condition.negate": false,
}

const entryDefaults: Readonly<Record<string, unknown>> = {
  reconcile: false,
  prune: defaults.prune,
  deletionPolicy: defaults.deletionPolicy,
  adoption: defaults.adoption,
}

/** Writes each map with fixed keys once, under its noun. */
class Writer {
  readonly #names = new Map<Shape, string>()
  readonly #definitions = new Map<string, JsonSchema>()

  write(shape: Shape): JsonSchema {
    const outlook = outlookOf(shape)
    switch (outlook.kind) {
      case "schema":
        return outlook.schema
      case "list":
        return { type: "array", items: this.write(outlook.item) }
      case "map": {
        const names = outlook.key === undefined ? {} : { propertyNames: { pattern: outlook.key } }
        return { type: "object", ...names, additionalProperties: this.write(outlook.value) }
      }
      case "place":
        return this.#reference(shape, outlook.noun, outlook.options)
      case "forms":
        return joined(outlook.forms.map((form) => this.write(form)))
    }
  }

  definitions(): JsonSchema {
    return Object.fromEntries([...this.#definitions].toSorted(([a], [b]) => (a < b ? -1 : 1)))
  }

  #reference(shape: Shape, noun: string, options: Omit<PlaceOptions, "later">): JsonSchema {
    const known = this.#names.get(shape)
    if (known !== undefined) return { $ref: `#/$defs/${known}` }
    const name = this.#freeName(noun)
    this.#names.set(shape, name)
    // Taken before the fields are written: they may lead here again, and need other names.
    this.#definitions.set(name, {})
    const properties = Object.entries(options.fields).map(([key, field]) => [key, this.#property(noun, key, field)])
    this.#definitions.set(name, {
      type: "object",
      properties: Object.fromEntries(properties),
      ...(options.required && options.required.length > 0 && { required: options.required }),
      additionalProperties: false,
    })
    return { $ref: `#/$defs/${name}` }
  }

  #property(noun: string, key: string, field: Shape): JsonSchema {
    const isEntry = Object.hasOwn(entryDefaults, key) && !Object.hasOwn(fieldDefaults, `${noun}.${key}`)
    const standard = isEntry ? entryDefaults[key] : fieldDefaults[`${noun}.${key}`]
    const description = fieldText(noun, key)
    return {
      ...(description !== undefined && { description }),
      ...(standard !== undefined && { default: standard }),
      ...this.write(field),
    }
  }

  #freeName(noun: string): string {
    const words = noun.replace(/^an? /, "").split(" ")
    const base = words
      .map((word, index) => (index === 0 ? word : word.charAt(0).toUpperCase() + word.slice(1)))
      .join("")
    let name = base
    for (let count = 2; this.#definitions.has(name); count++) name = `${base}${count}`
    return name
  }
}

/** Any of several schemas; what can never fit, and what says the same twice, is left out. */
function joined(schemas: readonly JsonSchema[]): JsonSchema {
  const parts = schemas.flatMap((schema) => (Array.isArray(schema["anyOf"]) ? schema["anyOf"] : [schema]))
  const texts = new Set(parts.filter((part) => !Object.hasOwn(part, "not")).map((part) => JSON.stringify(part)))
  const [only, ...more] = [...texts].map((text): JsonSchema => JSON.parse(text))
  return more.length === 0 ? (only ?? { not: {} }) : { anyOf: [only, ...more] }
}

/** The schema as it is printed and kept in files. */
export function schemaText(kind: SchemaKind): string {
  return `${JSON.stringify(schemaOf(kind), null, 2)}\n`
}
