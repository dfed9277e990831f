import { isRecord } from "../../kube/mod.ts"
import { asList, asText, derivedFrom, field, memberOf, type Skeleton, workloadLabels } from "../entry.ts"
import { type Settings, setting } from "../profiles.ts"
import { childPath, derived, unusable } from "../value.ts"
import { type PodExtras, podLabels, podSpec, podTemplate } from "../workload.ts"
import { blockSettings, type Form } from "./context.ts"

/** A Deployment. */
export function deployment(form: Form): Skeleton {
  const rollingUpdate = blockSettings(form, "rollingUpdate", "rollingUpdate")
  return { spec: { ...replicated(form), strategy: rollingUpdate && { type: "RollingUpdate", rollingUpdate } } }
}

/** A ReplicaSet: it has no way to roll out, so `rollingUpdate` has no place. */
export function replicaSet(form: Form): Skeleton {
  return { spec: replicated(form) }
}

/** A DaemonSet, one Pod for each node. */
export function daemonSet(form: Form): Skeleton {
  const rollingUpdate = blockSettings(form, "rollingUpdate", "rollingUpdate")
  const updateStrategy = rollingUpdate && { type: "RollingUpdate", rollingUpdate: oneOfBoth(rollingUpdate) }
  return { spec: { ...selecting(form, {}), updateStrategy } }
}

// A DaemonSet either surges or lets go first: the API refuses both at once.
function oneOfBoth(settings: Settings): unknown {
  return derived(
    { surge: setting(settings, "maxSurge"), unavailable: setting(settings, "maxUnavailable") },
    (input) => {
      const { surge, unavailable } = isRecord(input) ? input : {}
      if (isNothing(unavailable)) return { maxSurge: surge, maxUnavailable: unavailable }
      return { maxUnavailable: unavailable }
    },
  )
}

function isNothing(value: unknown): boolean {
  return value === undefined || /^0%?$/.test(asText(value))
}

/** A StatefulSet. Without `rollingUpdate` its Pods are replaced when somebody deletes them, as published. */
export function statefulSet(form: Form): Skeleton {
  const { entry, name } = form
  const claims = claimsOf(form)
  const extras = { image: taggedImage(form), mounts: claims.map(({ mount }) => mount) }
  return {
    spec: {
      ...replicated(form, extras),
      serviceName: field(entry, "serviceName") ?? name,
      volumeClaimTemplates: claims.length === 0 ? undefined : claims.map(({ claim }) => claim),
      updateStrategy: statefulStrategy(form),
    },
  }
}

function statefulStrategy(form: Form): Skeleton {
  const rollingUpdate = blockSettings(form, "rollingUpdate", "rollingUpdate")
  if (!rollingUpdate) return { type: "OnDelete" }
  const block = form.entry.fields["rollingUpdate"]
  const partition = isRecord(block)
    ? memberOf(block, "partition", childPath(form.entry.at, "rollingUpdate"))
    : undefined
  // Zero is for the profiles of Deployments, which may surge instead; a StatefulSet could not go on.
  const maxUnavailable = derivedFrom(setting(rollingUpdate, "maxUnavailable"), (value) =>
    isNothing(value) ? undefined : value,
  )
  return { type: "RollingUpdate", rollingUpdate: { maxUnavailable, partition } }
}

function taggedImage({ entry }: Form): unknown {
  const tag = field(entry, "tag")
  if (!tag) return undefined
  return derived({ image: field(entry, "image"), tag }, (input) => {
    const { image, tag: label } = isRecord(input) ? input : {}
    const text = asText(image)
    if (image === undefined || label === undefined) return image
    if (/@|:[^/]*$/.test(text)) return unusable(`image "${text}" has a tag already, so "tag" cannot be added`)
    return `${text}:${asText(label)}`
  })
}

interface Claim {
  readonly claim: Skeleton
  readonly mount: Skeleton
}

function claimsOf({ entry }: Form): readonly Claim[] {
  const list = entry.fields["volumeClaimTemplates"]
  return (Array.isArray(list) ? list : []).map((item: unknown, index): Claim => {
    const block = isRecord(item) ? item : {}
    const member = (key: string) => memberOf(block, key, `${childPath(entry.at, "volumeClaimTemplates")}[${index}]`)
    return {
      claim: {
        metadata: { name: member("name") },
        spec: {
          accessModes: asList(member("accessModes")) ?? ["ReadWriteOnce"],
          storageClassName: member("storageClass"),
          resources: { requests: { storage: member("storageSize") } },
        },
      },
      mount: { name: member("name"), mountPath: member("mountPath") },
    }
  })
}

function replicated(form: Form, extras: PodExtras = {}): Skeleton {
  const { entry, context } = form
  const replicas =
    context.isScaled(entry) || entry.fields["autoscale"] !== undefined ? undefined : (field(entry, "replicas") ?? 1)
  return { replicas, ...selecting(form, extras) }
}

function selecting(form: Form, extras: PodExtras): Skeleton {
  const labels = workloadLabels(form.name)
  return { selector: { matchLabels: labels }, template: podTemplate(form, { ...extras, labels }) }
}

/** A single Pod. */
export function pod(form: Form): Skeleton {
  return { metadata: { labels: podLabels(form.entry, workloadLabels(form.name)) }, spec: podSpec(form, {}) }
}

const runsOnce = { restartPolicy: "Never" } as const

/** A Job that runs to its end. */
export function job(form: Form): Skeleton {
  const backoffLimit = field(form.entry, "backoffLimit") ?? 3
  return { spec: { backoffLimit, template: podTemplate(form, { spec: runsOnce }) } }
}

const policies: ReadonlyMap<string, string> = new Map([
  ["allow", "Allow"],
  ["forbid", "Forbid"],
  ["replace", "Replace"],
])

/** A CronJob. */
export function cronJob(form: Form): Skeleton {
  const { entry } = form
  const policy = field(entry, "concurrencyPolicy")
  return {
    spec: {
      schedule: field(entry, "schedule"),
      suspend: field(entry, "suspend") ?? false,
      successfulJobsHistoryLimit: field(entry, "successfulJobsHistoryLimit") ?? 3,
      failedJobsHistoryLimit: field(entry, "failedJobsHistoryLimit") ?? 1,
      concurrencyPolicy: policy
        ? derivedFrom(policy, (value) => policies.get(asText(value).toLowerCase()) ?? value)
        : "Allow",
      startingDeadlineSeconds: field(entry, "startingDeadlineSeconds"),
      jobTemplate: { spec: { template: podTemplate(form, { spec: runsOnce }) } },
    },
  }
}
