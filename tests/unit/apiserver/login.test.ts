import { describe, expect, test } from "bun:test"
import { tokenLogin } from "../../../src/apiserver/mod.ts"

const login = tokenLogin(
  new Map([
    ["root", { name: "admin", groups: ["system:masters"] }],
    ["plain", { name: "eve", groups: ["system:authenticated"] }],
  ]),
)

function ask(path: string, headers: Readonly<Record<string, string>> = {}) {
  const who = login(new Request(`https://127.0.0.1${path}`, { headers }))
  return who instanceof Response ? who.status : who
}

describe("a login by token", () => {
  test("knows its users, and nobody else", () => {
    expect(ask("/api/v1/pods", { authorization: "Bearer root" })).toEqual({ name: "admin", groups: ["system:masters"] })
    expect(ask("/api/v1/pods", { authorization: "bearer plain" })).toMatchObject({ name: "eve" })
    for (const authorization of ["Bearer wrong", "Bearer", "Basic root", "root", ""]) {
      expect(ask("/api/v1/pods", { authorization })).toBe(401)
    }
  })

  test("lets everybody see whether the server is well, as nobody in particular", () => {
    for (const path of ["/healthz", "/livez", "/readyz", "/version"]) {
      expect(ask(path)).toMatchObject({ name: "system:anonymous", groups: ["system:unauthenticated"] })
    }
    expect(ask("/healthz/../api/v1/secrets")).toBe(401)
    expect(ask("/metrics")).toBe(401)
  })
})
