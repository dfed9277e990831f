import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from "node:crypto"

/** What a certificate is for. */
export interface CertificateRequest {
  readonly commonName: string
  /** Names and addresses that the server answers for. */
  readonly hosts: readonly string[]
  readonly notBeforeMs: number
  readonly notAfterMs: number
}

/** A server's certificate and key with the authority that signed it, as PEM. The authority's own key is thrown away. */
export interface Certificates {
  readonly certificate: string
  readonly key: string
  readonly authority: string
}

/** Makes an authority for one certificate, and the certificate: ECDSA on P-256, as every TLS client takes it. */
export function selfSigned(request: CertificateRequest): Certificates {
  const authority = keyPair()
  const server = keyPair()
  const issuer = { name: `${request.commonName} CA`, keys: authority }
  const ca = certificate({ ...request, issuer, subject: issuer, extensions: authorityExtensions(authority) })
  const extensions = serverExtensions({ server, authority, hosts: request.hosts })
  const leaf = certificate({ ...request, issuer, subject: { name: request.commonName, keys: server }, extensions })
  return {
    certificate: pem(leaf),
    key: server.privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
    authority: pem(ca),
  }
}

/** A secret that nobody guesses: 256 bits, in characters that a header may hold. */
export function secretToken(): string {
  return randomBytes(32).toString("base64url")
}

interface Keys {
  readonly publicKey: KeyObject
  readonly privateKey: KeyObject
}

interface Party {
  readonly name: string
  readonly keys: Keys
}

function keyPair(): Keys {
  return generateKeyPairSync("ec", { namedCurve: "P-256" })
}

interface Contents {
  readonly issuer: Party
  readonly subject: Party
  readonly notBeforeMs: number
  readonly notAfterMs: number
  readonly extensions: readonly Buffer[]
}

const ecdsaWithSha256 = "1.2.840.10045.4.3.2"

function certificate({ issuer, subject, notBeforeMs, notAfterMs, extensions }: Contents): Buffer {
  const body = sequence(
    tagged(0xa0, integer(Buffer.from([2]))),
    integer(randomBytes(16)),
    sequence(objectId(ecdsaWithSha256)),
    distinguishedName(issuer.name),
    sequence(time(notBeforeMs), time(notAfterMs)),
    distinguishedName(subject.name),
    subject.keys.publicKey.export({ type: "spki", format: "der" }),
    tagged(0xa3, sequence(...extensions)),
  )
  const signature = sign("sha256", body, issuer.keys.privateKey)
  return sequence(body, sequence(objectId(ecdsaWithSha256)), bitString(signature))
}

function authorityExtensions(authority: Keys): readonly Buffer[] {
  return [
    extension("2.5.29.19", sequence(tagged(0x01, Buffer.from([0xff]))), true), // a CA
    extension("2.5.29.15", tagged(0x03, Buffer.from([1, 0x06])), true), // signs certificates and revocations
    extension("2.5.29.14", tagged(0x04, keyId(authority))),
  ]
}

function serverExtensions(of: {
  readonly server: Keys
  readonly authority: Keys
  readonly hosts: readonly string[]
}): readonly Buffer[] {
  return [
    extension("2.5.29.19", sequence(), true), // no CA
    extension("2.5.29.15", tagged(0x03, Buffer.from([7, 0x80])), true), // signs handshakes
    extension("2.5.29.37", sequence(objectId("1.3.6.1.5.5.7.3.1"))), // serves
    extension("2.5.29.14", tagged(0x04, keyId(of.server))),
    extension("2.5.29.35", sequence(tagged(0x80, keyId(of.authority)))),
    ...(of.hosts.length > 0 ? [extension("2.5.29.17", sequence(...of.hosts.map(alternativeName)))] : []),
  ]
}

function alternativeName(host: string): Buffer {
  const parts = host.split(".")
  const isAddress = parts.length === 4 && parts.every((part) => /^\d{1,3}$/.test(part))
  return isAddress ? tagged(0x87, Buffer.from(parts.map(Number))) : tagged(0x82, Buffer.from(host, "ascii"))
}

function extension(id: string, value: Buffer, isCritical = false): Buffer {
  const critical = isCritical ? [tagged(0x01, Buffer.from([0xff]))] : []
  return sequence(objectId(id), ...critical, tagged(0x04, value))
}

function keyId({ publicKey }: Keys): Buffer {
  return createHash("sha1")
    .update(publicKey.export({ type: "spki", format: "der" }))
    .digest()
}

function distinguishedName(commonName: string): Buffer {
  const attribute = sequence(objectId("2.5.4.3"), tagged(0x0c, Buffer.from(commonName, "utf8")))
  return sequence(tagged(0x31, attribute))
}

// Two-digit years until 2049, as the standard wants it.
function time(atMs: number): Buffer {
  const text = new Date(atMs).toISOString().replace(/[-:T]|\.\d+/g, "")
  return Number(text.slice(0, 4)) < 2050
    ? tagged(0x17, Buffer.from(text.slice(2), "ascii"))
    : tagged(0x18, Buffer.from(text, "ascii"))
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return tagged(0x30, Buffer.concat(parts))
}

function bitString(bytes: Buffer): Buffer {
  return tagged(0x03, Buffer.concat([Buffer.from([0]), bytes]))
}

// Positive: a first bit that is set would mean the opposite.
function integer(bytes: Buffer): Buffer {
  const first = bytes[0] ?? 0
  return tagged(0x02, first >= 0x80 || first === 0 ? Buffer.concat([Buffer.from([first === 0 ? 1 : 0]), bytes]) : bytes)
}

function objectId(text: string): Buffer {
  const [first = 0, second = 0, ...rest] = text.split(".").map(Number)
  return tagged(0x06, Buffer.from([first * 40 + second, ...rest.flatMap(base128)]))
}

function base128(value: number): readonly number[] {
  const digits = [value & 0x7f]
  for (let left = value >>> 7; left > 0; left >>>= 7) digits.unshift((left & 0x7f) | 0x80)
  return digits
}

function tagged(tag: number, content: Buffer): Buffer {
  const { length } = content
  const size = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff]
  return Buffer.concat([Buffer.from([tag, ...size]), content])
}

function pem(bytes: Buffer): string {
  const lines = bytes.toString("base64").replace(/.{64}(?=.)/g, "$&\n")
  return `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`
}
