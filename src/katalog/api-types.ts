import { err, ok, type Result } from "../base/mod.ts"
import { isRecord, type KubeObject } from "../kube/mod.ts"
import type { Fault } from "./fault.ts"
import type { ApiTypes } from "./spec.ts"

/** A fault and the key inside `apiTypes` or the entry that it is about. */
export interface ApiTypesFault extends Fault {
  /** `apiTypes.kind`, `namespaced`, `crdFile`. */
  readonly about: string
}

/** The one CRD of a manifest; a fault when there is none, more than one, or something else beside it. */
export function soleCrd(objects: readonly KubeObject[], written: string): Result<KubeObject, Fault> {
  const [first, ...rest] = objects
  const help = "name a file with exactly one CustomResourceDefinition"
  if (first === undefined) return err({ code: "ORK0202", message: `"${written}" holds no object`, help })
  const other = [first, ...rest].find((object) => object.kind !== "CustomResourceDefinition")
  if (other !== undefined) {
    const message = `expected a CustomResourceDefinition in "${written}", found a ${other.kind}`
    return err({ code: "ORK0202", message, help })
  }
  if (rest.length > 0) {
    return err({
      code: "ORK0202",
      message: `expected one CustomResourceDefinition in "${written}", found ${objects.length}`,
      help,
    })
  }
  if (first.apiVersion !== "apiextensions.k8s.io/v1") {
    const message = `expected apiVersion apiextensions.k8s.io/v1 in "${written}", found ${first.apiVersion}`
    return err({ code: "ORK0202", message, help: "convert the CRD to apiextensions.k8s.io/v1" })
  }
  return ok(first)
}

interface Version {
  readonly name: string
  readonly served: boolean
  readonly storage: boolean
}

/** The types that a CRD defines. An explicit `apiTypes` may choose the version and must not contradict the rest. */
export function apiTypesOf(
  crd: KubeObject,
  entry: Readonly<Record<string, unknown>>,
  written: string,
): Result<ApiTypes, readonly ApiTypesFault[]> {
  const spec = isRecord(crd["spec"]) ? crd["spec"] : {}
  const names = isRecord(spec["names"]) ? spec["names"] : {}
  const group = textOf(spec["group"])
  const kind = textOf(names["kind"])
  const plural = textOf(names["plural"])
  const versions = versionsOf(spec["versions"])
  if (group === undefined || kind === undefined || plural === undefined || versions.length === 0) {
    const message = `the CustomResourceDefinition in "${written}" lacks group, names.kind, names.plural or versions`
    return err([{ code: "ORK0202", message, about: "crdFile" }])
  }
  const explicit = isRecord(entry["apiTypes"]) ? entry["apiTypes"] : {}
  const namespaced = spec["scope"] !== "Cluster"
  const faults: ApiTypesFault[] = []
  for (const [key, defined] of Object.entries({ group, kind, plural })) {
    const said = textOf(explicit[key])
    if (said !== undefined && said !== defined) faults.push(contradiction(`apiTypes.${key}`, said, defined, written))
  }
  const saidScope = textOf(entry["namespaced"])
  if (saidScope !== undefined && saidScope !== String(namespaced)) {
    faults.push(contradiction("namespaced", saidScope, String(namespaced), written))
  }
  const served = versions.filter((version) => version.served)
  const wanted = textOf(explicit["version"])
  const version =
    wanted === undefined
      ? (served.find((candidate) => candidate.storage) ?? served[0])
      : served.find((candidate) => candidate.name === wanted)
  if (version === undefined) faults.push(noVersion(wanted, served, written))
  if (version === undefined || faults.length > 0) return err(faults)
  return ok({ group, version: version.name, kind, plural, namespaced })
}

function versionsOf(value: unknown): readonly Version[] {
  return (Array.isArray(value) ? value : []).filter(isRecord).flatMap((version) => {
    const name = textOf(version["name"])
    return name === undefined
      ? []
      : [{ name, served: version["served"] === true, storage: version["storage"] === true }]
  })
}

function contradiction(...[about, said, defined, written]: readonly [string, string, string, string]): ApiTypesFault {
  const message = `"${said}" contradicts "${written}", which says "${defined}"`
  return { code: "ORK0203", message, help: "remove it: it is read from the crdFile", about }
}

function noVersion(wanted: string | undefined, served: readonly Version[], written: string): ApiTypesFault {
  if (wanted === undefined) {
    return { code: "ORK0202", message: `no version in "${written}" is served`, about: "crdFile" }
  }
  const message = `version "${wanted}" is not served by "${written}"`
  const help = `it serves ${served.map((version) => version.name).join(", ") || "none"}`
  return { code: "ORK0203", message, help, about: "apiTypes.version" }
}

function textOf(value: unknown): string | undefined {
  return value === null || value === undefined || value === "" ? undefined : String(value)
}
