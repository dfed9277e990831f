import { isRecord } from "../kube/mod.ts"
import { type Fields, listAt, mapAt, numberAt, textAt, textsAt } from "./fields.ts"

/** Labels of nodes that have other names now. */
const oldLabels: Readonly<Record<string, string>> = {
  "beta.kubernetes.io/arch": 'deprecated since v1.14; use "kubernetes.io/arch" instead',
  "beta.kubernetes.io/os": 'deprecated since v1.14; use "kubernetes.io/os" instead',
  "beta.kubernetes.io/instance-type": 'deprecated since v1.17; use "node.kubernetes.io/instance-type" instead',
  "failure-domain.beta.kubernetes.io/region": 'deprecated since v1.17; use "topology.kubernetes.io/region" instead',
  "failure-domain.beta.kubernetes.io/zone": 'deprecated since v1.17; use "topology.kubernetes.io/zone" instead',
}

/** What a real server says about a label of nodes; undefined when it is a good one. */
export function oldLabel(key: string): string | undefined {
  return Object.hasOwn(oldLabels, key) ? oldLabels[key] : undefined
}

/** Kinds of volumes that do no more what they did. */
const oldVolumes: Readonly<Record<string, string>> = {
  gitRepo: "deprecated in v1.11, and disabled by default in v1.33+",
  photonPersistentDisk: "deprecated in v1.11, non-functional in v1.16+",
  scaleIO: "deprecated in v1.16, non-functional in v1.22+",
  flocker: "deprecated in v1.22, non-functional in v1.25+",
  storageos: "deprecated in v1.22, non-functional in v1.25+",
  quobyte: "deprecated in v1.22, non-functional in v1.25+",
  glusterfs: "deprecated in v1.25, non-functional in v1.26+",
  cephfs: "deprecated in v1.28, non-functional in v1.31+",
  rbd: "deprecated in v1.28, non-functional in v1.31+",
}

const noNegative = "must be >= 0; negative values are invalid and will be treated as 1" // a real server's words

/** What deserves a warning in a Pod or a template of Pods; `path` is "" or that of the template. */
export function podWarnings(pod: Fields, path: string): readonly string[] {
  const spec = mapAt(pod, "spec")
  const at = path === "" ? "spec" : `${path}.spec`
  return [
    ...selectorWarnings(spec, at),
    ...spreadWarnings(spec, at),
    ...twice(listAt(spec, "hostAliases"), "ip", `${at}.hostAliases`),
    ...volumeWarnings(spec, at),
    ...twice(listAt(spec, "imagePullSecrets"), "name", `${at}.imagePullSecrets`),
    ...namelessSecrets(spec, at),
    ...containersOf(spec, at).flatMap(([container, place]) => containerWarnings(container, place)),
    ...fractions(mapAt(spec, "overhead"), `${at}.overhead`),
    ...annotationWarnings(pod, path === "" ? "metadata" : `${path}.metadata`),
    ...affinityWarnings(mapAt(spec, "affinity"), `${at}.affinity`),
    ...portWarnings(spec, at),
    ...(numberAt(spec, "terminationGracePeriodSeconds") < 0
      ? [`${at}.terminationGracePeriodSeconds: ${noNegative}`]
      : []),
  ]
}

function selectorWarnings(spec: Fields, at: string): readonly string[] {
  const own = Object.keys(mapAt(spec, "nodeSelector")).flatMap((key) => {
    const why = oldLabel(key)
    return why === undefined ? [] : [`${at}.nodeSelector[${key}]: ${why}`]
  })
  const affinity = mapAt(spec, "affinity", "nodeAffinity")
  const place = `${at}.affinity.nodeAffinity`
  const required = listAt(mapAt(affinity, "requiredDuringSchedulingIgnoredDuringExecution"), "nodeSelectorTerms")
  const preferred = listAt(affinity, "preferredDuringSchedulingIgnoredDuringExecution")
  return [
    ...own,
    ...required.flatMap((term, i) =>
      termWarnings(term, `${place}.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[${i}]`),
    ),
    ...preferred.flatMap((one, i) =>
      termWarnings(
        mapAt(one, "preference"),
        `${place}.preferredDuringSchedulingIgnoredDuringExecution[${i}].preference`,
      ),
    ),
  ]
}

function termWarnings(term: Fields, at: string): readonly string[] {
  return listAt(term, "matchExpressions").flatMap((expression, i) => {
    const key = textAt(expression, "key")
    const why = oldLabel(key)
    return why === undefined ? [] : [`${at}.matchExpressions[${i}].key: ${key} is ${why}`]
  })
}

function spreadWarnings(spec: Fields, at: string): readonly string[] {
  return listAt(spec, "topologySpreadConstraints").flatMap((constraint, i) => {
    const place = `${at}.topologySpreadConstraints[${i}]`
    const key = textAt(constraint, "topologyKey")
    const why = oldLabel(key)
    return [
      ...(why === undefined ? [] : [`${place}.topologyKey: ${key} is ${why}`]),
      ...(isRecord(constraint["labelSelector"]) ? [] : [matchesNothing(place)]),
    ]
  })
}

function matchesNothing(at: string): string {
  return `${at}.labelSelector: a null labelSelector results in matching no pod`
}

