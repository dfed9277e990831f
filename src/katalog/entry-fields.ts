import { shorten } from "../base/mod.ts"
import { isRecord } from "../kube/mod.ts"
import { operatorProfiles } from "./operator-profiles.ts"
import {
  anything,
  byForm,
  countTemplate,
  flagTemplate,
  isTemplate,
  list,
  mapOf,
  oneOf,
  oneOfOrTemplate,
  place,
  rawMap,
  type Shape,
  scalar,
  scalarMap,
  scalars,
  text,
  wrong,
} from "./shape.ts"

/** What to do about a field that a short form does not have. */
export const rawFields = 'write other Kubernetes fields under "overrides:"'

/** `shape`, or one template that yields it. */
export function orTemplate(shape: Shape): Shape {
  return byForm((value) => (isTemplate(value) ? anything : shape))
}

/** A map of texts, or a template that yields one. */
export const texts: Shape = orTemplate(scalarMap)

const labelSelector = place("a selector", { fields: { matchLabels: scalarMap, matchExpressions: list(rawMap) } })

/** Labels as a plain map, or the Kubernetes form of a selector. */
export const selector: Shape = byForm((value) =>
  isRecord(value) && ("matchLabels" in value || "matchExpressions" in value) ? labelSelector : texts,
)

/** A list of Kubernetes objects without a check of their own, or a template that yields one. */
export const kubeList: Shape = orTemplate(list(orTemplate(rawMap)))

/** A list of texts, one text, or a template that yields either. */
export const words: Shape = scalars

/** A port's protocol. */
export const protocol: Shape = oneOfOrTemplate("TCP", "UDP", "SCTP")

type Fields = Readonly<Record<string, Shape>>

/** One kind of entry: the fields of its own. */
export interface Kind {
  readonly noun: string
  readonly fields: Fields
  readonly required?: readonly string[]
  readonly later?: readonly string[]
  readonly otherwise?: string
}

/** Of every object without a namespace. */
export const clusterFields: Fields = { name: text, annotations: scalarMap }

/** Of every object in a namespace. */
export const objectFields: Fields = { ...clusterFields, namespace: text }

/** A block of settings, or the name of a profile in its place: not both. */
export interface Block {
  readonly noun: string
  /** What a profile may set. */
  readonly fields: Fields
  /** Fields beside the profile. */
  readonly beside?: Fields
}

const timing: Fields = {
  initialDelaySeconds: countTemplate,
  periodSeconds: countTemplate,
  failureThreshold: countTemplate,
  successThreshold: countTemplate,
  timeoutSeconds: countTemplate,
}

const policies = place("a scaling direction", {
  fields: {
    stabilizationWindowSeconds: countTemplate,
    selectPolicy: oneOfOrTemplate("Max", "Min", "Disabled"),
    policies: orTemplate(
      list(
        place("a scaling policy", {
          fields: { type: oneOfOrTemplate("Percent", "Pods"), value: countTemplate, periodSeconds: countTemplate },
          required: ["type", "value", "periodSeconds"],
        }),
      ),
    ),
  },
  otherwise: rawFields,
})

const port = place("a port", { fields: { port: text, endPort: countTemplate, protocol } })

function rule(noun: string, peers: string): Shape {
  const peer = place("a peer", { fields: { podSelector: selector, namespaceSelector: selector, ipBlock: rawMap } })
  return place(noun, { fields: { [peers]: orTemplate(list(peer)), ports: orTemplate(list(port)) } })
}

/** Blocks that a profile may stand for, by the class of the profile. */
export const blocks = {
  resources: { noun: "resources", fields: { requests: texts, limits: texts } },
  probes: {
    noun: "a probe",
    fields: timing,
    beside: { type: oneOf("http", "tcp"), path: text, port: text },
  },
  containerSecurity: {
    noun: "securityContext",
    fields: {
      allowPrivilegeEscalation: flagTemplate,
      readOnlyRootFilesystem: flagTemplate,
      runAsNonRoot: flagTemplate,
      capabilities: place("capabilities", { fields: { add: words, drop: words } }),
    },
  },
  podSecurity: {
    noun: "podSecurity",
    fields: { runAsNonRoot: flagTemplate, runAsUser: countTemplate, runAsGroup: countTemplate, fsGroup: countTemplate },
  },
  rollingUpdate: { noun: "rollingUpdate", fields: { maxSurge: text, maxUnavailable: text } },
  hpa: { noun: "behavior", fields: { scaleUp: policies, scaleDown: policies } },
  pdb: { noun: "behavior", fields: { minAvailable: text, maxUnavailable: text } },
  resourceQuotas: { noun: "a resourceQuota", fields: { hard: texts } },
  limitRanges: {
    noun: "a limitRange",
    fields: {
      limits: orTemplate(
        list(
          place("a limit", {
            fields: {
              type: oneOfOrTemplate("Container", "Pod", "PersistentVolumeClaim"),
              default: texts,
              defaultRequest: texts,
              min: texts,
              max: texts,
              maxLimitRequestRatio: texts,
            },
            required: ["type"],
          }),
        ),
      ),
    },
  },
  networkPolicies: {
    noun: "a networkPolicy",
    fields: {
      ingress: orTemplate(list(rule("an ingress rule", "from"))),
      egress: orTemplate(list(rule("an egress rule", "to"))),
      policyTypes: words,
    },
  },
} as const satisfies Readonly<Record<string, Block>>

