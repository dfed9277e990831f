import type { Declaration } from "./cel-declaration.ts"

/** How large a value may be. */
export interface Size {
  readonly min: number
  readonly max: number
}

/** One call, as its cost is reckoned. */
export interface SizedCall {
  readonly isMember: boolean
  /** The size of what stands before the dot, or of the first argument. */
  readonly on: Size
  readonly sizes: readonly Size[]
  /** What stands before the dot. */
  readonly type: Declaration | undefined
  /** The size of one of its items. */
  readonly item: Size
}

/** What a function itself costs, and what is known of its result. */
export type CallCost = readonly [
  cost: number,
  result: { readonly type?: Declaration | undefined; readonly size?: Size },
]

/** Costs and sizes beyond this are all the same. */
export const most: number = 2 ** 64
/** Nothing is known. */
export const unknownSize: Size = { min: 0, max: most }
/** A text that was made. */
export const text: Declaration = { kind: "text", bytesMin: 2, sizeMax: 0 }
/** A number, a truth, a time that was made. */
export const scalar: Declaration = { kind: "scalar", bytesMin: 1, sizeMax: 0 }
const opaque: Declaration = { kind: "opaque", bytesMin: 1, sizeMax: 0 }
const texts: Declaration = { kind: "list", bytesMin: 2, sizeMax: 0, of: text }

/** The product of two costs. */
export function times(a: number, b: number): number {
  return a === 0 || b === 0 ? 0 : Math.min(most, a * b)
}

/** A part of a size as a cost. */
export function share(size: number, factor: number): number {
  return Math.min(most, Math.ceil(size * factor))
}

/** The cost of reading a text. */
export function read(size: Size): number {
  return share(size.max, 0.1)
}

type Reckon = (call: SizedCall) => CallCost

const first = ({ sizes: [size = unknownSize] }: SizedCall) => size
const upTo = (max: number): Size => ({ min: 0, max })

const affix: Reckon = (call) => [read(first(call)), { type: scalar }]
const sameText: Reckon = ({ on }) => [read(on), { type: text, size: on }]
const parsed: Reckon = (call) => [call.isMember ? 1 : read(first(call)), { type: opaque }]
const derived: Reckon = () => [1, { type: opaque }]
const known: Reckon = (call) => [read(first(call)), { type: scalar }]
const counted: Reckon = () => [1, { type: scalar }]

function regex(subject: Size, pattern: Size): number {
  return times(share(Math.min(most, subject.max + 1), 0.1), share(pattern.max, 0.25))
}

// Each item is compared; texts are read for it.
const compared: Reckon = ({ type, on, item }) => {
  if (type?.kind !== "list") return [read(on), { type: scalar }]
  const isText = type.of?.kind === "text" || type.of?.kind === "bytes"
  return [times(on.max, 1 + (isText ? read(item) : 0)), { type: type.of }]
}

const sets =
  (factor: number): Reckon =>
  ({ sizes: [a = unknownSize, b = unknownSize] }) => [
    Math.min(most, 1 + factor * times(a.max, b.max)),
    { type: scalar },
  ]

const replace: Reckon = ({ on, sizes: [sought = unknownSize, by = unknownSize] }) => {
  const isLonger = by.max > sought.min
  const count = isLonger ? times(Math.ceil(on.max / sought.min), by.max) : on.max
  const max = sought.min === 0 ? times(on.max + 1, by.max) + on.max : count
  return [share(on.max, 0.2), { type: text, size: upTo(Math.min(most, max)) }]
}

const join: Reckon = ({ on, item, sizes: [separator] }) => {
  const between = separator === undefined ? 0 : times(Math.max(0, on.max - 1), separator.max)
  const size = upTo(Math.min(most, times(on.max, item.max) + between))
  return [read(size), { type: text, size }]
}

const functions: Readonly<Record<string, Reckon>> = {
  startsWith: affix,
  endsWith: affix,
  contains: (call) => [times(read(call.on), read(first(call))), { type: scalar }],
  matches: ({ isMember, on, sizes: [a = unknownSize, b = unknownSize] }) => [
    isMember ? regex(on, a) : regex(a, b),
    { type: scalar },
  ],
  find: (call) => [regex(call.on, first(call)), { type: text, size: upTo(call.on.max) }],
  findAll: (call) => [regex(call.on, first(call)), { type: texts, size: upTo(call.on.max) }],
  lowerAscii: sameText,
  upperAscii: sameText,
  substring: sameText,
  trim: sameText,
  replace,
  split: ({ on }) => [share(on.max, 0.2), { type: texts, size: upTo(on.max) }],
  join,
  isSorted: compared,
  sum: compared,
  max: compared,
  min: compared,
  indexOf: compared,
  lastIndexOf: compared,
  includes: compared,
  url: parsed,
  cidr: parsed,
  ip: parsed,
  quantity: parsed,
  semver: parsed,
  masked: derived,
  add: derived,
  sub: derived,
  isCIDR: known,
  isIP: known,
  isQuantity: known,
  isSemver: known,
  "ip.isCanonical": (call) => [share(first(call).max, 0.2), { type: scalar }],
  "sets.contains": sets(1),
  "sets.intersects": sets(1),
  "sets.equivalent": sets(2),
  format: ({ on }) => [read(on), { type: text }],
  string: () => [1, { type: text }],
  size: counted,
  int: counted,
  double: counted,
  bool: counted,
}

/** What one call costs beyond its arguments. */
export function callCost(name: string, call: SizedCall): CallCost {
  const reckon = Object.hasOwn(functions, name) ? functions[name] : undefined
  return reckon?.(call) ?? [1, {}]
}