function affinityWarnings(affinity: Fields, at: string): readonly string[] {
  return ["podAffinity", "podAntiAffinity"].flatMap((side) => {
    const terms = mapAt(affinity, side)
    const required = listAt(terms, "requiredDuringSchedulingIgnoredDuringExecution")
    const preferred = listAt(terms, "preferredDuringSchedulingIgnoredDuringExecution")
    const name = `${at}.${side}`
    return [
      ...required.map((term, i) => [term, `${name}.requiredDuringSchedulingIgnoredDuringExecution[${i}]`] as const),
      ...preferred.map(
        (one, i) =>
          [
            mapAt(one, "podAffinityTerm"),
            `${name}.preferredDuringSchedulingIgnoredDuringExecution[${i}].podAffinityTerm`,
          ] as const,
      ),
    ].flatMap(([term, place]) => (isRecord(term["labelSelector"]) ? [] : [matchesNothing(place)]))
  })
}

function volumeWarnings(spec: Fields, at: string): readonly string[] {
  return listAt(spec, "volumes").flatMap((volume, i) =>
    Object.keys(volume).flatMap((kind) =>
      Object.hasOwn(oldVolumes, kind) ? [`${at}.volumes[${i}].${kind}: ${oldVolumes[kind]}`] : [],
    ),
  )
}

/** Items whose member another item has already. */
function twice(items: readonly Fields[], name: string, at: string): readonly string[] {
  const seen = new Set<string>()
  return items.flatMap((item, i) => {
    const value = textAt(item, name)
    if (value === "") return []
    if (seen.has(value)) return [`${at}[${i}].${name}: duplicate ${name} ${JSON.stringify(value)}`]
    seen.add(value)
    return []
  })
}

function namelessSecrets(spec: Fields, at: string): readonly string[] {
  return listAt(spec, "imagePullSecrets").flatMap((secret, i) =>
    textAt(secret, "name") === "" ? [`${at}.imagePullSecrets[${i}].name: invalid empty name ""`] : [],
  )
}

type Placed = readonly [container: Fields, at: string]

function containersOf(spec: Fields, at: string): readonly Placed[] {
  return ["initContainers", "containers"].flatMap((list) =>
    listAt(spec, list).map((container, i) => [container, `${at}.${list}[${i}]`] as const),
  )
}

function containerWarnings(container: Fields, at: string): readonly string[] {
  return [
    ...fractions(mapAt(container, "resources", "limits"), `${at}.resources.limits`),
    ...fractions(mapAt(container, "resources", "requests"), `${at}.resources.requests`),
    ...hiddenVariables(listAt(container, "env"), `${at}.env`),
  ]
}

/** Bytes that are no whole number. */
export function fractions(amounts: Fields, at: string): readonly string[] {
  return Object.entries(amounts).flatMap(([name, amount]) => {
    const isBytes = name === "memory" || name === "storage" || name === "ephemeral-storage"
    if (!isBytes || typeof amount !== "string" || !/[mun]$/.test(amount)) return []
    return [`${at}[${name}]: fractional byte value ${JSON.stringify(amount)} is invalid, must be an integer`]
  })
}

/** A variable may be set again only to add to what it was. */
function hiddenVariables(variables: readonly Fields[], at: string): readonly string[] {
  const seen = new Set<string>()
  return variables.flatMap((variable, i) => {
    const name = textAt(variable, "name")
    const value = textAt(variable, "value")
    const adds = value.includes(`$(${name})`) && value !== `$(${name})` && variable["valueFrom"] === undefined
    if (!seen.has(name) || adds) {
      seen.add(name)
      return []
    }
    return [`${at}[${i}]: hides previous definition of ${JSON.stringify(name)}, which may be dropped when using apply`]
  })
}

function portWarnings(spec: Fields, at: string): readonly string[] {
  const seen = new Map<string, string>()
  return containersOf(spec, at).flatMap(([container, place]) => {
    const isLasting = place.includes(".containers[") || container["restartPolicy"] === "Always"
    return (isLasting ? listAt(container, "ports") : []).flatMap((port, i) => {
      const key = ["containerPort", "protocol", "hostPort", "hostIP"].map((name) => String(port[name])).join("/")
      const before = seen.get(key)
      if (before !== undefined) return [`${place}.ports[${i}]: duplicate port definition with ${before}`]
      seen.set(key, `${place}.ports[${i}]`)
      return []
    })
  })
}

const oldAnnotations: readonly (readonly [RegExp, string])[] = [
  [
    /^container\.apparmor\.security\.beta\.kubernetes\.io\//,
    'deprecated since v1.30; use the "appArmorProfile" field instead',
  ],
  [
    /^(?:container\.)?seccomp\.security\.alpha\.kubernetes\.io\//,
    'non-functional in v1.27+; use the "seccompProfile" field instead',
  ],
  [
    /^scheduler\.alpha\.kubernetes\.io\/critical-pod$/,
    'non-functional in v1.16+; use the "priorityClassName" field instead',
  ],
]

function annotationWarnings(pod: Fields, at: string): readonly string[] {
  const keys = Object.keys(textsAt(mapAt(pod, "metadata"), "annotations"))
  return oldAnnotations.flatMap(([pattern, why]) =>
    keys.filter((key) => pattern.test(key)).map((key) => `${at}.annotations[${key}]: ${why}`),
  )
}