/** A class of profiles: what the profile may stand for. */
export type ProfileClass = keyof typeof blocks

/** The shape of a block with its `profile`. */
export function block(of: Block): Shape {
  return place(of.noun, { fields: { ...of.fields, ...of.beside, profile: text }, otherwise: rawFields })
}

/** `rollingUpdate` of a StatefulSet, which cannot start new Pods beside the old ones. */
export const statefulRollingUpdate: Shape = place("rollingUpdate of a statefulSet", {
  fields: { profile: text, maxUnavailable: text, partition: countTemplate },
  otherwise: "a StatefulSet replaces its Pods one by one, it has no maxSurge",
})

const named = orTemplate(list(place("a reference", { fields: { name: text }, required: ["name"] })))

/** Of everything that runs Pods. */
export const podFields: Fields = {
  image: text,
  command: words,
  args: words,
  workingDirectory: text,
  imagePullSecrets: orTemplate(list(reference())),
  nodeSelector: texts,
  serviceAccountName: text,
  resources: block(blocks.resources),
  securityContext: block(blocks.containerSecurity),
  podSecurity: block(blocks.podSecurity),
  volumes: kubeList,
  volumeMounts: kubeList,
  env: orTemplate(
    list(
      place("an environment variable", {
        fields: { name: text, value: scalar, valueFrom: rawMap },
        required: ["name"],
      }),
    ),
  ),
  envFrom: place("envFrom", { fields: { secretRef: named, configMapRef: named } }),
}

/** `my-secret`, or `{ name: my-secret }`. */
function reference(): Shape {
  const map = place("a reference", { fields: { name: text }, required: ["name"] })
  return byForm((value) => (isRecord(value) ? map : text))
}

const probe = block(blocks.probes)

/** Of everything that serves: Deployments and their like, and Pods. */
export const servingFields: Fields = {
  ...podFields,
  port: countTemplate,
  protocol,
  probes: place("probes", { fields: { startup: probe, liveness: probe, readiness: probe } }),
}

/** User-defined profiles by class, then by name. */
export const profiles: Shape = place("profiles", {
  fields: {
    include: text,
    ...Object.fromEntries(Object.entries(blocks).map(([name, of]) => [name, mapOf(profileBody(name, of))])),
    ...operatorProfiles,
  },
})

function profileBody(name: string, of: Block): Shape {
  const fields: Fields = name === "hpa" ? { ...of.fields, targetCPUUtilizationPercentage: countTemplate } : of.fields
  return place(`a profile of class ${name}`, { fields })
}

/** The fields that each class of profiles stands for. */
export const profileFields: Readonly<Record<ProfileClass, readonly string[]>> = {
  resources: Object.keys(blocks.resources.fields),
  probes: Object.keys(blocks.probes.fields),
  containerSecurity: Object.keys(blocks.containerSecurity.fields),
  podSecurity: Object.keys(blocks.podSecurity.fields),
  rollingUpdate: Object.keys(blocks.rollingUpdate.fields),
  hpa: Object.keys(blocks.hpa.fields),
  pdb: Object.keys(blocks.pdb.fields),
  resourceQuotas: Object.keys(blocks.resourceQuotas.fields),
  limitRanges: Object.keys(blocks.limitRanges.fields),
  networkPolicies: Object.keys(blocks.networkPolicies.fields),
}

/** A name under which templates read something; `as` shows how: `.cross.<as>`. */
export function nameRead(as: string): Shape {
  return byForm((value) =>
    typeof value !== "string" || /^[A-Za-z_]\w*$/.test(value)
      ? text
      : wrong({
          code: "ORK0113",
          message: `expected a name of letters, digits and '_', found "${shorten(value, 80)}"`,
          help: `templates read ${as}`,
        }),
  )
}
