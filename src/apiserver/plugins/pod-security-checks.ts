import { type Fields, listAt, listOf, mapAt, textAt, textsOf } from "../fields.ts"

/** How careful Pods must be, in rising order. */
export const levels = ["privileged", "baseline", "restricted"] as const

/** One of these. */
export type Level = (typeof levels)[number]

/** One thing about a Pod that its level does not allow. */
export interface Violation {
  readonly reason: string
  readonly detail: string
}

/** A Pod as the checks see it. */
interface Pod {
  readonly spec: Fields
  readonly context: Fields
  readonly containers: readonly Fields[]
  readonly annotations: Readonly<Record<string, unknown>>
  readonly isWindows: boolean
  /** It has users of its own: its root is not the node's. */
  readonly isApart: boolean
  readonly minor: number
}

interface Check {
  readonly level: "baseline" | "restricted"
  readonly since: number
  /** The restricted check that takes its place where that one is asked. */
  readonly unless?: number
  readonly judge: (pod: Pod) => Violation | undefined
}

const quoted = (items: Iterable<unknown>) => [...items].map((item) => `"${item}"`).join(", ")
const named = (word: string, names: readonly unknown[]) => `${word}${names.length === 1 ? "" : "s"} ${quoted(names)}`
const sorted = (items: Iterable<unknown>) => [...new Set([...items].map(String))].sort()
const contextOf = (container: Fields) => mapAt(container, "securityContext")
const namesOf = (containers: readonly Fields[]) => containers.map((container) => textAt(container, "name"))
const those = (containers: readonly Fields[]) => named("container", namesOf(containers))

/** The Pod itself and its containers, as one subject. */
function setters(isPod: boolean, containers: readonly Fields[]): string | undefined {
  const parts = [...(isPod ? ["pod"] : []), ...(containers.length > 0 ? [those(containers)] : [])]
  return parts.length === 0 ? undefined : parts.join(" and ")
}

function hostNamespaces({ spec }: Pod): Violation | undefined {
  const used = ["hostNetwork", "hostPID", "hostIPC"].filter((key) => spec[key] === true)
  return used.length === 0
    ? undefined
    : { reason: "host namespaces", detail: used.map((key) => `${key}=true`).join(", ") }
}

function hostPaths({ spec }: Pod): Violation | undefined {
  const volumes = listAt(spec, "volumes").filter(({ hostPath }) => hostPath !== undefined)
  return volumes.length === 0 ? undefined : { reason: "hostPath volumes", detail: named("volume", namesOf(volumes)) }
}

function hostPorts({ containers }: Pod): Violation | undefined {
  const portsOf = (container: Fields) =>
    listAt(container, "ports")
      .map((port) => port["hostPort"])
      .filter((port) => port !== undefined && port !== 0)
  const bad = containers.filter((container) => portsOf(container).length > 0)
  if (bad.length === 0) return undefined
  const ports = sorted(bad.flatMap(portsOf))
  const uses = bad.length === 1 ? "uses" : "use"
  const word = ports.length === 1 ? "hostPort" : "hostPorts"
  return { reason: "hostPort", detail: `${those(bad)} ${uses} ${word} ${ports.join(", ")}` }
}

function hostHandlers({ containers }: Pod): Violation | undefined {
  const hostsOf = (container: Fields) =>
    [
      ...["livenessProbe", "readinessProbe", "startupProbe"].map((key) => mapAt(container, key)),
      ...["postStart", "preStop"].map((key) => mapAt(container, "lifecycle", key)),
    ]
      .flatMap((handler) => ["httpGet", "tcpSocket"].map((key) => textAt(mapAt(handler, key), "host")))
      .filter((host) => host !== "")
  const bad = containers.filter((container) => hostsOf(container).length > 0)
  if (bad.length === 0) return undefined
  const hosts = sorted(bad.flatMap(hostsOf))
  const subject = named("container", sorted(namesOf(bad)))
  const detail = `${subject} ${bad.length === 1 ? "uses" : "use"} probe or lifecycle host${hosts.length === 1 ? "" : "s"} ${quoted(hosts)}`
  return { reason: "probe or lifecycle host", detail }
}

function privileged({ containers }: Pod): Violation | undefined {
  const bad = containers.filter((container) => contextOf(container)["privileged"] === true)
  if (bad.length === 0) return undefined
  return { reason: "privileged", detail: `${those(bad)} must not set securityContext.privileged=true` }
}

