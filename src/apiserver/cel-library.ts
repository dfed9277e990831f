import { nameProblem } from "../kube/mod.ts"
import { addressOf, cidrOf, isCanonicalAddress } from "./cel-net.ts"
import { quantityOf } from "./cel-quantity.ts"
import { CelFault, CelOpaque, CelOptional } from "./cel-values.ts"
import { isCidr, isIpv4, isIpv6, stringFormats } from "./crd-formats.ts"

interface Call {
  readonly target: unknown
  readonly args: readonly unknown[]
}
type Function = (call: Call) => unknown

function opaque<T>(type: string, read: (data: T, args: readonly unknown[], text: string) => unknown): Function {
  return ({ target, args }) => {
    if (!(target instanceof CelOpaque) || target.type !== type) return undefined
    return read(target.data as T, args, target.text) // the constructors below give each type its data
  }
}

function made<T>(
  type: string,
  make: (text: string) => { readonly text: string; readonly data: T } | undefined,
): Function {
  return ({ args: [text] }) => {
    if (text instanceof CelOpaque && text.type === type) return text
    if (typeof text !== "string") return undefined
    const found = make(text)
    if (found === undefined) throw new CelFault(`${type} ${JSON.stringify(text)} is not valid`)
    return new CelOpaque(type, found.text, found.data)
  }
}

const ofUrl = (read: (url: URL) => unknown) => opaque<URL>("kubernetes.URL", read)
const parseUrl = (text: string) =>
  /^([A-Za-z][A-Za-z0-9+.-]*:\/\/|\/)\S*$/.test(text) && URL.canParse(text, "relative://")
    ? { text, data: new URL(text, "relative://") }
    : undefined

const urls: Readonly<Record<string, Function>> = {
  url: made("kubernetes.URL", parseUrl),
  isURL: ({ args: [text] }) => (typeof text === "string" ? parseUrl(text) !== undefined : undefined),
  ".getScheme": ofUrl((url) => (url.protocol === "relative:" ? "" : url.protocol.replace(/:$/, ""))),
  ".getHost": ofUrl((url) => url.host),
  ".getHostname": ofUrl((url) => url.hostname.replace(/^\[|\]$/g, "")),
  ".getPort": ofUrl((url) => url.port),
  ".getEscapedPath": ofUrl((url) => url.pathname),
  ".getQuery": ofUrl((url) => new Map([...url.searchParams.keys()].map((key) => [key, url.searchParams.getAll(key)]))),
}

type Address = NonNullable<ReturnType<typeof addressOf>>
type Cidr = NonNullable<ReturnType<typeof cidrOf>>
const ofAddress = (read: (address: Address) => unknown) => opaque<Address>("net.IP", read)
const ofCidr = (read: (cidr: Cidr, args: readonly unknown[]) => unknown) => opaque<Cidr>("net.CIDR", read)
const parseAddress = (text: string) => {
  const data = addressOf(text)
  return data && { text: data.text, data }
}
const parseCidr = (text: string) => {
  const data = cidrOf(text)
  return data && { text: data.text, data }
}
const addressIn = (value: unknown): Address | undefined =>
  addressOf(value instanceof CelOpaque ? value.text : String(value))
const cidrIn = (value: unknown): Cidr | undefined => cidrOf(value instanceof CelOpaque ? value.text : String(value))

