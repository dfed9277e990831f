import { celCases } from "./cases-cel.ts"
import { valueCases } from "./cases-values.ts"

/** One thing that is tried on a custom resource: a create, or an update when there is an `old`. */
export interface Row {
  readonly value: Readonly<Record<string, unknown>>
  readonly old?: Readonly<Record<string, unknown>>
}

/** One CRD and what is tried on its objects. */
export interface Case {
  readonly name: string
  readonly schema: Readonly<Record<string, unknown>>
  /** Fields of the version beside its schema. */
  readonly version?: Readonly<Record<string, unknown>>
  readonly rows: readonly Row[]
}

/** All cases that are recorded. */
export const cases: readonly Case[] = [...valueCases, ...celCases]

/** The CRD of a case; each has a kind of its own. */
export function crdOf({ schema, version }: Pick<Case, "schema" | "version">, index: number) {
  const plural = `probe${index}s`
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: `${plural}.recorded.example.com` },
    spec: {
      group: "recorded.example.com",
      scope: "Namespaced",
      names: { plural, kind: `Probe${index}` },
      versions: [{ name: "v1", served: true, storage: true, schema: { openAPIV3Schema: schema }, ...version }],
    },
  }
}
