import { isRecord, type KubeObject, parseQuantity, type StatusCause } from "../kube/mod.ts"
import { addressOf, cidrOf } from "./cel-net.ts"
import { type Fields, textAt } from "./fields.ts"
import {
  duplicate,
  forbidden,
  invalidValue,
  labelProblems,
  labelValueProblems,
  pathSegmentProblems,
  portNameProblems,
  qualifiedNameProblems,
  required,
  subdomainProblem,
  unsupported,
} from "./names.ts"

/** What is wrong with one struct of a type, wherever it is; `root` is the object that it is a part of. */
export type Check = (value: Fields, at: string, root: KubeObject) => readonly StatusCause[]

/** What is wrong with one member of a struct; not asked when there is none. */
export type MemberCheck = (value: unknown, field: string) => readonly StatusCause[]

/** What types allow beyond what was learnt, by the last three parts of their names. */
export type Checks = Readonly<Record<string, Check>>

/** Why a text is not what it should be; nothing when it is. */
type Problems = (text: string) => readonly string[]

/** A check of a type by checks of its members. */
export function members(checks: Readonly<Record<string, MemberCheck>>): Check {
  return (value, at) =>
    Object.entries(checks).flatMap(([name, check]) =>
      value[name] === undefined || value[name] === null ? [] : check(value[name], under(at, name)),
    )
}

/** Several checks of one type, in order. */
export function all(...checks: readonly Check[]): Check {
  return (value, at, root) => checks.flatMap((check) => check(value, at, root))
}

/** `name` below a place. */
export function under(at: string, name: string): string {
  return at === "" ? name : `${at}.${name}`
}

/** A text that is there must be of this sort. */
export function texts(problems: Problems): MemberCheck {
  return (value, field) =>
    typeof value !== "string" || value === "" ? [] : problems(value).map((why) => invalidValue(field, value, why))
}

/** As `texts`, and the empty text counts. */
export function anyTexts(problems: Problems): MemberCheck {
  return (value, field) =>
    value === "" ? problems("").map((why) => invalidValue(field, "", why)) : texts(problems)(value, field)
}

/** Each item of a list. */
export function each(check: MemberCheck): MemberCheck {
  return (value, field) =>
    Array.isArray(value) ? value.flatMap((item, index) => check(item, `${field}[${index}]`)) : []
}

/** Several checks of one member. */
export function both(...checks: readonly MemberCheck[]): MemberCheck {
  return (value, field) => checks.flatMap((check) => check(value, field))
}

/** A number within a range. */
export function within(min: number, max: number, why = `must be between ${min} and ${max}, inclusive`): MemberCheck {
  return (value, field) =>
    typeof value === "number" && (value < min || value > max) ? [invalidValue(field, value, why)] : []
}

/** One of some texts. */
export function oneOf(...allowed: readonly string[]): MemberCheck {
  return (value, field) => (allowed.includes(String(value)) ? [] : [unsupported(field, value, allowed)])
}

/** No item of a list twice; `key` is the member that tells them apart. */
export function unique(key?: string): MemberCheck {
  return (value, field) => {
    const seen = new Set<unknown>()
    return (Array.isArray(value) ? value : []).flatMap((item, index): StatusCause[] => {
      const own = key === undefined ? item : isRecord(item) ? (item[key] ?? "") : undefined
      const isTwice = seen.has(own)
      seen.add(own)
      return isTwice ? [duplicate(key === undefined ? `${field}[${index}]` : `${field}[${index}].${key}`, own)] : []
    })
  }
}

/** At most `max` items or characters. */
export function atMost(max: number, what: "items" | "bytes" = "bytes"): MemberCheck {
  return (value, field) => {
    if (what === "items") return Array.isArray(value) && value.length > max ? [tooMany(field, value.length, max)] : []
    return typeof value === "string" && Buffer.byteLength(value) > max ? [tooLong(field, max)] : []
  }
}

/** A cause for a text that is too long. */
export function tooLong(field: string, max: number): StatusCause {
  return { reason: "FieldValueTooLong", message: `Too long: may not be more than ${max} bytes`, field }
}

/** A cause for a list that is too long. */
export function tooMany(field: string, count: number, max: number): StatusCause {
  return { reason: "FieldValueTooMany", message: `Too many: ${count}: must have at most ${max} items`, field }
}

/** A quantity of nothing or more; `above`: of more than nothing. */
export function amount(why: string, isPositive = false): MemberCheck {
  return (value, field) => {
    const number = parseQuantity(value) ?? 0
    return number < 0 || (isPositive && number === 0) ? [invalidValue(field, value, why)] : []
  }
}

