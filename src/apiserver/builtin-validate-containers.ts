import { parseQuantity, type StatusCause } from "../kube/mod.ts"
import { pathProblem } from "./builtin-validate-volumes.ts"
import { type Fields, listAt, mapAt, numberAt, textAt } from "./fields.ts"
import { duplicate, forbidden, invalidValue, notThere, portNameProblems, required, subdomainProblem } from "./names.ts"

const portRange = "must be between 1 and 65535, inclusive"

/** What is wrong with one container: its ports, variables, probes, hooks, mounts and resources. */
export function containerCauses(
  container: Fields,
  { at, volumes }: { readonly at: string; readonly volumes: ReadonlySet<string> },
): readonly StatusCause[] {
  const image = textAt(container, "image")
  // A template may say what no Pod may.
  const isTidy = image === image.trim() || at.startsWith("spec.template") || at.startsWith("spec.jobTemplate")
  const why = "must not have leading or trailing whitespace"
  return [
    ...(isTidy ? [] : [invalidValue(`${at}.image`, image, why)]),
    ...portCauses(container, at),
    ...listAt(container, "env").flatMap((entry, index) => variableCauses(entry, `${at}.env[${index}]`)),
    ...sourceCauses(container, at),
    ...mountCauses(container, at, volumes),
    ...probesCauses(container, at),
    ...resourceCauses(container, at),
    ...escalationCauses(container, at),
  ]
}

function portCauses(container: Fields, at: string): readonly StatusCause[] {
  const names = new Set<string>()
  return listAt(container, "ports").flatMap((port, index): StatusCause[] => {
    const [field, name] = [`${at}.ports[${index}]`, textAt(port, "name")]
    const problems = name === "" ? [] : portNameProblems(name)
    const causes = problems.map((why) => invalidValue(`${field}.name`, name, why))
    if (problems.length === 0 && names.has(name)) causes.push(duplicate(`${field}.name`, name))
    if (name !== "") names.add(name)
    for (const member of ["containerPort", "hostPort"]) {
      const number = numberAt(port, member)
      if (number > 65_535) causes.push(invalidValue(`${field}.${member}`, number, portRange))
    }
    return causes
  })
}

const variableSources = ["fieldRef", "resourceFieldRef", "configMapKeyRef", "secretKeyRef", "fileKeyRef"] as const
const podFields = new Set([
  ...["metadata.annotations", "metadata.labels", "metadata.name", "metadata.namespace", "metadata.uid"],
  ...["spec.hostNetwork", "spec.nodeName", "spec.restartPolicy", "spec.schedulerName", "spec.serviceAccountName"],
  ...["status.hostIP", "status.hostIPs", "status.nominatedNodeName", "status.phase", "status.podIP", "status.podIPs"],
])

