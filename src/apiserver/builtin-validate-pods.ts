import { parseQuantity, type StatusCause } from "../kube/mod.ts"
import { type Fields, listAt, mapAt, numberAt, textAt } from "./fields.ts"
import { invalidValue } from "./names.ts"

const labelPattern = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/
const labelText =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')"

/** What is wrong with a Pod's containers and volumes, wherever the Pod is described. */
export function podSpecCauses(spec: Fields, at: string): readonly StatusCause[] {
  const volumes = listAt(spec, "volumes")
  const names = new Set(volumes.map((volume) => textAt(volume, "name")))
  return [
    ...nameCauses(volumes, `${at}.volumes`),
    ...["containers", "initContainers"].flatMap((member) => [
      ...nameCauses(listAt(spec, member), `${at}.${member}`),
      ...listAt(spec, member).flatMap((container, index) =>
        containerCauses(container, { at: `${at}.${member}[${index}]`, volumes: names }),
      ),
    ]),
  ]
}

function nameCauses(items: readonly Fields[], at: string): readonly StatusCause[] {
  const seen = new Set<string>()
  return items.flatMap((item, index) => {
    const name = textAt(item, "name")
    const field = `${at}[${index}].name`
    if (name === "") return []
    if (name.length > 63) return [invalidValue(field, name, "must be no more than 63 bytes")]
    if (!labelPattern.test(name)) return [invalidValue(field, name, labelText)]
    if (seen.has(name)) return [duplicate(field, name)]
    seen.add(name)
    return []
  })
}

/** A cause for what is there twice. */
export function duplicate(field: string, value: unknown): StatusCause {
  return { reason: "FieldValueDuplicate", message: `Duplicate value: ${JSON.stringify(value)}`, field }
}

function containerCauses(
  container: Fields,
  { at, volumes }: { readonly at: string; readonly volumes: ReadonlySet<string> },
): readonly StatusCause[] {
  const mounted = ["volumeMounts", "volumeDevices"].flatMap((member) =>
    listAt(container, member).flatMap((mount, index): StatusCause[] => {
      const name = textAt(mount, "name")
      if (name === "" || volumes.has(name)) return []
      const message = `Not found: ${JSON.stringify(name)}`
      return [{ reason: "FieldValueNotFound", message, field: `${at}.${member}[${index}].name` }]
    }),
  )
  return [...portCauses(container, at), ...mounted, ...resourceCauses(container, at)]
}

function portCauses(container: Fields, at: string): readonly StatusCause[] {
  return listAt(container, "ports").flatMap((port, index) =>
    ["containerPort", "hostPort"].flatMap((member) => {
      const number = numberAt(port, member)
      return number > 65_535
        ? [invalidValue(`${at}.ports[${index}].${member}`, number, "must be between 1 and 65535, inclusive")]
        : []
    }),
  )
}

function resourceCauses(container: Fields, at: string): readonly StatusCause[] {
  const limits = mapAt(container, "resources", "limits")
  return Object.entries(mapAt(container, "resources", "requests")).flatMap(([name, request]) => {
    const limit = limits[name]
    if (limit === undefined || (parseQuantity(request) ?? 0) <= (parseQuantity(limit) ?? 0)) return []
    const why = `must be less than or equal to ${name} limit of ${limit}`
    return [invalidValue(`${at}.resources.requests`, request, why)]
  })
}
