import type { KubeObject, StatusCause } from "../kube/mod.ts"
import type { Resource } from "./resource.ts"

const label = "[a-z0-9]([-a-z0-9]*[a-z0-9])?"
const subdomain = `${label}(\\.${label})*`

interface NameRule {
  readonly lengthMax: number
  readonly pattern: RegExp
  readonly text: string
}

const explain = (what: string, example: string, pattern: string) =>
  `${what} (e.g. ${example}, regex used for validation is '${pattern}')`

const subdomainRule: NameRule = {
  lengthMax: 253,
  pattern: new RegExp(`^${subdomain}$`),
  text: explain(
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character",
    "'example.com'",
    subdomain,
  ),
}

const labelRule: NameRule = {
  lengthMax: 63,
  pattern: new RegExp(`^${label}$`),
  text: explain(
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character",
    "'my-name',  or '123-abc'",
    label,
  ),
}

/** Kinds whose names are labels, since they become parts of host names or other names. */
const labels = new Set(["namespaces", "services"])
/** Names that are only a part of a path. */
const segments = new Set([
  ...["roles", "rolebindings", "clusterroles", "clusterrolebindings"].map(
    (plural) => `rbac.authorization.k8s.io/${plural}`,
  ),
  "apiregistration.k8s.io/apiservices",
  "policy/poddisruptionbudgets",
  "events",
])
/** Longest names of some kinds: what is made from them must have room for a suffix. */
const lengths: Readonly<Record<string, number>> = { "batch/cronjobs": 52 }

/** What is wrong with a name of this kind; `isPrefix` is for generateName, whose end may be anything that can go on. */
export function nameProblems(resource: Resource, name: string, isPrefix = false): readonly string[] {
  if (segments.has(resource.prefix)) return pathSegmentProblems(name, isPrefix)
  const rule = labels.has(resource.prefix) ? labelRule : subdomainRule
  const problems: string[] = []
  const tried = isPrefix && name.endsWith("-") && name.length > 1 ? `${name.slice(0, -1)}a` : name
  if (tried.length > rule.lengthMax) problems.push(`must be no more than ${rule.lengthMax} characters`)
  if (rule === labelRule && tried.includes(".") && subdomainRule.pattern.test(tried)) {
    problems.push("must not contain dots")
  } else if (!rule.pattern.test(tried)) problems.push(rule.text)
  const lengthMax = isPrefix ? undefined : lengths[resource.prefix]
  if (lengthMax !== undefined && name.length > lengthMax) problems.push(`must be no more than ${lengthMax} characters`)
  return problems
}

/** What is wrong with a text that becomes a part of a path. */
export function pathSegmentProblems(name: string, isPrefix = false): readonly string[] {
  if (!isPrefix && (name === "." || name === "..")) return [`may not be '${name}'`]
  return ["/", "%"].filter((character) => name.includes(character)).map((character) => `may not contain '${character}'`)
}

const qualifiedName = "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]"
const qualifiedPattern = new RegExp(`^${qualifiedName}$`)
const labelValue = "(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?"
const labelValuePattern = new RegExp(`^${labelValue}$`)

/** What is wrong with the key of a label, an annotation or the name of a finalizer. */
export function qualifiedNameProblems(key: string): readonly string[] {
  const parts = key.split("/")
  const problems: string[] = []
  const named = explain(
    "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
    "'MyName',  or 'my.name',  or '123-abc'",
    qualifiedName,
  )
  const [first = "", second] = parts
  if (parts.length > 2) {
    const text = explain(
      `a valid label key must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character`,
      "'MyName',  or 'my.name',  or '123-abc'",
      qualifiedName,
    )
    return [`${text} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`]
  }
  if (second !== undefined) {
    if (first === "") problems.push("prefix part must be non-empty")
    else if (!subdomainRule.pattern.test(first)) problems.push(`prefix part ${subdomainRule.text}`)
  }
  const name = second ?? first
  if (name === "") problems.push("name part must be non-empty")
  if (name.length > 63) problems.push("name part must be no more than 63 bytes")
  if (!qualifiedPattern.test(name)) problems.push(named)
  return problems
}

