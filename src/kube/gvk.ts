/** Group, version, kind. The core group is "". */
export interface Gvk {
  readonly group: string
  readonly version: string
  readonly kind: string
}

/** Group, version, resource (the plural in URLs). */
export interface Gvr {
  readonly group: string
  readonly version: string
  readonly resource: string
}

/** The published label value: `apps/v1, Kind=Deployment`; core kinds are `/v1, Kind=Pod`. */
export function formatGvk(gvk: Gvk): string {
  return `${gvk.group}/${gvk.version}, Kind=${gvk.kind}`
}

/** A canonical string, usable as a key. */
export function formatGvr(gvr: Gvr): string {
  return `${gvr.group}/${gvr.version}/${gvr.resource}`
}

/** `apps/v1`, or `v1` for the core group. */
export function apiVersionOf(gv: { readonly group: string; readonly version: string }): string {
  return gv.group === "" ? gv.version : `${gv.group}/${gv.version}`
}

/** Reads an object's `apiVersion` and `kind`. */
export function gvkOf(object: { readonly apiVersion: string; readonly kind: string }): Gvk {
  return { ...parseApiVersion(object.apiVersion), kind: object.kind }
}

/** `apps/v1` → group and version. */
export function parseApiVersion(apiVersion: string): { readonly group: string; readonly version: string } {
  const slash = apiVersion.indexOf("/")
  return slash === -1
    ? { group: "", version: apiVersion }
    : { group: apiVersion.slice(0, slash), version: apiVersion.slice(slash + 1) }
}

/** `Deployment.apps` or `Pod`: how a person names a kind. */
export function formatGroupKind(gvk: { readonly group: string; readonly kind: string }): string {
  return gvk.group === "" ? gvk.kind : `${gvk.kind}.${gvk.group}`
}