const usualCapabilities = new Set(
  "AUDIT_WRITE CHOWN DAC_OVERRIDE FOWNER FSETID KILL MKNOD NET_BIND_SERVICE SETFCAP SETGID SETPCAP SETUID SYS_CHROOT".split(
    " ",
  ),
)

function addedTo(container: Fields, allowed: ReadonlySet<string>): readonly string[] {
  return textsOf(mapAt(contextOf(container), "capabilities")["add"]).filter((name) => !allowed.has(name))
}

function capabilities({ containers }: Pod): Violation | undefined {
  const bad = containers.filter((container) => addedTo(container, usualCapabilities).length > 0)
  if (bad.length === 0) return undefined
  const added = sorted(bad.flatMap((container) => addedTo(container, usualCapabilities)))
  const detail = `${those(bad)} must not include ${quoted(added)} in securityContext.capabilities.add`
  return { reason: "non-default capabilities", detail }
}

const netBind = new Set(["NET_BIND_SERVICE"])

function fewCapabilities({ containers, isWindows, minor }: Pod): Violation | undefined {
  if (isWindows && minor >= 25) return undefined
  const keeps = containers.filter((one) => !listOf(mapAt(contextOf(one), "capabilities")["drop"]).includes("ALL"))
  const adds = containers.filter((container) => addedTo(container, netBind).length > 0)
  const added = sorted(adds.flatMap((container) => addedTo(container, netBind)))
  const details = [
    ...(keeps.length > 0 ? [`${those(keeps)} must set securityContext.capabilities.drop=["ALL"]`] : []),
    ...(adds.length > 0
      ? [`${those(adds)} must not include ${quoted(added)} in securityContext.capabilities.add`]
      : []),
  ]
  return details.length === 0 ? undefined : { reason: "unrestricted capabilities", detail: details.join("; ") }
}

function escalation({ containers, isWindows, minor }: Pod): Violation | undefined {
  if (isWindows && minor >= 25) return undefined
  const bad = containers.filter((container) => contextOf(container)["allowPrivilegeEscalation"] !== false)
  if (bad.length === 0) return undefined
  const detail = `${those(bad)} must set securityContext.allowPrivilegeEscalation=false`
  return { reason: "allowPrivilegeEscalation != false", detail }
}

const armourPrefix = "container.apparmor.security.beta.kubernetes.io/"