const net: Readonly<Record<string, Function>> = {
  ip: made("net.IP", parseAddress),
  isIP: ({ args: [text] }) => (typeof text === "string" ? isIpv4(text) || isIpv6(text) : undefined),
  "ip.isCanonical": ({ args: [text] }) => (typeof text === "string" ? isCanonicalAddress(text) : undefined),
  ".family": ofAddress(({ family }) => BigInt(family)),
  ".isUnspecified": ofAddress(({ value }) => value === 0n),
  ".isLoopback": ofAddress((address) => address.isIn(["127.0.0.0/8", "::1/128"])),
  ".isLinkLocalMulticast": ofAddress((address) => address.isIn(["224.0.0.0/24", "ff02::/16"])),
  ".isLinkLocalUnicast": ofAddress((address) => address.isIn(["169.254.0.0/16", "fe80::/10"])),
  ".isGlobalUnicast": ofAddress(
    (address) =>
      address.value !== 0n &&
      !address.isIn([
        "255.255.255.255/32",
        "127.0.0.0/8",
        "::1/128",
        "224.0.0.0/4",
        "ff00::/8",
        "169.254.0.0/16",
        "fe80::/10",
      ]),
  ),
  cidr: made("net.CIDR", parseCidr),
  isCIDR: ({ args: [text] }) => (typeof text === "string" ? isCidr(text) : undefined),
  ".containsIP": ofCidr((cidr, [other]) => {
    const address = addressIn(other)
    return address === undefined ? undefined : cidr.contains(address.family, address.value, address.bits)
  }),
  ".containsCIDR": ofCidr((cidr, [other]) => {
    const inner = cidrIn(other)
    return inner === undefined ? undefined : cidr.contains(inner.family, inner.address.value, inner.prefix)
  }),
  ".prefixLength": ofCidr(({ prefix }) => BigInt(prefix)),
  ".ip": ofCidr(({ address }) => new CelOpaque("net.IP", address.text, address)),
  ".masked": ofCidr(({ masked }) => {
    const data = cidrOf(masked)
    return data && new CelOpaque("net.CIDR", data.text, data)
  }),
}

type Quantity = NonNullable<ReturnType<typeof quantityOf>>
const type = "kubernetes.Quantity"
const ofQuantity = (read: (nanos: bigint, args: readonly unknown[]) => unknown) =>
  opaque<Quantity>(type, ({ nanos }, args) => read(nanos, args))
const scale = 1_000_000_000n
const quantityFrom = (nanos: bigint) => new CelOpaque(type, String(nanos), { nanos })
const nanosOf = (value: unknown): bigint => {
  if (typeof value === "bigint") return value * scale
  if (value instanceof CelOpaque && value.type === type) return BigInt(value.text)
  throw new CelFault("no such overload")
}
const parseQuantity = (text: string) => {
  const data = quantityOf(text)
  return data && { text: String(data.nanos), data }
}

const quantities: Readonly<Record<string, Function>> = {
  quantity: made(type, parseQuantity),
  isQuantity: ({ args: [text] }) => (typeof text === "string" ? quantityOf(text) !== undefined : undefined),
  ".isInteger": ofQuantity((nanos) => nanos % scale === 0n),
  ".asInteger": ofQuantity((nanos) => {
    if (nanos % scale !== 0n) throw new CelFault("cannot convert value to integer")
    return nanos / scale
  }),
  ".asApproximateFloat": ofQuantity((nanos) => Number(nanos) / 1e9),
  ".sign": ofQuantity((nanos) => (nanos > 0n ? 1n : nanos < 0n ? -1n : 0n)),
  ".add": ofQuantity((nanos, [other]) => quantityFrom(nanos + nanosOf(other))),
  ".sub": ofQuantity((nanos, [other]) => quantityFrom(nanos - nanosOf(other))),
  ".isLessThan": ofQuantity((nanos, [other]) => nanos < nanosOf(other)),
  ".isGreaterThan": ofQuantity((nanos, [other]) => nanos > nanosOf(other)),
  ".compareTo": ofQuantity((nanos, [other]) => (nanos < nanosOf(other) ? -1n : nanos > nanosOf(other) ? 1n : 0n)),
}

