import { expect, test } from "bun:test"
import { seeded } from "../../../src/base/mod.ts"
import { compile, type TemplateError } from "../../../src/template/mod.ts"

/** What a row of a table expects: a value, a failure when it renders, or an error when it compiles. */
export type Expected = { readonly value: unknown } | { readonly failure: string } | { readonly error: string }

/** A row: the template and what comes out. A bare value is a value. */
export type Row = readonly [template: string, expected: unknown]

/** The object that the tables read. */
export const website = {
  apiVersion: "example.com/v1",
  kind: "Website",
  metadata: {
    name: "shop",
    namespace: "web",
    generation: 2,
    uid: "u-1",
    labels: { app: "shop", "my-label": "dashed", "example.com/rank": "7" },
    annotations: { note: "hi", count: "12" },
    ownerReferences: [{ kind: "Tenant", name: "acme" }],
  },
  spec: {
    image: "nginx",
    replicas: 3,
    ratio: 0.5,
    zero: 0,
    on: true,
    off: false,
    blank: "",
    nothing: null,
    host: "shop.example.com/",
    ports: [80, 443],
    empty: [],
    none: {},
    env: { B: "two", A: "one" },
    rows: [
      { name: "a", size: 1 },
      { name: "b", size: 2 },
    ],
    resources: { requests: { cpu: "250m", memory: "1Gi" } },
  },
  status: {
    phase: "Running",
    readyReplicas: 3,
    updatedReplicas: 2,
    observedGeneration: 2,
    conditions: [{ type: "Ready", status: "True", reason: "Fine", message: "all good" }],
  },
}

/** Marks a failure that a render ends with. */
export function fails(failure: string): Expected {
  return { failure }
}

/** Marks an error that compiling ends with. */
export function refuses(error: string): Expected {
  return { error }
}

/** Compiles and renders; the outcome in the form of a table. */
export function outcome(text: string, data: Readonly<Record<string, unknown>> = website): Expected {
  const compiled = compile(text, { allowRandom: true })
  if (!compiled.ok) return { error: compiled.error.map((e) => e.code).join(",") }
  const result = compiled.value.render({ data, nowMs: Date.UTC(2026, 0, 2, 3, 4, 5), random: seeded(1) })
  return result.ok ? { value: result.value } : { failure: result.error.code }
}

/** The rendered value; fails the test when there is none. */
export function rendered(text: string, data: Readonly<Record<string, unknown>> = website): unknown {
  const found = outcome(text, data)
  if (!("value" in found)) throw new Error(`${text}: ${JSON.stringify(found)}`)
  return found.value
}

/** The errors of a text that does not compile. */
export function errorsOf(text: string): readonly TemplateError[] {
  const compiled = compile(text)
  return compiled.ok ? [] : compiled.error
}

/** One test per row. */
export function table(title: string, rows: readonly Row[]): void {
  test.each(rows.map(([text, expected], i) => [i + 1, text, expected] as const))(
    `${title}: row %i %s`,
    (_, text, expected) => {
      expect(outcome(text)).toStrictEqual(isExpected(expected) ? expected : { value: expected })
    },
  )
}

function isExpected(value: unknown): value is Expected {
  return typeof value === "object" && value !== null && ("failure" in value || "error" in value)
}
