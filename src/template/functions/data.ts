import { createHash } from "node:crypto"
import { type Run, typeFailure } from "../run.ts"
import { sameValue } from "../values.ts"
import { int, result, str } from "./convert.ts"
import { Family } from "./define.ts"

const family = new Family("data")

family.fixed("toBase64(text) string", "text in base 64", (run, s) =>
  result(run, Buffer.from(str(run, s)).toString("base64")),
)
family.fixed("fromBase64(text) string", "the text behind base 64; fails when it is none", (run, s) =>
  decoded(str(run, s)),
)
family.aliases({ b64enc: "toBase64", b64dec: "fromBase64" })
family.fixed("sha256sum(text) string", "the first 8 characters of the SHA-256 hash in hex", (run, s) =>
  createHash("sha256").update(str(run, s)).digest("hex").slice(0, 8),
)
for (const name of ["sha1", "sha512"]) {
  family.fixed(`${name}sum(text) string`, `the ${name.toUpperCase()} hash in hex`, (run, s) =>
    createHash(name).update(str(run, s)).digest("hex"),
  )
}
family.fixed("adler32sum(text) string", "the Adler-32 checksum as a number in text", (run, s) => adler32(str(run, s)))
family.fixed("b32enc(text) string", "text in base 32", (run, s) => result(run, base32(Buffer.from(str(run, s)))))
family.fixed("b32dec(text) string", "the text behind base 32; fails when it is none", (run, s) =>
  fromBase32(str(run, s)),
)
family.fixed(
  "slugify(text) string",
  "text in lower case, everything but letters and digits as single dashes",
  (run, s) => slug(str(run, s)),
)
family.fixed(
  "truncateName(text, length) string",
  "the first length characters of text",
  (run, s, n) => str(run, s).slice(0, Math.max(0, int(n))),
  { piped: "first" },
)
family.variadic(
  "lookup(key, pairs...) any",
  "the value that follows the first key equal to key, else the empty text",
  (run, args) => lookup(run, args),
  { piped: "first", min: 1 },
)
family.fixed("repoSlug(reference) string", "the last part of a repository address, without .git, as a slug", (run, s) =>
  slug(
    withoutSlashes(str(run, s))
      .replace(/\.git$/, "")
      .split(/[/:]/)
      .at(-1) ?? "",
  ),
)
family.fixed("domainHost(text) string", "text without spaces, scheme and slash at the end", (run, s) =>
  host(str(run, s)),
)
family.fixed("domainBare(text) string", "text without spaces, scheme, www. and slash at the end", (run, s) =>
  host(str(run, s)).replace(/^www\./, ""),
)

function decoded(spelled: string): string {
  const compact = spelled.replace(/\s+/g, "")
  if (!/^[A-Za-z0-9+/_-]*={0,2}$/.test(compact)) typeFailure("expected base 64, got something else")
  return Buffer.from(compact, "base64").toString("utf8")
}

function adler32(s: string): string {
  let [a, b] = [1, 0]
  for (const byte of Buffer.from(s)) {
    a = (a + byte) % 65_521
    b = (b + a) % 65_521
  }
  return String(b * 65_536 + a)
}

const base32Digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"

function base32(bytes: Uint8Array): string {
  let out = ""
  let [bits, value] = [0, 0]
  for (const byte of bytes) {
    value = ((value << 8) | byte) & 0xffff
    for (bits += 8; bits >= 5; bits -= 5) out += base32Digits[(value >> (bits - 5)) & 31]
  }
  if (bits > 0) out += base32Digits[(value << (5 - bits)) & 31]
  return out.padEnd(Math.ceil(out.length / 8) * 8, "=")
}

function fromBase32(spelled: string): string {
  if (!/^[A-Z2-7]*={0,6}$/.test(spelled) || spelled.length % 8 !== 0)
    typeFailure("expected base 32, got something else")
  const bytes: number[] = []
  let [bits, value] = [0, 0]
  for (const digit of spelled.replace(/=+$/, "")) {
    value = ((value << 5) | base32Digits.indexOf(digit)) & 0xffff
    bits += 5
    if (bits >= 8) {
      bits -= 8
      bytes.push((value >> bits) & 255)
    }
  }
  return Buffer.from(bytes).toString("utf8")
}

function slug(s: string): string {
  return s
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-|-$/g, "")
}

function host(s: string): string {
  return withoutSlashes(s.trim().replace(/^[a-z][a-z0-9+.-]*:\/\//i, ""))
}

/** Without the slashes at the end. A pattern for this takes quadratic time on a text of slashes. */
function withoutSlashes(s: string): string {
  let end = s.length
  while (end > 0 && s[end - 1] === "/") end--
  return s.slice(0, end)
}

function lookup(run: Run, [key, ...pairs]: readonly unknown[]): unknown {
  for (let i = 0; i + 1 < pairs.length; i += 2) if (sameValue(pairs[i], key, run)) return pairs[i + 1]
  return ""
}

/** Functions on encoded and named data, and on domains. */
export const encodings = family.defs