type Version = readonly [bigint, bigint, bigint]
const semverPattern = /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?$/
const parseSemver = (text: string) => {
  const match = semverPattern.exec(text)
  if (match === null) return undefined
  const data: Version = [BigInt(match[1] ?? 0), BigInt(match[2] ?? 0), BigInt(match[3] ?? 0)]
  return { text, data }
}
const semverOrder = (a: Version, other: unknown): bigint => {
  const b = other instanceof CelOpaque ? parseSemver(other.text)?.data : undefined
  if (b === undefined) throw new CelFault("no such overload")
  const at = a.findIndex((value, i) => value !== b[i])
  if (at < 0) return 0n
  return (a[at] ?? 0n) < (b[at] ?? 0n) ? -1n : 1n
}
const ofSemver = (read: (version: Version, args: readonly unknown[]) => unknown) =>
  opaque<Version>("kubernetes.Semver", read)

const semvers: Readonly<Record<string, Function>> = {
  semver: made("kubernetes.Semver", parseSemver),
  isSemver: ({ args: [text] }) => (typeof text === "string" ? parseSemver(text) !== undefined : undefined),
  ".major": ofSemver(([major]) => major),
  ".minor": ofSemver(([, minor]) => minor),
  ".patch": ofSemver(([, , patch]) => patch),
  ".isLessThan": ofSemver((version, [other]) => semverOrder(version, other) < 0n),
  ".isGreaterThan": ofSemver((version, [other]) => semverOrder(version, other) > 0n),
  ".compareTo": ofSemver((version, [other]) => semverOrder(version, other)),
}

const subdomain = (text: string) => nameProblem(text) === undefined
const label = (text: string) => /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(text)
const oldLabel = (text: string) => /^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$/.test(text)
const labelValue = (text: string) => /^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$/.test(text) && text.length <= 63
const qualified = (text: string) => {
  const [first = "", second, ...more] = text.split("/")
  if (more.length > 0 || (second !== undefined && !subdomain(first))) return false
  return (second ?? first) !== "" && labelValue(second ?? first)
}
const prefix = (test: (text: string) => boolean) => (text: string) => test(text.replace(/-$/, "a"))

const named: Readonly<Record<string, (text: string) => boolean>> = {
  dns1123Label: label,
  dns1123Subdomain: subdomain,
  dns1035Label: oldLabel,
  qualifiedName: qualified,
  dns1123LabelPrefix: prefix(label),
  dns1123SubdomainPrefix: prefix(subdomain),
  dns1035LabelPrefix: prefix(oldLabel),
  labelValue,
  uri: (text) => parseUrl(text) !== undefined,
  uuid: (text) => stringFormats["uuid"]?.(text) ?? false,
  byte: (text) => stringFormats["byte"]?.(text) ?? false,
  date: (text) => stringFormats["date"]?.(text) ?? false,
  datetime: (text) => stringFormats["datetime"]?.(text) ?? false,
}

const formatOf = (name: string) => new CelOpaque("kubernetes.NamedFormat", name, name)
const formats: Readonly<Record<string, Function>> = {
  ...Object.fromEntries(Object.keys(named).map((name) => [`format.${name}`, () => formatOf(name)])),
  "format.named": ({ args: [name] }) =>
    new CelOptional(Object.hasOwn(named, String(name)) ? formatOf(String(name)) : undefined),
  ".validate": opaque<string>("kubernetes.NamedFormat", (name, [text]) => {
    if (typeof text !== "string") return undefined
    return new CelOptional(named[name]?.(text) === true ? undefined : [`must be a valid ${name}`])
  }),
}

const patches: Readonly<Record<string, Function>> = {
  "jsonpatch.escapeKey": ({ args: [key] }) =>
    typeof key === "string" ? key.replaceAll("~", "~0").replaceAll("/", "~1") : undefined,
}

/** The functions that Kubernetes adds: addresses, URLs, quantities, versions, formats. */
export const libraryFunctions: Readonly<Record<string, Function>> = merged([
  ...[urls, net, quantities, semvers, formats, patches],
])

function merged(families: readonly Readonly<Record<string, Function>>[]): Readonly<Record<string, Function>> {
  const all: Record<string, Function> = {}
  for (const [name, handler] of families.flatMap((family) => Object.entries(family))) {
    const first = all[name]
    all[name] = first === undefined ? handler : (call) => first(call) ?? handler(call)
  }
  return all
}
