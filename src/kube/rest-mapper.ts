import { formatGvr, type Gvk, type Gvr } from "./gvk.ts"

/** One resource that a server serves. */
export interface ResourceInfo {
  readonly gvk: Gvk
  readonly gvr: Gvr
  readonly namespaced: boolean
  readonly singular: string
  readonly shortNames: readonly string[]
  readonly verbs: readonly string[]
  readonly subresources: readonly string[]
}

/** A snapshot of what a server serves; plurals are looked up, never guessed. */
export interface RestMapper {
  byKind(gvk: Gvk): ResourceInfo | undefined
  byResource(gvr: Gvr): ResourceInfo | undefined
  /** All versions of a kind, the preferred one first. */
  byGroupKind(group: string, kind: string): readonly ResourceInfo[]
  readonly all: readonly ResourceInfo[]
}

/** Builds a mapper over `resources`, given in order of preference. */
export function restMapper(resources: readonly ResourceInfo[]): RestMapper {
  const kinds = new Map(resources.map((r) => [`${r.gvk.group}/${r.gvk.version}/${r.gvk.kind}`, r]))
  const plurals = new Map(resources.map((r) => [formatGvr(r.gvr), r]))
  return {
    all: resources,
    byKind: (gvk) => kinds.get(`${gvk.group}/${gvk.version}/${gvk.kind}`),
    byResource: (gvr) => plurals.get(formatGvr(gvr)),
    byGroupKind: (group, kind) => resources.filter((r) => r.gvk.group === group && r.gvk.kind === kind),
  }
}
