import { isCidr, isIpv4, isIpv6 } from "./crd-formats.ts"

interface Address {
  readonly family: 4 | 6
  readonly bits: number
  readonly value: bigint
  readonly text: string
  /** Whether it is inside of one of these blocks. */
  isIn(blocks: readonly string[]): boolean
}

interface Cidr {
  readonly family: 4 | 6
  readonly address: Address
  readonly prefix: number
  readonly text: string
  /** The block with its host bits cleared. */
  readonly masked: string
  contains(family: number, value: bigint, prefix: number): boolean
}

/** An IP address by its text; undefined when it is none. */
export function addressOf(text: string): Address | undefined {
  if (isIpv4(text))
    return address(
      4,
      text.split(".").reduce((total, part) => total * 256n + BigInt(part), 0n),
    )
  return isIpv6(text) ? address(6, valueOf6(text)) : undefined
}

function address(family: 4 | 6, value: bigint): Address {
  const bits = family === 4 ? 32 : 128
  return {
    family,
    bits,
    value,
    text: family === 4 ? text4(value) : text6(value),
    isIn: (blocks) => blocks.some((block) => cidrOf(block)?.contains(family, value, bits) ?? false),
  }
}

/** A block of addresses by its text; undefined when it is none. */
export function cidrOf(text: string): Cidr | undefined {
  if (!isCidr(text)) return undefined
  const [base = "", length = ""] = text.split("/")
  const first = addressOf(base)
  if (first === undefined) return undefined
  const { family, bits, value } = first
  const prefix = Number(length)
  const hostBits = BigInt(bits - prefix)
  return {
    family,
    address: first,
    prefix,
    text: `${first.text}/${prefix}`,
    masked: `${address(family, (value >> hostBits) << hostBits).text}/${prefix}`,
    contains: (other, inner, innerPrefix) =>
      other === family && innerPrefix >= prefix && inner >> hostBits === value >> hostBits,
  }
}

/** True when an address is written as it is printed. */
export function isCanonicalAddress(text: string): boolean {
  return addressOf(text)?.text === text
}

function valueOf6(text: string): bigint {
  const canonical = new URL(`http://[${text}]/`).hostname.slice(1, -1)
  const [head = "", tail] = canonical.split("::")
  const groups = (part: string) => (part === "" ? [] : part.split(":").map((group) => BigInt(`0x${group}`)))
  const [front, back] = [groups(head), tail === undefined ? [] : groups(tail)]
  const middle = Array.from({ length: 8 - front.length - back.length }, () => 0n)
  return [...front, ...middle, ...back].reduce((total, group) => (total << 16n) + group, 0n)
}

function text4(value: bigint): string {
  return [24n, 16n, 8n, 0n].map((shift) => String((value >> shift) & 255n)).join(".")
}

function text6(value: bigint): string {
  const groups = Array.from({ length: 8 }, (_, i) => ((value >> BigInt(112 - 16 * i)) & 0xffffn).toString(16))
  return new URL(`http://[${groups.join(":")}]/`).hostname.slice(1, -1)
}
