import { expect, test } from "bun:test"
import { createPrivateKey, X509Certificate } from "node:crypto"
import { selfSigned } from "../../../src/base/mod.ts"

const request = {
  commonName: "shop",
  hosts: ["shop.default.svc", "*.shop.example", "10.0.0.1"],
  notBeforeMs: Date.UTC(2026, 0, 1),
  notAfterMs: Date.UTC(2055, 0, 1),
}

test("a certificate is signed by its authority, for its hosts, in its time", () => {
  const made = selfSigned(request)
  const leaf = new X509Certificate(made.certificate)
  const authority = new X509Certificate(made.authority)
  expect(leaf.verify(authority.publicKey)).toBe(true)
  expect(authority.verify(authority.publicKey)).toBe(true)
  expect(leaf.checkIssued(authority)).toBe(true)
  expect([authority.ca, leaf.ca]).toEqual([true, false])
  expect(leaf.checkPrivateKey(createPrivateKey(made.key))).toBe(true)
  expect(leaf.checkHost("shop.default.svc")).toBe("shop.default.svc")
  expect(leaf.checkHost("a.shop.example")).toBe("*.shop.example")
  expect(leaf.checkHost("other.example")).toBeUndefined()
  expect(leaf.checkIP("10.0.0.1")).toBe("10.0.0.1")
  expect(new Date(leaf.validFrom).getTime()).toBe(request.notBeforeMs)
  expect(new Date(leaf.validTo).getTime()).toBe(request.notAfterMs)
})

test("two certificates have nothing in common", () => {
  const [one, other] = [selfSigned(request), selfSigned(request)]
  expect(one.key).not.toBe(other.key)
  expect(new X509Certificate(one.certificate).verify(new X509Certificate(other.authority).publicKey)).toBe(false)
  expect(new X509Certificate(one.certificate).serialNumber).not.toBe(
    new X509Certificate(other.certificate).serialNumber,
  )
})

test("a TLS client that knows the authority accepts the server, and no other", async () => {
  const made = selfSigned({ ...request, hosts: ["localhost"] })
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    tls: { cert: made.certificate, key: made.key },
    fetch: () => new Response("hello"),
  })
  const ask = (ca: string) =>
    fetch(`https://127.0.0.1:${server.port}/`, { tls: { ca, serverName: "localhost" } }).then(
      (answer) => answer.text(),
      () => "refused",
    )
  expect(await ask(made.authority)).toBe("hello")
  expect(await ask(selfSigned(request).authority)).toBe("refused")
  await server.stop(true)
})
