const suffixes: Readonly<Record<string, number>> = {
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  "": 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
}

/** The number behind `100m`, `1Gi`, `2e3` or `0.5`; undefined when the text is no resource quantity. */
export function parseQuantity(value: unknown): number | undefined {
  if (typeof value === "number") return value
  if (typeof value !== "string") return undefined
  const match = /^([+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?)([a-zA-Z]*)$/.exec(value.trim())
  const suffix = match?.[2] ?? ""
  const factor = Object.hasOwn(suffixes, suffix) ? suffixes[suffix] : undefined
  if (!match || factor === undefined) return undefined
  // Round to nine digits after the point: 0.1 and 100m are the same quantity though not the same double.
  const number = Number(match[1]) * factor
  return Math.abs(number) < 1e6 ? Math.round(number * 1e9) / 1e9 : number
}
