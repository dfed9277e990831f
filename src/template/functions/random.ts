import type { Run } from "../run.ts"
import { functionFailure } from "../run.ts"
import { int, str } from "./convert.ts"
import { Family } from "./define.ts"

const family = new Family("random")
const random = { purity: "random" } as const
const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
const digits = "0123456789"

family.fixed(
  "randomAlphanumeric(count) string",
  "so many random letters and digits",
  (run, n) => pick(run, int(n), letters + digits),
  random,
)
family.aliases({ randAlphaNum: "randomAlphanumeric" })
family.fixed("randAlpha(count) string", "so many random letters", (run, n) => pick(run, int(n), letters), random)
family.fixed("randNumeric(count) string", "so many random digits", (run, n) => pick(run, int(n), digits), random)
family.fixed(
  "randomHex(bytes) string",
  "so many random bytes in hex",
  (run, n) => bytes(run, int(n)).toString("hex"),
  random,
)
family.fixed(
  "randomBase64(bytes) string",
  "so many random bytes in URL-safe base 64",
  (run, n) => bytes(run, int(n)).toString("base64url"),
  random,
)
family.fixed("uuidv4() string", "a random UUID", (run) => uuid(bytes(run, 16)), random)

family.fixed(
  "randAscii(count) string",
  "so many random printable characters",
  (run, n) => pick(run, int(n), Array.from({ length: 95 }, (_, i) => String.fromCharCode(32 + i)).join("")),
  random,
)
family.fixed(
  "randBytes(count) string",
  "so many random bytes in base 64",
  (run, n) => bytes(run, int(n)).toString("base64"),
  random,
)
family.fixed(
  "randInt(low, high) number",
  "a random whole number from low up to high, without it",
  (run, low, high) => {
    const [from, to] = [int(low), int(high)]
    return to > from ? from + Math.floor(run.random.next() * (to - from)) : functionFailure("high must be above low")
  },
  random,
)
family.fixed(
  "shuffle(text) string",
  "the characters of text in random order",
  (run, s) => shuffled(run, [...str(run, s)]),
  random,
)

function shuffled(run: Run, characters: string[]): string {
  run.charge(characters.length)
  for (let i = characters.length - 1; i > 0; i--) {
    const other = Math.floor(run.random.next() * (i + 1))
    const kept = characters[i] ?? ""
    characters[i] = characters[other] ?? ""
    characters[other] = kept
  }
  return characters.join("")
}

function pick(run: Run, count: number, alphabet: string): string {
  let out = ""
  for (let i = checked(run, count); i > 0; i--) out += alphabet[Math.floor(run.random.next() * alphabet.length)]
  return out
}

function bytes(run: Run, count: number): Buffer {
  return Buffer.from(Array.from({ length: checked(run, count) }, () => Math.floor(run.random.next() * 256)))
}

function checked(run: Run, count: number): number {
  if (count < 0) functionFailure("a count cannot be negative")
  run.charge(count)
  return count
}

function uuid(raw: Buffer): string {
  raw[6] = ((raw[6] ?? 0) & 0x0f) | 0x40
  raw[8] = ((raw[8] ?? 0) & 0x3f) | 0x80
  return raw.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5")
}

/** Functions that read randomness: only for entries that are made once. */
export const randomness = family.defs
