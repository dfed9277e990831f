import { canonicalQuantity } from "./canonical-quantity.ts"
import type { Fields } from "./fields.ts"

/** A resource quantity to count with: exact, and written in its own way afterwards. */
export interface Amount {
  readonly billionths: bigint
  readonly isBinary: boolean
}

/** Quantities by the name of what they count. */
export type Amounts = Readonly<Record<string, Amount>>

const powers: Readonly<Record<string, number>> = { n: -9, u: -6, m: -3, k: 3, M: 6, G: 9, T: 12, P: 15, E: 18 }
const binaries = ["Ki", "Mi", "Gi", "Ti", "Pi", "Ei"]
const billion = 1_000_000_000n

/** Nothing of anything. */
export const none: Amount = { billionths: 0n, isBinary: false }

/** That many. */
export function many(count: number): Amount {
  return { billionths: BigInt(count) * billion, isBinary: false }
}

/** The amount that a quantity says; none when it is no quantity. */
export function amountOf(quantity: unknown): Amount {
  const match = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d+)|([a-zA-Z]*))$/.exec(String(quantity))
  if (match === null) return none
  const [, sign = "", whole = "", fraction = "", power, suffix = ""] = match
  const digits = BigInt(`${sign}${whole}${fraction}` || "0")
  const binary = binaries.indexOf(suffix)
  if (binary >= 0) {
    const scaled = (digits * billion * 1024n ** BigInt(binary + 1)) / 10n ** BigInt(fraction.length)
    return { billionths: scaled, isBinary: true }
  }
  const exponent = 9 + Number(power ?? powers[suffix] ?? 0) - fraction.length
  const billionths = exponent >= 0 ? digits * 10n ** BigInt(exponent) : digits / 10n ** BigInt(-exponent)
  return { billionths, isBinary: false }
}

/** The amounts of a list of quantities. */
export function amountsOf(quantities: Fields): Amounts {
  return Object.fromEntries(Object.entries(quantities).map(([name, quantity]) => [name, amountOf(quantity)]))
}

/** An amount as the server writes it. */
export function amountText({ billionths, isBinary }: Amount): string {
  const bytes = billionths / billion
  const isWhole = isBinary && billionths % billion === 0n && bytes >= 1024n
  if (!isWhole) return canonicalQuantity(`${billionths}n`)
  return bytes % 1024n === 0n ? canonicalQuantity(`${bytes / 1024n}Ki`) : `${bytes}`
}

/** The sum of two amounts, written as the first; none has no way of its own. */
export function plus(a: Amount, b: Amount): Amount {
  return { billionths: a.billionths + b.billionths, isBinary: a.billionths === 0n ? b.isBinary : a.isBinary }
}

/** The greater of two amounts. */
export function greater(a: Amount, b: Amount): Amount {
  return b.billionths > a.billionths ? b : a
}

/** Two lists as one, with `how` for what is in both. */
export function combined(a: Amounts, b: Amounts, how: (a: Amount, b: Amount) => Amount): Amounts {
  const result: Record<string, Amount> = { ...a }
  for (const [name, amount] of Object.entries(b)) result[name] = a[name] === undefined ? amount : how(a[name], amount)
  return result
}

/** Those of some names. */
export function onlyNamed(amounts: Amounts, names: Iterable<string>): Amounts {
  const wanted = new Set(names)
  return Object.fromEntries(Object.entries(amounts).filter(([name]) => wanted.has(name)))
}