/** Some of several members must not be there together; all but the first are told. */
export function notBeside(value: Fields, names: readonly string[]): readonly string[] {
  return names.filter((name) => value[name] !== undefined)
}

const maybe = (problem: string | undefined): readonly string[] => (problem === undefined ? [] : [problem])

/** A DNS label. */
export const label: Problems = (text) => labelProblems(text)

/** A DNS subdomain. */
export const subdomain: Problems = (text) => maybe(subdomainProblem(text))

/** A name that may have a prefix. */
export const qualified: Problems = (text) => qualifiedNameProblems(text)

/** The key of a label. */
export const labelKey: Problems = (text) => qualifiedNameProblems(text)

/** The value of a label. */
export const labelValue: Problems = (text) => labelValueProblems(text)

/** A part of a path. */
export const segment: Problems = (text) => pathSegmentProblems(text)

/** The name of a port. */
export const portName: Problems = (text) => portNameProblems(text)

const wildcardPattern = "\\*\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*"

/** A subdomain whose first part is a star. */
export const wildcard: Problems = (text) =>
  new RegExp(`^${wildcardPattern}$`).test(text)
    ? []
    : [
        `a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character (e.g. '*.example.com', regex used for validation is '${wildcardPattern}')`,
      ]

/** An IP address as it always was allowed. */
export const address: Problems = (text) => {
  if (addressOf(text) === undefined) return ["must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)"]
  return /^::ffff:\d+\.\d+\.\d+\.\d+$/i.test(text) ? ["must not be an IPv4-mapped IPv6 address"] : []
}

/** An IP address as it is written best. */
export const strictAddress: Problems = (text) => {
  const problems = address(text)
  const canonical = addressOf(text)?.text
  if (problems.length > 0 || canonical === text) return problems
  return [`must be in canonical form (${JSON.stringify(canonical)})`]
}

/** A block of addresses. */
export const block: Problems = (text) => {
  const found = cidrOf(text)
  if (found === undefined) return ["must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)"]
  return found.text === found.masked ? [] : ["must not have bits set beyond the prefix length"]
}

const httpPath = "[A-Za-z0-9/\\-._~%!$&'()*+,;=:]+"

/** `acme.io/foo`. */
export function domainPath(value: unknown, field: string): readonly StatusCause[] {
  const text = String(value)
  if (text === "") return [required(field)]
  const at = text.indexOf("/")
  const [host, path] = at === -1 ? ["", ""] : [text.slice(0, at), text.slice(at + 1)]
  if (host === "" || path === "") {
    return [invalidValue(field, text, 'must be a domain-prefixed path (such as "acme.io/foo")')]
  }
  const causes = subdomain(host).map((why) => invalidValue(field, host, why))
  if (new RegExp(`^${httpPath}$`).test(path)) return causes
  return [...causes, invalidValue(field, path, `Invalid path (regex used for validation is '${httpPath}')`)]
}

/** Labels, or what must be chosen by labels. */
export function labels(value: unknown, field: string): readonly StatusCause[] {
  return Object.entries(isRecord(value) ? value : {}).flatMap(([key, text]) => [
    ...labelKey(key).map((why) => invalidValue(field, key, why)),
    ...labelValue(String(text)).map((why) => invalidValue(field, text, why)),
  ])
}

/** A struct that must have a name, or whatever the member is. */
export function need(value: Fields, at: string, name: string, why = ""): readonly StatusCause[] {
  return textAt(value, name) === "" ? [required(under(at, name), why)] : []
}

/** A number or a part in per cent; `why` tells what is below nothing. */
export function countOrPercent(value: unknown, field: string): readonly StatusCause[] {
  if (typeof value === "number") {
    return value < 0 ? [invalidValue(field, value, "must be greater than or equal to 0")] : []
  }
  if (/^\d+%$/.test(String(value))) return []
  const why =
    "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')"
  return [invalidValue(field, value, why)]
}

/** At most all. */
export function notAboveAll(value: unknown, field: string): readonly StatusCause[] {
  const percent = /^(\d+)%$/.exec(String(value))?.[1]
  return Number(percent ?? 0) > 100 ? [invalidValue(field, value, "must not be greater than 100%")] : []
}

/** Members that are there though another one says that they must not be. */
export function mustNot(value: Fields, at: string, names: readonly string[], why: string): readonly StatusCause[] {
  return names.filter((name) => value[name] !== undefined).map((name) => forbidden(under(at, name), why))
}
