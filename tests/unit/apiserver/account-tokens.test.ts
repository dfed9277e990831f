import { afterEach, beforeEach, describe, expect, test } from "bun:test"
import type { User } from "../../../src/apiserver/mod.ts"
import { LocalCluster } from "../../support/local-cluster.ts"

const accounts = "/api/v1/namespaces/default/serviceaccounts"
const name = "system:serviceaccount:default:default"
let world: LocalCluster

beforeEach(async () => {
  world = await LocalCluster.start()
})
afterEach(() => world[Symbol.asyncDispose]())

async function request(spec: unknown, account = "default") {
  const body = JSON.stringify({ spec })
  const response = await world.cluster.fetch(
    new Request(`http://api${accounts}/${account}/token`, { method: "POST", body }),
  )
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers as they please
  return { code: response.status, body: (await response.json()) as any } // JSON of whatever shape
}

const tokenFor = async (spec: unknown): Promise<string> => (await request(spec)).body.status.token
const who = (token: string): User | undefined => world.cluster.userOf(token)

describe("a token of a ServiceAccount", () => {
  test("logs in as the account", async () => {
    const { code, body } = await request({})
    expect(code).toBe(201)
    expect(body.spec).toMatchObject({ expirationSeconds: 3600, boundObjectRef: null })
    const groups = ["system:serviceaccounts", "system:serviceaccounts:default", "system:authenticated"]
    const { uid } = world.get("v1", "ServiceAccount", "default").metadata
    expect(who(body.status.token)).toEqual({ name, groups, uid })
  })

  test("ends with its time", async () => {
    const token = await tokenFor({ expirationSeconds: 600 })
    await world.settle("598s")
    expect(who(token)?.name).toBe(name)
    await world.settle("3s")
    expect(who(token)).toBeUndefined()
  })

  test("ends with its account, though another one of that name follows", async () => {
    const token = await tokenFor({})
    await world.delete("v1", "ServiceAccount", "default")
    await world.settle()
    expect(world.get("v1", "ServiceAccount", "default")).toBeDefined()
    expect(who(token)).toBeUndefined()
  })

  test("ends with what it is bound to", async () => {
    await world.create({ apiVersion: "v1", kind: "Secret", metadata: { name: "s" } })
    const token = await tokenFor({ boundObjectRef: { kind: "Secret", apiVersion: "v1", name: "s" } })
    expect(who(token)?.name).toBe(name)
    await world.delete("v1", "Secret", "s")
    expect(who(token)).toBeUndefined()
  })

  test("for somebody else is none of this server's", async () => {
    expect(who(await tokenFor({ audiences: ["vault"] }))).toBeUndefined()
  })

  test("that was changed, or signed by another, is none", async () => {
    const token = await tokenFor({})
    const [header = "", claims = "", signature = ""] = token.split(".")
    const forged = Buffer.from(claims, "base64url").toString().replaceAll(":default", ":admin")
    expect(forged).toContain(":admin")
    for (const text of [
      `${header}.${Buffer.from(forged).toString("base64url")}.${signature}`,
      `${header}.${claims}.`,
      `${header}.${claims}`,
      `${token}.${signature}`,
      `${Buffer.from('{"alg":"none"}').toString("base64url")}.${claims}.`,
      "",
    ])
      expect(who(text)).toBeUndefined()
    await using other = await LocalCluster.start()
    expect(other.cluster.userOf(token)).toBeUndefined()
  })

  test("lasts ten minutes at least, and needs an account", async () => {
    expect((await request({ expirationSeconds: 599 })).body).toMatchObject({ code: 422, reason: "Invalid" })
    expect((await request({ expirationSeconds: 600 })).code).toBe(201)
    expect((await request({ expirationSeconds: 2 ** 32 + 1 })).code).toBe(422)
    expect((await request({}, "nobody")).code).toBe(404)
  })
})
