import { parseQuantity, type StatusCause } from "../kube/mod.ts"
import {
  address,
  anyTexts,
  type Checks,
  each,
  label,
  labelKey,
  labelValue,
  members,
  qualified,
  subdomain,
  texts,
  tooLong,
  unique,
  within,
} from "./builtin-check.ts"
import { reachable } from "./builtin-checks-network.ts"
import { type Fields, listAt, mapAt, textAt } from "./fields.ts"
import { duplicate, forbidden, invalidValue, required, unsupported } from "./names.ts"

const accessModes = ["ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"]

/** Volumes, claims, their classes, and addresses behind Services. */
export const storageChecks: Checks = {
  "core.v1.NodeSelectorTerm": (term, at) => [
    ...listAt(term, "matchExpressions").flatMap((one, index) =>
      nodeExpression(one, `${at}.matchExpressions[${index}]`),
    ),
    ...listAt(term, "matchFields").flatMap((one, index) => nodeField(one, `${at}.matchFields[${index}]`)),
  ],
  "core.v1.PersistentVolumeSpec": volumeCauses,
  "core.v1.PersistentVolumeClaimSpec": claimCauses,
  "core.v1.CSIPersistentVolumeSource": (source, at) => [
    ...driverName(textAt(source, "driver"), `${at}.driver`),
    ...["controllerPublishSecretRef", "controllerExpandSecretRef", "nodePublishSecretRef", "nodeExpandSecretRef"]
      .filter((name) => source[name] !== undefined)
      .flatMap((name) => secretCauses(mapAt(source, name), `${at}.${name}`)),
  ],
  "core.v1.TopologySelectorTerm": (term, at) => {
    const seen = new Set<string>()
    return listAt(term, "matchLabelExpressions").flatMap((one, index): readonly StatusCause[] => {
      const [field, key] = [`${at}.matchLabelExpressions[${index}]`, textAt(one, "key")]
      const twice = seen.has(key) ? [duplicate(`${field}.key`, key)] : []
      seen.add(key)
      return [...unique()(one["values"], `${field}.values`), ...anyTexts(labelKey)(key, `${field}.key`), ...twice]
    })
  },
  "storage.v1.StorageClass": (value) => [
    ...provisionerCauses(textAt(value, "provisioner"), "provisioner"),
    ...parameterCauses(mapAt(value, "parameters")),
    ...topologyTwins(listAt(value, "allowedTopologies")),
  ],
  "storage.v1.VolumeAttributesClass": (value) => [
    ...provisionerCauses(textAt(value, "driverName"), "driverName"),
    ...(Object.keys(mapAt(value, "parameters")).length === 0
      ? [required("parameters", "must contain at least one key/value pair")]
      : []),
    ...parameterCauses(mapAt(value, "parameters")),
  ],
  "storage.v1.CSIStorageCapacity": (value) => {
    const amount = value["capacity"]
    const isBelow = (parseQuantity(amount) ?? 0) < 0
    return [
      ...anyTexts(subdomain)(textAt(value, "storageClassName"), "storageClassName"),
      ...(isBelow ? [invalidValue("capacity", amount, "must be greater than or equal to 0")] : []),
    ]
  },
  "storage.v1.CSIDriverSpec": driverCauses,
  "storage.v1.CSINodeSpec": (spec, at) => unique("name")(spec["drivers"], `${at}.drivers`),
  "storage.v1.CSINodeDriver": (driver, at) => [
    ...driverName(textAt(driver, "name"), `${at}.name`),
    ...topologyKeys(driver["topologyKeys"], at),
  ],
  "storage.v1.VolumeNodeResources": members({
    count: within(0, Number.POSITIVE_INFINITY, "must be greater than or equal to 0"),
  }),
  "core.v1.EndpointSubset": (subset, at) => {
    const isEmpty = listAt(subset, "addresses").length === 0 && listAt(subset, "notReadyAddresses").length === 0
    const isUnnamed = ({ name }: Fields) => name === undefined || name === ""
    const ports = listAt(subset, "ports")
    return [
      ...(isEmpty ? [required(at, "must specify `addresses` or `notReadyAddresses`")] : []),
      ...ports.flatMap((port, index) =>
        ports.length > 1 && isUnnamed(port) ? [required(`${at}.ports[${index}].name`)] : [],
      ),
    ]
  },
  "core.v1.EndpointAddress": (value, at) => [
    ...anyTexts(together(address, reachable))(textAt(value, "ip"), `${at}.ip`),
    ...texts(label)(value["hostname"], `${at}.hostname`),
    ...anyTexts(subdomain)(value["nodeName"], `${at}.nodeName`),
  ],
  "core.v1.EndpointPort": (port, at) => [
    ...texts(label)(port["name"], `${at}.name`),
    ...within(1, 65_535)(port["port"] ?? 0, `${at}.port`),
    ...anyTexts(qualified)(port["appProtocol"], `${at}.appProtocol`),
  ],
}