function appArmor({ context, containers, annotations }: Pod): Violation | undefined {
  const typeOf = (holder: Fields) => mapAt(holder, "appArmorProfile")["type"]
  const isWrong = (type: unknown) => type !== undefined && type !== "RuntimeDefault" && type !== "Localhost"
  const bad = containers.filter((container) => isWrong(typeOf(contextOf(container))))
  const isPod = isWrong(typeOf(context))
  const notes = Object.entries(annotations)
    .map(([key, value]) => [key, String(value)] as const)
    .filter(([key, value]) => key.startsWith(armourPrefix) && !/^$|^runtime\/default$|^localhost\//.test(value))
    .map(([key, value]) => `${key}=${JSON.stringify(value)}`)
  const types = [...(isPod ? [typeOf(context)] : []), ...bad.map((container) => typeOf(contextOf(container)))]
  const values = [...sorted(types), ...sorted(notes)]
  if (values.length === 0) return undefined
  const subject = setters(isPod, bad)
  const noted = notes.length === 0 ? [] : [notes.length === 1 ? "annotation" : "annotations"]
  const who = [...(subject === undefined ? [] : [subject]), ...noted].join(" and ")
  const reason = `forbidden AppArmor profile${values.length === 1 ? "" : "s"}`
  return { reason, detail: `${who} must not set AppArmor profile type to ${quoted(values)}` }
}

function seLinux({ context, containers, minor }: Pod): Violation | undefined {
  const types = [
    "",
    "container_t",
    "container_init_t",
    "container_kvm_t",
    ...(minor >= 31 ? ["container_engine_t"] : []),
  ]
  const optionsOf = (holder: Fields) => mapAt(holder, "seLinuxOptions")
  const isWrongType = (options: Fields) => !types.includes(textAt(options, "type"))
  const isWrong = (options: Fields) =>
    isWrongType(options) || textAt(options, "user") !== "" || textAt(options, "role") !== ""
  const bad = containers.filter((container) => isWrong(optionsOf(contextOf(container))))
  const subject = setters(isWrong(optionsOf(context)), bad)
  if (subject === undefined) return undefined
  const all = [optionsOf(context), ...bad.map((container) => optionsOf(contextOf(container)))]
  const wrong = sorted(all.filter(isWrongType).map((options) => textAt(options, "type")))
  const data = [
    ...(wrong.length > 0 ? [named("type", wrong)] : []),
    ...["user", "role"]
      .filter((key) => all.some((one) => textAt(one, key) !== ""))
      .map((key) => `${key} may not be set`),
  ]
  const detail = `${subject} set forbidden securityContext.seLinuxOptions: ${data.join("; ")}`
  return { reason: "seLinuxOptions", detail }
}

function procMount({ containers, isApart, minor }: Pod, isStrict: boolean): Violation | undefined {
  if (!isStrict && minor >= 35 && isApart) return undefined
  const mountOf = (container: Fields) => contextOf(container)["procMount"]
  const isWrong = (mount: unknown) => mount !== undefined && mount !== "Default"
  const bad = containers.filter((container) => isWrong(mountOf(container)))
  if (bad.length === 0) return undefined
  const detail = `${those(bad)} must not set securityContext.procMount to ${quoted(sorted(bad.map(mountOf)))}`
  return { reason: "procMount", detail }
}

const isProfile = (type: unknown) => type === "RuntimeDefault" || type === "Localhost"
const profileOf = (holder: Fields) => mapAt(holder, "seccompProfile")["type"]

function seccomp({ context, containers }: Pod): Violation | undefined {
  const isWrong = (type: unknown) => type !== undefined && !isProfile(type)
  const bad = containers.filter((container) => isWrong(profileOf(contextOf(container))))
  const subject = setters(isWrong(profileOf(context)), bad)
  if (subject === undefined) return undefined
  const types = [profileOf(context), ...bad.map((one) => profileOf(contextOf(one)))].filter(isWrong)
  const detail = `${subject} must not set securityContext.seccompProfile.type to ${quoted(sorted(types))}`
  return { reason: "seccompProfile", detail }
}

function someSeccomp(pod: Pod): Violation | undefined {
  const { context, containers, isWindows, minor } = pod
  if (isWindows && minor >= 25) return undefined
  const wrong = seccomp(pod)
  if (wrong !== undefined || isProfile(profileOf(context))) return wrong
  const bad = containers.filter((container) => profileOf(contextOf(container)) === undefined)
  if (bad.length === 0) return undefined
  const must = 'must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost"'
  return { reason: "seccompProfile", detail: `pod or ${those(bad)} ${must}` }
}

const sysctlsSince: readonly (readonly [number, readonly string[]])[] = [
  [0, ["kernel.shm_rmid_forced", "net.ipv4.ip_local_port_range", "net.ipv4.tcp_syncookies"]],
  [0, ["net.ipv4.ping_group_range", "net.ipv4.ip_unprivileged_port_start"]],
  [27, ["net.ipv4.ip_local_reserved_ports"]],
  [29, ["net.ipv4.tcp_keepalive_time", "net.ipv4.tcp_fin_timeout"]],
  [29, ["net.ipv4.tcp_keepalive_intvl", "net.ipv4.tcp_keepalive_probes"]],
  [32, ["net.ipv4.tcp_rmem", "net.ipv4.tcp_wmem"]],
  [37, ["net.ipv4.tcp_slow_start_after_idle", "net.ipv4.tcp_notsent_lowat"]],
]

function sysctls({ context, minor }: Pod): Violation | undefined {
  const allowed = new Set(sysctlsSince.flatMap(([since, names]) => (minor >= since ? names : [])))
  const bad = namesOf(listAt(context, "sysctls")).filter((name) => !allowed.has(name))
  return bad.length === 0 ? undefined : { reason: "forbidden sysctls", detail: bad.join(", ") }
}

function hostProcess({ context, containers }: Pod): Violation | undefined {
  const isHost = (holder: Fields) => mapAt(holder, "windowsOptions")["hostProcess"] === true
  const subject = setters(
    isHost(context),
    containers.filter((container) => isHost(contextOf(container))),
  )
  if (subject === undefined) return undefined
  return { reason: "hostProcess", detail: `${subject} must not set securityContext.windowsOptions.hostProcess=true` }
}

const plainVolumes = new Set(
  "configMap csi downwardAPI emptyDir ephemeral image persistentVolumeClaim projected secret".split(" "),
)

function volumes({ spec }: Pod): Violation | undefined {
  const typeOf = (volume: Fields) => Object.keys(volume).find((key) => key !== "name") ?? "unknown"
  const bad = listAt(spec, "volumes").filter((volume) => !plainVolumes.has(typeOf(volume)))
  if (bad.length === 0) return undefined
  const types = sorted(bad.map(typeOf))
  const word = `restricted volume type${types.length === 1 ? "" : "s"}`
  const detail = `${named("volume", namesOf(bad))} ${bad.length === 1 ? "uses" : "use"} ${word} ${quoted(types)}`
  return { reason: "restricted volume types", detail }
}

function nonRoot({ context, containers, isApart, minor }: Pod): Violation | undefined {
  if (isApart && minor >= 35) return undefined
  const bad = containers.filter((container) => contextOf(container)["runAsNonRoot"] === false)
  const subject = setters(context["runAsNonRoot"] === false, bad)
  const reason = "runAsNonRoot != true"
  if (subject !== undefined) return { reason, detail: `${subject} must not set securityContext.runAsNonRoot=false` }
  if (context["runAsNonRoot"] === true) return undefined
  const silent = containers.filter((container) => contextOf(container)["runAsNonRoot"] === undefined)
  if (silent.length === 0) return undefined
  return { reason, detail: `pod or ${those(silent)} must set securityContext.runAsNonRoot=true` }
}

function rootUser({ context, containers, isApart, minor }: Pod): Violation | undefined {
  if (isApart && minor >= 35) return undefined
  const isRoot = (holder: Fields) => holder["runAsUser"] === 0
  const subject = setters(
    isRoot(context),
    containers.filter((container) => isRoot(contextOf(container))),
  )
  return subject === undefined ? undefined : { reason: "runAsUser=0", detail: `${subject} must not set runAsUser=0` }
}

/** All checks, in the order in which they are told. */
const checks: readonly Check[] = [
  { level: "baseline", since: 0, judge: appArmor },
  { level: "baseline", since: 0, unless: 22, judge: capabilities },
  { level: "baseline", since: 0, judge: hostNamespaces },
  { level: "baseline", since: 0, unless: 0, judge: hostPaths },
  { level: "baseline", since: 0, judge: hostPorts },
  { level: "baseline", since: 34, judge: hostHandlers },
  { level: "baseline", since: 0, judge: privileged },
  { level: "baseline", since: 0, unless: 35, judge: (pod) => procMount(pod, false) },
  { level: "baseline", since: 0, judge: seLinux },
  { level: "baseline", since: 19, unless: 19, judge: seccomp },
  { level: "baseline", since: 0, judge: sysctls },
  { level: "baseline", since: 0, judge: hostProcess },
  { level: "restricted", since: 8, judge: escalation },
  { level: "restricted", since: 22, judge: fewCapabilities },
  { level: "restricted", since: 35, judge: (pod) => procMount(pod, true) },
  { level: "restricted", since: 0, judge: volumes },
  { level: "restricted", since: 0, judge: nonRoot },
  { level: "restricted", since: 23, judge: rootUser },
  { level: "restricted", since: 19, judge: someSeccomp },
]

/** What about a Pod a level does not allow, as it was in a minor version of Kubernetes. */
export function violationsOf(
  spec: Fields,
  annotations: Readonly<Record<string, unknown>>,
  { level, minor }: { readonly level: Level; readonly minor: number },
): readonly Violation[] {
  if (level === "privileged") return []
  const kinds = ["initContainers", "containers", "ephemeralContainers"]
  const pod: Pod = {
    ...{ spec, annotations, minor, context: contextOf(spec) },
    containers: kinds.flatMap((key) => listAt(spec, key)),
    isWindows: mapAt(spec, "os")["name"] === "windows",
    isApart: spec["hostUsers"] === false,
  }
  const isRestricted = level === "restricted"
  return checks
    .filter(({ since, unless, ...check }) => {
      if (minor < since || (check.level === "restricted" && !isRestricted)) return false
      return !isRestricted || unless === undefined || minor < unless
    })
    .flatMap(({ judge }) => judge(pod) ?? [])
}
