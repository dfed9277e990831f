const factors: Readonly<Record<string, readonly [bigint, bigint]>> = {
  n: [1n, 1n],
  u: [1_000n, 1n],
  m: [1_000_000n, 1n],
  "": [10n ** 9n, 1n],
  k: [10n ** 12n, 1n],
  M: [10n ** 15n, 1n],
  G: [10n ** 18n, 1n],
  T: [10n ** 21n, 1n],
  P: [10n ** 24n, 1n],
  E: [10n ** 27n, 1n],
  Ki: [10n ** 9n, 2n ** 10n],
  Mi: [10n ** 9n, 2n ** 20n],
  Gi: [10n ** 9n, 2n ** 30n],
  Ti: [10n ** 9n, 2n ** 40n],
  Pi: [10n ** 9n, 2n ** 50n],
  Ei: [10n ** 9n, 2n ** 60n],
}

/** A resource quantity exactly, in billionths; undefined when the text is none. */
export function quantityOf(text: string): { readonly nanos: bigint } | undefined {
  const match = /^([+-]?)(\d+(?:\.\d*)?|\.\d+)(?:[eE]([+-]?\d{1,2})|([a-zA-Z]*))$/.exec(text)
  const factor = match === null ? undefined : factors[match[4] ?? ""]
  if (match === null || factor === undefined) return undefined
  const [whole = "", fraction = ""] = (match[2] ?? "").split(".")
  const exponent = Number(match[3] ?? 0)
  const up = 10n ** BigInt(Math.max(0, exponent))
  const down = 10n ** BigInt(fraction.length + Math.max(0, -exponent))
  const digits = BigInt(`${whole}${fraction}` || "0")
  const nanos = (digits * factor[0] * factor[1] * up) / down
  return { nanos: match[1] === "-" ? -nanos : nanos }
}