function together(...all: readonly ((text: string) => readonly string[])[]) {
  return (text: string) => all.flatMap((one) => one(text))
}

function nodeExpression(value: Fields, at: string): readonly StatusCause[] {
  const operator = textAt(value, "operator")
  const values = Array.isArray(value["values"]) ? value["values"] : []
  const isChoice = operator === "In" || operator === "NotIn"
  const isThere = operator === "Exists" || operator === "DoesNotExist"
  const isOrder = operator === "Gt" || operator === "Lt"
  const causes: StatusCause[] = []
  const field = `${at}.values`
  if (isChoice && values.length === 0) {
    causes.push(required(field, "must be specified when `operator` is 'In' or 'NotIn'"))
  }
  if (isThere && values.length > 0) {
    causes.push(forbidden(field, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"))
  }
  if (isOrder && values.length !== 1) {
    causes.push(required(field, "must be specified single value when `operator` is 'Lt' or 'Gt'"))
  }
  if (!isChoice && !isThere && !isOrder) {
    causes.push(invalidValue(`${at}.operator`, operator, "not a valid selector operator"))
  }
  return [
    ...causes,
    ...anyTexts(labelKey)(textAt(value, "key"), `${at}.key`),
    ...each(texts(labelValue))(values, field),
  ]
}

function nodeField(value: Fields, at: string): readonly StatusCause[] {
  const [operator, key] = [textAt(value, "operator"), textAt(value, "key")]
  const values = Array.isArray(value["values"]) ? value["values"] : []
  const isChoice = operator === "In" || operator === "NotIn"
  const why = "must be only one value when `operator` is 'In' or 'NotIn' for node field selector"
  const causes: StatusCause[] = []
  if (isChoice && values.length !== 1) causes.push(required(`${at}.values`, why))
  if (!isChoice) causes.push(invalidValue(`${at}.operator`, operator, "not a valid selector operator"))
  if (key !== "metadata.name") return [...causes, invalidValue(`${at}.key`, key, "not a valid field selector key")]
  return [...causes, ...each(anyTexts(subdomain))(values, `${at}.values`)]
}

function modeCauses(spec: Fields, at: string): readonly StatusCause[] {
  const given = Array.isArray(spec["accessModes"]) ? spec["accessModes"].map(String) : []
  const field = `${at}.accessModes`
  const isMixed =
    given.includes("ReadWriteOncePod") &&
    given.some((mode) => mode !== "ReadWriteOncePod" && accessModes.includes(mode))
  return [
    ...given.filter((mode) => !accessModes.includes(mode)).map((mode) => unsupported(field, mode, accessModes)),
    ...(isMixed ? [forbidden(field, "may not use ReadWriteOncePod with other access modes")] : []),
  ]
}

const volumeSources = [
  ...[
    "hostPath",
    "gcePersistentDisk",
    "awsElasticBlockStore",
    "glusterfs",
    "flocker",
    "nfs",
    "rbd",
    "quobyte",
    "cephfs",
  ],
  ...["iscsi", "cinder", "fc", "flexVolume", "azureFile", "vsphereVolume", "photonPersistentDisk", "portworxVolume"],
  ...["azureDisk", "scaleIO", "local", "storageos", "csi"],
]

function volumeCauses(spec: Fields, at: string): readonly StatusCause[] {
  const capacity = mapAt(spec, "capacity")
  const names = Object.keys(capacity)
  const isStorage = names.length === 1 && names[0] === "storage"
  const given = volumeSources.filter((source) => spec[source] !== undefined)
  const klass = spec["volumeAttributesClassName"]
  return [
    ...modeCauses(spec, at),
    ...(names.length === 0 ? [required(`${at}.capacity`)] : []),
    ...(isStorage ? [] : [unsupported(`${at}.capacity`, spec["capacity"] ?? null, ["storage"])]),
    ...names.flatMap((name) => positive(capacity[name], `${at}.capacity[${name}]`)),
    ...given
      .slice(1)
      .filter((source) => source !== "flexVolume")
      .map((source) =>
        forbidden(`${at}.${source === "cephfs" ? "cephFS" : source}`, "may not specify more than 1 volume type"),
      ),
    ...(given.length === 0 ? [required(at, "must specify a volume type")] : []),
    ...(given[0] === "local" && spec["nodeAffinity"] === undefined
      ? [required(`${at}.nodeAffinity`, "Local volume requires node affinity")]
      : []),
    ...texts(subdomain)(spec["storageClassName"], `${at}.storageClassName`),
    ...(klass === "" ? [required(`${at}.volumeAttributesClassName`, "an empty string is disallowed")] : []),
    ...texts(subdomain)(klass, `${at}.volumeAttributesClassName`),
    ...(klass !== undefined && spec["csi"] === undefined
      ? [required(`${at}.csi`, "has to be specified when using volumeAttributesClassName")]
      : []),
  ]
}

function secretCauses(secret: Fields, at: string): readonly StatusCause[] {
  const [name, namespace] = [textAt(secret, "name"), textAt(secret, "namespace")]
  return [
    ...(name === "" ? [required(`${at}.name`)] : []),
    ...(namespace === "" ? [required(`${at}.namespace`)] : texts(label)(namespace, `${at}.namespace`)),
  ]
}

function positive(value: unknown, field: string): readonly StatusCause[] {
  const number = parseQuantity(value) ?? 0
  return number > 0 ? [] : [invalidValue(field, String(value), "must be greater than zero")]
}

function claimCauses(spec: Fields, at: string): readonly StatusCause[] {
  const storage = mapAt(spec, "resources", "requests")["storage"]
  const [source, reference] = [mapAt(spec, "dataSource"), mapAt(spec, "dataSourceRef")]
  const isAcross = textAt(reference, "namespace") !== ""
  const isBoth = spec["dataSource"] !== undefined && spec["dataSourceRef"] !== undefined
  const isSame = ["apiGroup", "kind", "name"].every((name) => textAt(source, name) === textAt(reference, name))
  const shown = `${at}.dataSource`
  const why = isAcross ? "may not be specified when dataSourceRef.namespace is specified" : "must match dataSourceRef"
  return [
    ...modeCauses(spec, at),
    ...(storage === undefined ? [required(`${at}.resources[storage]`)] : positive(storage, `${at}.resources[storage]`)),
    ...texts(subdomain)(spec["storageClassName"], `${at}.storageClassName`),
    ...(spec["dataSource"] === undefined ? [] : sourceCauses(source, shown)),
    ...(spec["dataSourceRef"] === undefined ? [] : sourceCauses(reference, `${at}.dataSourceRef`)),
    ...texts(label)(reference["namespace"], `${at}.dataSourceRef.namespace`),
    ...(isBoth && (isAcross || !isSame) ? [invalidValue(at, isAcross ? shown : {}, why)] : []),
    ...texts(subdomain)(spec["volumeAttributesClassName"], `${at}.volumeAttributesClassName`),
  ]
}

function sourceCauses(source: Fields, at: string): readonly StatusCause[] {
  const [group, kind] = [textAt(source, "apiGroup"), textAt(source, "kind")]
  const missing = ["name", "kind"].filter((name) => textAt(source, name) === "")
  const why = "must be 'PersistentVolumeClaim' when referencing the default apiGroup"
  return [
    ...missing.map((name) => required(`${at}.${name}`)),
    ...(group === "" && kind !== "PersistentVolumeClaim" ? [invalidValue(at, kind, why)] : []),
    ...texts(subdomain)(group, `${at}.apiGroup`),
  ]
}

/** What is wrong with the name of a driver of volumes. */
export function driverName(name: string, field: string): readonly StatusCause[] {
  if (name === "") return [required(field)]
  const long = name.length > 63 ? [tooLong(field, 63)] : []
  return [...long, ...subdomain(name.toLowerCase()).map((why) => invalidValue(field, name, why))]
}

function provisionerCauses(name: string, field: string): readonly StatusCause[] {
  const lower = name.toLowerCase()
  return name === "" ? [] : qualified(lower).map((why) => invalidValue(field, lower, why))
}

function parameterCauses(parameters: Fields): readonly StatusCause[] {
  return "" in parameters ? [invalidValue("parameters", "", "field can not be empty.")] : []
}

function topologyTwins(topologies: readonly Fields[]): readonly StatusCause[] {
  const shape = (term: Fields) =>
    JSON.stringify(
      listAt(term, "matchLabelExpressions")
        .map(({ key, values }) => [key, Array.isArray(values) ? [...new Set(values)].sort() : []])
        .sort(),
    )
  const shapes = topologies.map(shape)
  return shapes.flatMap((one, index) => {
    // One that asks for nothing is also compared with as many empty ones as there are terms.
    const empty = one === "[]" ? shapes.length : 0
    const twins = shapes.slice(0, index).filter((other) => other === one).length + empty
    return Array.from({ length: twins }, () => duplicate(`allowedTopologies[${index}].matchLabelExpressions`, ""))
  })
}

function driverCauses(spec: Fields, at: string): readonly StatusCause[] {
  const requests = listAt(spec, "tokenRequests")
  const modes = ["Persistent", "Ephemeral"]
  const given = Array.isArray(spec["volumeLifecycleModes"]) ? spec["volumeLifecycleModes"] : []
  const isAlone = spec["serviceAccountTokenInSecrets"] !== undefined && requests.length === 0
  const why = "serviceAccountTokenInSecrets is set but no tokenRequests are specified"
  const field = `${at}.serviceAccountTokenInSecrets`
  return [
    ...unique("audience")(requests, `${at}.tokenRequests`),
    ...requests.flatMap((request, index) => {
      const isTwin = requests.findIndex((other) => textAt(other, "audience") === textAt(request, "audience")) < index
      const least = within(600, Number.POSITIVE_INFINITY, "may not specify a duration less than 10 minutes")
      const most = within(0, 2 ** 32, "may not specify a duration larger than 2^32 seconds")
      const place = `${at}.tokenRequests[${index}].expirationSeconds`
      const seconds = request["expirationSeconds"]
      return isTwin ? [] : [...least(seconds, place), ...(Number(seconds) > 0 ? most(seconds, place) : [])]
    }),
    ...given
      .filter((mode) => !modes.includes(String(mode)))
      .map((mode) => unsupported(`${at}.volumeLifecycleModes`, mode, modes)),
    ...within(
      10,
      Number.POSITIVE_INFINITY,
      "must be greater than or equal to 10 seconds",
    )(spec["nodeAllocatableUpdatePeriodSeconds"], `${at}.nodeAllocatableUpdatePeriodSeconds`),
    ...(isAlone ? [invalidValue(field, spec["serviceAccountTokenInSecrets"], why)] : []),
  ]
}

function topologyKeys(keys: unknown, at: string): readonly StatusCause[] {
  const seen = new Set<unknown>()
  return (Array.isArray(keys) ? keys : []).flatMap((key): readonly StatusCause[] => {
    const isTwice = seen.has(key)
    seen.add(key)
    return [
      ...(key === "" ? [required(at, "")] : []),
      ...(isTwice ? [duplicate(at, key)] : []),
      ...anyTexts(qualified)(key, at),
    ]
  })
}
