import { describe, expect, test } from "bun:test"
import { katalog } from "../../support/makers.ts"
import { runOrk } from "../../support/terminal.ts"

const files = {
  "katalog.yaml": katalog("onReconcile: { deployments: [{ name: a, image: b, resources: { profile: small } }] }"),
}

describe("ork validate --full", () => {
  test("adds settings, entries, profiles, permissions and the order of start to the summary", async () => {
    const plain = await runOrk(["validate"], files)
    const full = await runOrk(["validate", "--full"], files)
    expect([plain.code, full.code]).toEqual([0, 0])
    expect(full.out.startsWith(plain.out)).toBe(true)
    const added = full.out.slice(plain.out.length)
    for (const part of ["workers: 3 (default)", "Deployment a", "resources small: {", "deployments.apps: get, list"]) {
      expect(added).toContain(part)
      expect(plain.out).not.toContain(part)
    }
  })

  test("gives the same as data", async () => {
    const ran = await runOrk(["validate", "--full", "-o", "json"], files)
    const { ok, plan } = JSON.parse(ran.out)
    expect(ok).toBe(true)
    expect(plan.operators[0]).toMatchObject({
      name: "website",
      blocks: [{ name: "kept", entries: [{ kind: "Deployment", name: "a" }] }],
      profiles: [{ class: "resources", name: "small" }],
    })
    expect(plan.operators[0].permissions.every((rule: { reason: string }) => rule.reason !== "")).toBe(true)
    expect(JSON.parse((await runOrk(["validate", "-o", "json"], files)).out).plan).toBeUndefined()
  })

  test("prints only the mistakes of a Katalog that is wrong", async () => {
    const wrong = { "katalog.yaml": katalog("onReconcile: { deployments: [{ nam: a }] }") }
    const [plain, full] = [await runOrk(["validate"], wrong), await runOrk(["validate", "--full"], wrong)]
    expect(full).toEqual(plain)
    expect(full.code).toBe(2)
  })
})

test("what a Katalog says cannot steer the terminal", async () => {
  const { out, code } = await runOrk(["validate"], { "katalog.yaml": 'kind: "\\e[31mKatalog\\u202e"\n"\\0a": 1\n' })
  expect(code).toBe(2)
  // Only what ends a line.
  expect(out.replaceAll("\n", "")).not.toMatch(/[\p{Cc}\u202e]/u)
  expect(out).toContain("␛[31mKatalog")
})

test("a circle beside a mistake of shape is told with it", async () => {
  const entry = (name: string, needs: string) =>
    `    ${name}: { apiTypes: { group: a.b, version: v1, kind: ${name.toUpperCase()} }, dependsOn: [${needs}], operatorBox: {} }\n`
  const head =
    "apiVersion: orkestra.orkspace.io/v1\nkind: Katalog\nmetadata: { name: t }\nnonsense: 1\nspec:\n  crds:\n"
  const { out, code } = await runOrk(["validate", "-o", "json"], {
    "katalog.yaml": head + entry("a", "b") + entry("b", "a"),
  })
  expect(code).toBe(2)
  const found: readonly { readonly code: string }[] = JSON.parse(out).diagnostics
  expect(found.map((one) => one.code)).toContain("ORK0107")
  expect(found).toHaveLength(2)
})
