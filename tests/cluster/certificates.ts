/** Certificates for tests: a CA that signs server and client certificates, with node:crypto and a small DER writer. */
import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from "node:crypto"

/** A certificate and its private key, both PEM. */
export interface CertifiedKey {
  readonly certificate: string
  readonly key: string
}

/** Signs certificates; made by `createAuthority`. */
export interface Authority {
  /** The CA's own certificate, PEM. */
  readonly certificate: string
  /** A client certificate: `name` is the user (CN), `groups` are its groups (O). */
  client(name: string, groups: readonly string[]): CertifiedKey
  /** A server certificate for 127.0.0.1 and the given DNS names. */
  server(dnsNames: readonly string[]): CertifiedKey
}

/** A new CA on P-256 whose certificates hold for 30 days. */
export function createAuthority(commonName: string): Authority {
  const keys = createKeys()
  const issuer = { name: distinguishedName(commonName, []), key: keys.privateKey, publicKey: keys.publicKey }
  const own = certificate(issuer, issuer, [
    extension("2.5.29.19", true, sequence(der(0x01, Buffer.from([0xff])))), // basic constraints: a CA
    extension("2.5.29.15", true, keyUsage(0x06, 1)), // key usage: signs certificates and revocation lists
  ])
  const issue = (name: Buffer, extensions: readonly Buffer[]): CertifiedKey => {
    const leaf = createKeys()
    const signed = certificate(issuer, { name, publicKey: leaf.publicKey }, extensions)
    return { certificate: signed, key: privatePem(leaf.privateKey) }
  }
  return {
    certificate: own,
    client: (name, groups) => issue(distinguishedName(name, groups), leafExtensions("1.3.6.1.5.5.7.3.2")),
    server: (dnsNames) => {
      const addresses = [
        ...dnsNames.map((name) => der(0x82, Buffer.from(name, "ascii"))),
        der(0x87, Buffer.from([127, 0, 0, 1])),
      ]
      const alternatives = extension("2.5.29.17", false, sequence(...addresses))
      return issue(distinguishedName("ork-test-server", []), [...leafExtensions("1.3.6.1.5.5.7.3.1"), alternatives])
    },
  }
}

/** A key pair on P-256, both halves PEM (PKCS 8 and SPKI). */
export function createKeyPair(): { readonly privateKey: string; readonly publicKey: string } {
  const keys = createKeys()
  return { privateKey: privatePem(keys.privateKey), publicKey: pem("PUBLIC KEY", publicDer(keys.publicKey)) }
}

interface Subject {
  readonly name: Buffer
  readonly publicKey: KeyObject
}

interface Issuer extends Subject {
  readonly key: KeyObject
}

const ecdsaWithSha256 = sequence(oid("1.2.840.10045.4.3.2"))
const dayMs = 86_400_000

function certificate(issuer: Issuer, subject: Subject, extensions: readonly Buffer[]): string {
  const now = Date.now()
  const identifiers = [
    extension("2.5.29.14", false, der(0x04, keyIdentifier(subject.publicKey))),
    extension("2.5.29.35", false, sequence(der(0x80, keyIdentifier(issuer.publicKey)))),
  ]
  const toBeSigned = sequence(
    der(0xa0, integer(Buffer.from([2]))), // version 3
    integer(Buffer.concat([Buffer.from([0x01]), randomBytes(15)])),
    ecdsaWithSha256,
    issuer.name,
    sequence(time(now - dayMs), time(now + 30 * dayMs)),
    subject.name,
    publicDer(subject.publicKey),
    der(0xa3, sequence(...extensions, ...identifiers)),
  )
  return pem("CERTIFICATE", sequence(toBeSigned, ecdsaWithSha256, bitString(sign("sha256", toBeSigned, issuer.key))))
}

function leafExtensions(purpose: string): readonly Buffer[] {
  return [extension("2.5.29.15", true, keyUsage(0x80, 7)), extension("2.5.29.37", false, sequence(oid(purpose)))]
}

function createKeys(): { readonly publicKey: KeyObject; readonly privateKey: KeyObject } {
  return generateKeyPairSync("ec", { namedCurve: "P-256" })
}

function publicDer(key: KeyObject): Buffer {
  return key.export({ type: "spki", format: "der" })
}

function privatePem(key: KeyObject): string {
  return String(key.export({ type: "pkcs8", format: "pem" }))
}

function keyIdentifier(key: KeyObject): Buffer {
  return createHash("sha1").update(publicDer(key)).digest()
}

function pem(label: string, bytes: Buffer): string {
  const lines = bytes.toString("base64").match(/.{1,64}/g) ?? []
  return `-----BEGIN ${label}-----\n${lines.join("\n")}\n-----END ${label}-----\n`
}

// The DER writer: tag, length, value.

function der(tag: number, ...values: readonly Buffer[]): Buffer {
  const value = Buffer.concat(values)
  const size = value.length
  const length = size < 0x80 ? [size] : size < 0x100 ? [0x81, size] : [0x82, size >> 8, size & 0xff]
  return Buffer.concat([Buffer.from([tag, ...length]), value])
}

function sequence(...values: readonly Buffer[]): Buffer {
  return der(0x30, ...values)
}

function integer(bytes: Buffer): Buffer {
  return der(0x02, bytes)
}

function bitString(bytes: Buffer, unusedBits = 0): Buffer {
  return der(0x03, Buffer.from([unusedBits]), bytes)
}

function keyUsage(bits: number, unusedBits: number): Buffer {
  return bitString(Buffer.from([bits]), unusedBits)
}

function oid(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split(".").map(Number)
  const bytes = [first * 40 + second]
  for (const part of rest) {
    const septets = [part & 0x7f]
    for (let left = part >> 7; left > 0; left >>= 7) septets.unshift((left & 0x7f) | 0x80)
    bytes.push(...septets)
  }
  return der(0x06, Buffer.from(bytes))
}

function time(atMs: number): Buffer {
  const digits = new Date(atMs).toISOString().replace(/[-:T]/g, "").slice(2, 14)
  return der(0x17, Buffer.from(`${digits}Z`, "ascii"))
}

function extension(id: string, isCritical: boolean, value: Buffer): Buffer {
  const critical = isCritical ? [der(0x01, Buffer.from([0xff]))] : []
  return sequence(oid(id), ...critical, der(0x04, value))
}

function distinguishedName(commonName: string, organizations: readonly string[]): Buffer {
  const attribute = (id: string, text: string) => der(0x31, sequence(oid(id), der(0x0c, Buffer.from(text, "utf8"))))
  return sequence(...organizations.map((name) => attribute("2.5.4.10", name)), attribute("2.5.4.3", commonName))
}
