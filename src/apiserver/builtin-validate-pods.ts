import { isIP } from "node:net"
import type { StatusCause } from "../kube/mod.ts"
import { containerCauses } from "./builtin-validate-containers.ts"
import { schedulingCauses } from "./builtin-validate-scheduling.ts"
import { volumeCauses } from "./builtin-validate-volumes.ts"
import { type Fields, listAt, mapAt, numberAt, textAt } from "./fields.ts"
import {
  duplicate,
  forbidden,
  invalidValue,
  labelProblem,
  labelValueProblems,
  qualifiedNameProblems,
  required,
  subdomainProblem,
} from "./names.ts"

/** What is wrong with a Pod's containers and volumes, wherever the Pod is described. */
export function podSpecCauses(spec: Fields, at: string): readonly StatusCause[] {
  const volumes = new Set(listAt(spec, "volumes").map((volume) => textAt(volume, "name")))
  const members = ["containers", "initContainers"] as const
  const names = new Set<string>()
  return [
    ...nameCauses(listAt(spec, "volumes"), `${at}.volumes`, new Set()),
    ...listAt(spec, "volumes").flatMap((volume, index) => volumeCauses(volume, `${at}.volumes[${index}]`)),
    ...members.flatMap((member) => [
      ...nameCauses(listAt(spec, member), `${at}.${member}`, names),
      ...listAt(spec, member).flatMap((container, index) => {
        const place = `${at}.${member}[${index}]`
        return [
          ...(member === "initContainers" ? startCauses(container, place) : []),
          ...containerCauses(container, { at: place, volumes }),
        ]
      }),
    ]),
    ...hostCauses(spec, at),
    ...schedulingCauses(spec, at),
  ]
}

/** What is wrong with the labels and annotations of a template of Pods. */
export function templateMetaCauses(template: Fields, at: string): readonly StatusCause[] {
  const metadata = mapAt(template, "metadata")
  const labels = Object.entries(mapAt(metadata, "labels")).flatMap(([key, value]) => [
    ...qualifiedNameProblems(key).map((why) => invalidValue(`${at}.labels`, key, why)),
    ...labelValueProblems(String(value)).map((why) => invalidValue(`${at}.labels`, value, why)),
  ])
  const annotations = Object.keys(mapAt(metadata, "annotations")).flatMap((key) =>
    qualifiedNameProblems(key.toLowerCase()).map((why) => invalidValue(`${at}.annotations`, key, why)),
  )
  return [...labels, ...annotations]
}

function nameCauses(items: readonly Fields[], at: string, seen: Set<string>): readonly StatusCause[] {
  return items.flatMap((item, index) => {
    const name = textAt(item, "name")
    const field = `${at}[${index}].name`
    if (name === "") return []
    const problem = labelProblem(name)
    if (problem !== undefined) return [invalidValue(field, name, problem)]
    if (seen.has(name)) return [duplicate(field, name)]
    seen.add(name)
    return []
  })
}

// Containers that run once have nothing to be probed.
function startCauses(container: Fields, at: string): readonly StatusCause[] {
  if (container["restartPolicy"] === "Always") return []
  const why = "may not be set for init containers without restartPolicy=Always"
  return ["lifecycle", "livenessProbe", "readinessProbe", "startupProbe"]
    .filter((member) => container[member] !== undefined)
    .map((member) => forbidden(`${at}.${member}`, why))
}

function hostCauses(spec: Fields, at: string): readonly StatusCause[] {
  const causes: StatusCause[] = []
  const named = { nodeName: subdomainProblem, serviceAccountName: subdomainProblem, hostname: labelProblem }
  for (const [member, problemOf] of Object.entries(named)) {
    const name = textAt(spec, member)
    const problem = name === "" ? undefined : problemOf(name)
    if (problem !== undefined) causes.push(invalidValue(`${at}.${member}`, name, problem))
  }
  const deadline = numberAt(spec, "activeDeadlineSeconds", 1)
  if (deadline < 1 || deadline > 2_147_483_647) {
    causes.push(invalidValue(`${at}.activeDeadlineSeconds`, deadline, "must be between 1 and 2147483647, inclusive"))
  }
  if (spec["dnsPolicy"] === "None") {
    if (spec["dnsConfig"] === undefined) {
      causes.push(required(`${at}.dnsConfig`, "must provide `dnsConfig` when `dnsPolicy` is None"))
    } else if ((mapAt(spec, "dnsConfig")["nameservers"] ?? undefined) === undefined) {
      const why = "must provide at least one DNS nameserver when `dnsPolicy` is None"
      causes.push(required(`${at}.dnsConfig.nameservers`, why))
    }
  }
  for (const [index, alias] of listAt(spec, "hostAliases").entries()) {
    const ip = textAt(alias, "ip")
    if (isIP(ip) !== 0) continue
    const why = "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)"
    causes.push(invalidValue(`${at}.hostAliases[${index}].ip`, ip, why))
  }
  return causes
}
