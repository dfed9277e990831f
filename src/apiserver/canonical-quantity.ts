const decimals = ["n", "u", "m", "", "k", "M", "G", "T", "P", "E"] as const
const binaries = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"] as const

/** A resource quantity as the server writes it: `0.5` is `500m`, `1024Mi` is `1Gi`. What is no quantity stays. */
export function canonicalQuantity(value: string | number): string {
  const text = String(value)
  const match = /^([+-]?)(\d*)(?:\.(\d*))?(?:([eE])([+-]?\d+)|([numkMGTPE]|[KMGTPE]i)?)$/.exec(text)
  if (match === null || `${match[2]}${match[3] ?? ""}` === "") return text
  const [, sign = "", whole = "", fraction = "", isPower, power = "0", suffix = ""] = match
  const digits = BigInt(`${whole}${fraction}`)
  if (digits === 0n) return "0"
  const minus = sign === "-" ? "-" : ""
  if (suffix.endsWith("i")) return `${minus}${binary(digits, fraction.length, binaries.indexOf(suffix as "Ki"))}` // a suffix by the pattern
  const exponent = Number(power) - fraction.length + 3 * (decimals.indexOf(suffix as "") - 3) // as above
  return `${minus}${decimal(digits, exponent, isPower !== undefined)}`
}

function decimal(digits: bigint, exponent: number, isPower: boolean): string {
  let [number, at] = [digits, exponent]
  // Finer than a billionth is rounded up.
  for (; at < -9; at++) number = number / 10n + (number % 10n === 0n ? 0n : 1n)
  while (number % 10n === 0n && at < 18) {
    number /= 10n
    at++
  }
  const step = Math.min(Math.floor(at / 3) * 3, isPower ? at : 18)
  number *= 10n ** BigInt(at - step)
  if (isPower) return step === 0 ? `${number}` : `${number}e${step}`
  return `${number}${decimals[step / 3 + 3] ?? ""}`
}

function binary(digits: bigint, fractionDigits: number, power: number): string {
  const scaled = digits * 1024n ** BigInt(power)
  const divisor = 10n ** BigInt(fractionDigits)
  let number = scaled / divisor
  if (scaled % divisor !== 0n || number < 1024n) return decimal(scaled, -fractionDigits, false)
  let suffix = 0
  while (number % 1024n === 0n && suffix < 6) {
    number /= 1024n
    suffix++
  }
  return `${number}${binaries[suffix] ?? ""}`
}
