import type { Random } from "../base/mod.ts"

/** A version 4 UUID. */
export function uuid(random: Random): string {
  const block = () => Math.floor(random.next() * 0x1_0000_0000)
  const [a, b, c, d] = [block(), block(), block(), block()]
  const hex = (value: number) => (value >>> 0).toString(16).padStart(8, "0")
  const second = hex((b & 0xffff_0fff) | 0x4000)
  const third = hex((c & 0x3fff_ffff) | 0x8000_0000)
  return `${hex(a)}-${second.slice(0, 4)}-${second.slice(4)}-${third.slice(0, 4)}-${third.slice(4)}${hex(d)}`
}