/** What is wrong with the value of a label. */
export function labelValueProblems(value: string): readonly string[] {
  const problems: string[] = []
  if (value.length > 63) problems.push("must be no more than 63 bytes")
  if (!labelValuePattern.test(value)) {
    problems.push(
      explain(
        "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
        "'MyValue',  or 'my_value',  or '12345'",
        labelValue,
      ),
    )
  }
  return problems
}

/** Why a text is no DNS subdomain: the name of most objects. Undefined when it is one. */
export function subdomainProblem(text: string): string | undefined {
  if (text.length > subdomainRule.lengthMax) return `must be no more than ${subdomainRule.lengthMax} characters`
  return subdomainRule.pattern.test(text) ? undefined : subdomainRule.text
}

/** Why a text is no DNS label: the name of a container or a volume. Undefined when it is one. */
export function labelProblem(text: string): string | undefined {
  return labelProblems(text)[0]
}

/** Everything that is wrong with a text as the name of a container or a volume. */
export function labelProblems(text: string): readonly string[] {
  const problems = text.length > labelRule.lengthMax ? [`must be no more than ${labelRule.lengthMax} characters`] : []
  if (labelRule.pattern.test(text)) return problems
  return [...problems, subdomainRule.pattern.test(text) ? "must not contain dots" : labelRule.text]
}

/** What is wrong with a text as a DNS label. */
export function dnsLabelProblems(text: string): readonly string[] {
  const long = text.length > labelRule.lengthMax ? [`must be no more than ${labelRule.lengthMax} bytes`] : []
  if (text.includes(".")) return [...long, "must not contain dots"]
  return labelRule.pattern.test(text) ? long : [...long, labelRule.text]
}

/** What is wrong with the name of a port. */
export function portNameProblems(name: string): readonly string[] {
  const problems: string[] = []
  if (name.length > 15) problems.push("must be no more than 15 characters")
  if (!/^[-a-z0-9]+$/.test(name))
    problems.push("must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)")
  if (!/[a-z]/.test(name)) problems.push("must contain at least one letter (a-z)")
  if (name.includes("--")) problems.push("must not contain consecutive hyphens")
  if (name.startsWith("-") || name.endsWith("-")) problems.push("must not begin or end with a hyphen")
  return problems
}

/** A cause in the server's words: `Invalid value: "x": why`. */
export function invalidValue(field: string, value: unknown, why: string): StatusCause {
  return { reason: "FieldValueInvalid", message: `Invalid value: ${JSON.stringify(value)}: ${why}`, field }
}

/** A cause for what is there twice. */
export function duplicate(field: string, value: unknown): StatusCause {
  return { reason: "FieldValueDuplicate", message: `Duplicate value: ${JSON.stringify(value)}`, field }
}

/** A cause for a name of nothing. */
export function notThere(field: string, value: unknown): StatusCause {
  return { reason: "FieldValueNotFound", message: `Not found: ${JSON.stringify(value)}`, field }
}

/** A cause for something that must not be there. */
export function forbidden(field: string, why: string): StatusCause {
  return { reason: "FieldValueForbidden", message: `Forbidden: ${why}`, field }
}

/** A cause for something that is missing. */
export function required(field: string, why = ""): StatusCause {
  return { reason: "FieldValueRequired", message: why === "" ? "Required value" : `Required value: ${why}`, field }
}

/** A cause for a value that is none of the allowed ones. */
export function unsupported(field: string, value: unknown, allowed: readonly string[]): StatusCause {
  const texts = allowed.map((one) => JSON.stringify(one)).join(", ")
  const message = `Unsupported value: ${JSON.stringify(value)}: supported values: ${texts}`
  return { reason: "FieldValueNotSupported", message, field }
}

/** The name for errors about an object that may have none yet. */
export function nameFor(object: KubeObject): string {
  return object.metadata.name ?? object.metadata.generateName ?? ""
}
