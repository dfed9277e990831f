import { describe, expect, test } from "bun:test"
import { X509Certificate } from "node:crypto"
import { isOrkError } from "../../../src/base/mod.ts"
import { keptIdentity, kubeconfigOf, mergedKubeconfig, newIdentity } from "../../../src/cli/local-identity.ts"
import { FakeClock } from "../../support/clock.ts"
import { memoryFiles } from "../../support/files.ts"
import { noDisk } from "../../support/terminal.ts"

const clock = new FakeClock()

describe("an identity", () => {
  test("is a certificate for loopback, for years, and a token that nobody guesses", () => {
    const [one, other] = [newIdentity(clock), newIdentity(clock)]
    const leaf = new X509Certificate(one.certificate)
    expect(leaf.checkIP("127.0.0.1")).toBe("127.0.0.1")
    expect(leaf.checkHost("localhost")).toBe("localhost")
    expect(leaf.verify(new X509Certificate(one.authority).publicKey)).toBe(true)
    expect(Date.parse(leaf.validTo)).toBeGreaterThan(clock.nowMs() + 9 * 365 * 86_400_000)
    expect(one.token).toMatch(/^[\w-]{43}$/)
    expect(one.token).not.toBe(other.token)
  })

  test("is written once and read from then on", () => {
    const written: Record<string, string> = {}
    const writePrivate = (path: string, text: string) => {
      written[path] = text
    }
    const disk = { ...noDisk, writePrivate }
    const first = keptIdentity({ clock, disk, files: memoryFiles({}) }, "/data")
    expect(Object.keys(written)).toEqual(["/data/identity.json"])
    const again = keptIdentity({ clock, disk: noDisk, files: memoryFiles(written) }, "/data")
    expect(again).toEqual(first)
  })

  test.each(["{", "{}", '{"authority":"x"}', "[]"])("that is damaged is one clear error: %s", (text) => {
    const files = memoryFiles({ "/data/identity.json": text })
    let failure: unknown
    try {
      keptIdentity({ clock, disk: noDisk, files }, "/data")
    } catch (error) {
      failure = error
    }
    expect(isOrkError(failure, "config/data")).toBe(true)
    expect(String(failure)).toContain("/data/identity.json")
  })
})

describe("a merge into a kubeconfig", () => {
  const added = kubeconfigOf("https://127.0.0.1:1", newIdentity(clock))
  const name = "ork-local"

  test("keeps what is there, replaces its own, and chooses its context", () => {
    const own = {
      apiVersion: "v1",
      kind: "Config",
      clusters: [
        { name: "work", cluster: { server: "https://work" } },
        { name, cluster: { server: "https://old" } },
      ],
      users: [{ name: "me", user: {} }],
      contexts: [{ name: "work", context: { cluster: "work", user: "me" } }],
      "current-context": "work",
      preferences: { colors: true },
    }
    const merged = JSON.parse(JSON.stringify(mergedKubeconfig(own, added)))
    expect(merged.clusters.map((entry: { name: string }) => entry.name)).toEqual(["work", name])
    expect(merged.clusters[1].cluster.server).toBe("https://127.0.0.1:1")
    expect(merged.users.map((entry: { name: string }) => entry.name)).toEqual(["me", name])
    expect([merged["current-context"], merged.preferences]).toEqual([name, { colors: true }])
  })

  test("makes a whole one out of nothing", () => {
    expect(mergedKubeconfig(undefined, added)).toEqual(added)
  })
})
