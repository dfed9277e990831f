import type { KubeObject, StatusCause } from "../kube/mod.ts"
import { duplicate } from "./builtin-validate-pods.ts"
import { type Fields, listAt, numberAt, specOf, textAt } from "./fields.ts"
import { forbidden, invalidValue, required } from "./names.ts"

const range = "must be between 1 and 65535, inclusive"

/** What is wrong with a Service: its ports, and what its type wants. */
export function serviceCauses(service: KubeObject): readonly StatusCause[] {
  const spec = specOf(service)
  const type = textAt(spec, "type")
  const ports = listAt(spec, "ports")
  const isExternal = type === "ExternalName"
  const needsPorts = !isExternal && spec["clusterIP"] !== "None"
  return [
    ...(needsPorts && ports.length === 0 ? [required("spec.ports")] : []),
    ...(isExternal && textAt(spec, "externalName") === "" ? [required("spec.externalName")] : []),
    ...ports.flatMap((port, index) => portCauses(port, { index, ports, type })),
    ...portTwins(ports),
  ]
}

function portCauses(
  port: Fields,
  { index, ports, type }: { readonly index: number; readonly ports: readonly Fields[]; readonly type: string },
): readonly StatusCause[] {
  const at = `spec.ports[${index}]`
  const name = textAt(port, "name")
  const causes: StatusCause[] = []
  if (name === "" && ports.length > 1) causes.push(required(`${at}.name`))
  if (name !== "" && ports.findIndex((other) => other["name"] === name) < index)
    causes.push(duplicate(`${at}.name`, name))
  const number = numberAt(port, "port")
  if (number === 0 || number > 65_535) causes.push(invalidValue(`${at}.port`, number, range))
  const target = port["targetPort"]
  if (typeof target === "number" && (target < 1 || target > 65_535)) {
    causes.push(invalidValue(`${at}.targetPort`, target, range))
  }
  const node = numberAt(port, "nodePort")
  if (node !== 0 && type === "ClusterIP") {
    causes.push(forbidden(`${at}.nodePort`, "may not be used when `type` is 'ClusterIP'"))
  } else if (node !== 0 && (node < 30_000 || node > 32_767)) {
    const why = "provided port is not in the valid range. The range of valid ports is 30000-32767"
    causes.push(invalidValue(`${at}.nodePort`, node, why))
  }
  return causes
}

function portTwins(ports: readonly Fields[]): readonly StatusCause[] {
  const same = (a: Fields, b: Fields) => a["port"] === b["port"] && a["protocol"] === b["protocol"]
  return ports.flatMap((port, index) => {
    if (ports.findIndex((other) => same(other, port)) === index) return []
    const shown = {
      Name: "",
      Protocol: port["protocol"],
      AppProtocol: null,
      Port: port["port"],
      TargetPort: 0,
      NodePort: 0,
    }
    return [duplicate(`spec.ports[${index}]`, shown)]
  })
}
