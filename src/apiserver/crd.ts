import {
  builtinSchemas,
  conditionOf,
  crdSchema,
  isRecord,
  isTerminating,
  type KubeObject,
  resetFields,
  type SchemaSet,
} from "../kube/mod.ts"
import { crdColumns } from "./crd-columns.ts"
import { crdStrategy } from "./crd-strategy.ts"
import { compareVersions } from "./discovery.ts"
import { textsOf } from "./fields.ts"
import { compileJsonPath } from "./json-path.ts"
import type { Resource, Subresource, Verb } from "./resource.ts"

/** Converts objects of one CRD between its versions. */
export type Convert = NonNullable<Resource["convert"]>

/** What a CRD's resources need beside the CRD. */
export interface CrdDeps {
  /** The conversion of a CRD that names a webhook; without it such objects cannot be converted. */
  readonly convert?: (crd: KubeObject) => Convert | undefined
}

const verbs: readonly Verb[] = ["delete", "deletecollection", "get", "list", "patch", "create", "update", "watch"]
const subresourceVerbs: readonly Verb[] = ["get", "patch", "update"]

/** The resources that an established CRD serves, one per served version; none while it is not established. */
export function crdResources(crd: KubeObject, deps: CrdDeps = {}): readonly Resource[] {
  if (conditionOf(crd["status"], "Established")?.status !== "True") return []
  const versions = versionsOf(crd).filter((version) => version["served"] === true)
  return versions.map((version) => crdResource(crd, version, deps))
}

/** Every version of a CRD, as declared. */
export function versionsOf(crd: KubeObject): readonly Readonly<Record<string, unknown>>[] {
  const spec = isRecord(crd["spec"]) ? crd["spec"] : {}
  return Array.isArray(spec["versions"]) ? spec["versions"].filter(isRecord) : []
}

/** The version in which a CRD's objects are kept. */
export function storageVersionOf(crd: KubeObject): string {
  return String(versionsOf(crd).find((version) => version["storage"] === true)?.["name"] ?? "")
}

function crdResource(crd: KubeObject, version: Readonly<Record<string, unknown>>, deps: CrdDeps): Resource {
  const spec = isRecord(crd["spec"]) ? crd["spec"] : {}
  const status = isRecord(crd["status"]) ? crd["status"] : {}
  const names = isRecord(status["acceptedNames"]) ? status["acceptedNames"] : {}
  const group = String(spec["group"])
  const name = String(version["name"])
  const subresources = subresourcesOf(version)
  const hasStatus = subresources.some((one) => one.name === "status")
  const set: SchemaSet = builtinSchemas()
  const schema = crdSchema(crd, name)
  const isConverted = isRecord(spec["conversion"]) && spec["conversion"]["strategy"] === "Webhook"
  const deprecation = deprecationOf(crd, version)
  const convert = isConverted ? deps.convert?.(crd) : versionsOf(crd).length > 1 ? renameVersion : undefined
  return {
    gvr: { group, version: name, resource: String(names["plural"]) },
    kind: String(names["kind"]),
    listKind: String(names["listKind"]),
    singular: String(names["singular"] ?? ""),
    shortNames: textsOf(names["shortNames"]),
    categories: textsOf(names["categories"]),
    namespaced: spec["scope"] === "Namespaced",
    verbs,
    subresources,
    prefix: `${group}/${names["plural"]}`,
    storageVersion: storageVersionOf(crd),
    schema,
    set,
    isCustom: true,
    columns: crdColumns(version),
    selectable: selectableOf(version),
    reset: (subresource) =>
      resetFields({ subresource: subresource === "" ? undefined : subresource, isCustom: true, hasStatus }),
    strategy: crdStrategy({
      ...{ schema, set, hasStatus, version },
      scale: subresources.find((one) => one.scale)?.scale,
      terminating: isTerminating(crd) ? crd.metadata.name : undefined,
    }),
    ...(convert === undefined ? {} : { convert }),
    ...(deprecation === undefined ? {} : { deprecation }),
  }
}

/** What a CRD says of a version that should be used no more; by default which is the newest of the others. */
function deprecationOf(crd: KubeObject, version: Readonly<Record<string, unknown>>): string | undefined {
  if (version["deprecated"] !== true) return undefined
  if (typeof version["deprecationWarning"] === "string") return version["deprecationWarning"]
  const { group, names } = isRecord(crd["spec"]) ? crd["spec"] : {}
  const kind = isRecord(names) ? String(names["kind"]) : ""
  const own = String(version["name"])
  const [newest] = versionsOf(crd)
    .filter((other) => other["served"] === true && other["deprecated"] !== true)
    .map((other) => String(other["name"]))
    .filter((other) => compareVersions(other, own) < 0)
    .sort(compareVersions)
  const instead = newest === undefined ? "" : `; use ${group}/${newest} ${kind}`
  return `${group}/${own} ${kind} is deprecated${instead}`
}

const renameVersion: Convert = (objects, apiVersion) =>
  Promise.resolve(objects.map((object) => (object.apiVersion === apiVersion ? object : { ...object, apiVersion })))

function subresourcesOf(version: Readonly<Record<string, unknown>>): readonly Subresource[] {
  const declared = isRecord(version["subresources"]) ? version["subresources"] : {}
  const scale = declared["scale"]
  return [
    ...(isRecord(declared["status"]) ? [{ name: "status", verbs: subresourceVerbs }] : []),
    ...(isRecord(scale)
      ? [
          {
            name: "scale",
            gvk: { group: "autoscaling", version: "v1", kind: "Scale" },
            verbs: subresourceVerbs,
            scale: {
              specReplicas: dotted(scale["specReplicasPath"]) ?? "",
              statusReplicas: dotted(scale["statusReplicasPath"]) ?? "",
              labelSelector: dotted(scale["labelSelectorPath"]),
            },
          },
        ]
      : []),
  ]
}

function dotted(path: unknown): string | undefined {
  return typeof path === "string" && path !== "" ? path.replace(/^\./, "") : undefined
}

function selectableOf(version: Readonly<Record<string, unknown>>): Resource["selectable"] {
  const declared = version["selectableFields"]
  const paths = Array.isArray(declared) ? declared.filter(isRecord).map((field) => String(field["jsonPath"])) : []
  return Object.fromEntries(
    paths.map((path) => {
      const compiled = compileJsonPath(path)
      const read = (object: KubeObject): string => {
        const found = compiled.ok ? compiled.value(object)[0] : undefined
        return found === undefined || found === null ? "" : String(found)
      }
      return [path.replace(/^\./, ""), read]
    }),
  )
}