function variableCauses(entry: Fields, at: string): readonly StatusCause[] {
  const [name, from] = [textAt(entry, "name"), mapAt(entry, "valueFrom")]
  const causes: StatusCause[] = []
  if (name !== "" && !/^[ -<>-~]+$/.test(name)) {
    const why = "a valid environment variable name must consist only of printable ASCII characters other than '='"
    causes.push(invalidValue(`${at}.name`, name, why))
  }
  if (entry["valueFrom"] === undefined) return causes
  const field = `${at}.valueFrom`
  const given = variableSources.filter((source) => from[source] !== undefined)
  if (given.length === 0) {
    const list = variableSources.map((source) => `\`${source}\``)
    const why = `must specify one of: ${list.slice(0, -1).join(", ")} or ${list.at(-1)}`
    causes.push(invalidValue(field, "", why))
  } else if (textAt(entry, "value") !== "") {
    causes.push(invalidValue(field, "", "may not be specified when `value` is not empty"))
  } else if (given.length > 1) {
    causes.push(invalidValue(field, "", "may not have more than one field specified at a time"))
  }
  const path = textAt(mapAt(from, "fieldRef"), "fieldPath")
  if (path !== "" && !podFields.has(path.replace(/\['[^']*'\]$/, ""))) {
    const why = `error converting fieldPath: field label not supported: ${path}`
    causes.push(invalidValue(`${field}.fieldRef.fieldPath`, path, why))
  }
  for (const source of ["configMapKeyRef", "secretKeyRef"].filter((one) => from[one] !== undefined)) {
    const called = textAt(mapAt(from, source), "name")
    const problem = subdomainProblem(called)
    if (problem !== undefined) causes.push(invalidValue(`${field}.${source}.name`, called, problem))
  }
  return causes
}

function sourceCauses(container: Fields, at: string): readonly StatusCause[] {
  const isNothing = (from: Fields) => from["configMapRef"] === undefined && from["secretRef"] === undefined
  return listAt(container, "envFrom")
    .filter(isNothing)
    .map(() => invalidValue(`${at}.envFrom`, "", "must specify one of: `configMapRef` or `secretRef`"))
}

function mountCauses(container: Fields, at: string, volumes: ReadonlySet<string>): readonly StatusCause[] {
  const paths = new Set<string>()
  const twice = listAt(container, "volumeMounts").flatMap((mount, index): StatusCause[] => {
    const path = textAt(mount, "mountPath")
    const isTwice = paths.has(path)
    paths.add(path)
    const problem = pathProblem(textAt(mount, "subPath"))
    return [
      ...(isTwice ? [invalidValue(`${at}.volumeMounts[${index}].mountPath`, path, "must be unique")] : []),
      ...(problem === undefined ? [] : [invalidValue(`${at}.volumeMounts.subPath`, mount["subPath"], problem)]),
    ]
  })
  const unknown = ["volumeMounts", "volumeDevices"].flatMap((member) =>
    listAt(container, member).flatMap((mount, index): StatusCause[] => {
      const name = textAt(mount, "name")
      return volumes.has(name) ? [] : [notThere(`${at}.${member}[${index}].name`, name)]
    }),
  )
  return [...unknown, ...twice]
}

function probesCauses(container: Fields, at: string): readonly StatusCause[] {
  const probes = ["livenessProbe", "readinessProbe", "startupProbe"].filter((name) => container[name] !== undefined)
  const lifecycle = mapAt(container, "lifecycle")
  const hooks = ["postStart", "preStop"].filter((name) => lifecycle[name] !== undefined)
  return [
    ...probes.flatMap((name) => {
      const probe = mapAt(container, name)
      const successes = numberAt(probe, "successThreshold", 1)
      const isWrong = name !== "readinessProbe" && successes > 1
      return [
        ...handlerCauses(probe, `${at}.${name}`, ["exec", "httpGet", "tcpSocket", "grpc"]),
        ...(isWrong ? [invalidValue(`${at}.${name}.successThreshold`, successes, "must be 1")] : []),
      ]
    }),
    ...hooks.flatMap((name) =>
      handlerCauses(mapAt(lifecycle, name), `${at}.lifecycle.${name}`, ["exec", "httpGet", "tcpSocket", "sleep"]),
    ),
  ]
}

function handlerCauses(handler: Fields, at: string, kinds: readonly string[]): readonly StatusCause[] {
  const given = kinds.filter((kind) => handler[kind] !== undefined)
  if (given.length === 0) return [required(at, "must specify a handler type")]
  const more = given.slice(1).map((kind) => forbidden(`${at}.${kind}`, "may not specify more than 1 handler type"))
  const ports = given.slice(0, 1).filter((kind) => kind === "httpGet" || kind === "tcpSocket")
  return [...more, ...ports.flatMap((kind) => targetCauses(mapAt(handler, kind)["port"] ?? 0, `${at}.${kind}.port`))]
}

function targetCauses(port: unknown, field: string): readonly StatusCause[] {
  if (typeof port === "string") return portNameProblems(port).map((why) => invalidValue(field, port, why))
  const isPort = typeof port === "number" && port >= 1 && port <= 65_535
  return isPort ? [] : [invalidValue(field, port, portRange)]
}

const ofContainers = /^(cpu|memory|ephemeral-storage|hugepages-.+)$/

function resourceCauses(container: Fields, at: string): readonly StatusCause[] {
  const [limits, requests] = [mapAt(container, "resources", "limits"), mapAt(container, "resources", "requests")]
  const all = { ...limits, ...requests }
  const isHuge = Object.keys(all).some((name) => name.startsWith("hugepages-"))
  const isAlone = isHuge && all["cpu"] === undefined && all["memory"] === undefined
  const above = Object.entries(requests).flatMap(([name, request]) => {
    const limit = limits[name]
    if (limit === undefined || (parseQuantity(request) ?? 0) <= (parseQuantity(limit) ?? 0)) return []
    return [
      invalidValue(`${at}.resources.requests`, request, `must be less than or equal to ${name} limit of ${limit}`),
    ]
  })
  return [
    ...amountCauses(limits, `${at}.resources.limits`),
    ...amountCauses(requests, `${at}.resources.requests`),
    ...above,
    ...(isAlone ? [forbidden(`${at}.resources`, "HugePages require cpu or memory")] : []),
  ]
}

function amountCauses(amounts: Fields, at: string): readonly StatusCause[] {
  return Object.entries(amounts).flatMap(([name, amount]): StatusCause[] => {
    const [field, number] = [`${at}[${name}]`, parseQuantity(amount) ?? 0]
    if (!name.includes("/") && !ofContainers.test(name)) {
      const texts = [
        "must be a standard resource for containers",
        "must be a standard resource type or fully qualified",
      ]
      return texts.map((why) => invalidValue(field, name, why))
    }
    if (number < 0) return [invalidValue(field, amount, "must be greater than or equal to 0")]
    const isWhole = !name.includes("/") || Number.isInteger(number)
    return isWhole ? [] : [invalidValue(field, amount, "must be an integer")]
  })
}

function escalationCauses(container: Fields, at: string): readonly StatusCause[] {
  const context = mapAt(container, "securityContext")
  if (context["privileged"] !== true || context["allowPrivilegeEscalation"] !== false) return []
  const members = [
    ...["capabilities", "privileged", "seLinuxOptions", "windowsOptions", "runAsUser", "runAsGroup", "runAsNonRoot"],
    ...["readOnlyRootFilesystem", "allowPrivilegeEscalation", "procMount", "seccompProfile", "appArmorProfile"],
  ]
  const shown = Object.fromEntries(members.map((key) => [goName(key), context[key] ?? null]))
  const why = "cannot set `allowPrivilegeEscalation` to false and `privileged` to true"
  return [invalidValue(`${at}.securityContext`, shown, why)]
}

function goName(key: string): string {
  return key === "seLinuxOptions" ? "SELinuxOptions" : `${key.charAt(0).toUpperCase()}${key.slice(1)}`
}
