import { describe, expect, test } from "bun:test"
import { loadText, websiteKatalog } from "./support.ts"

const withTop = (block: string, entry = "") => loadText(websiteKatalog(entry).replace("spec:", `${block}\nspec:`))
const said = (block: string, entry = "") =>
  withTop(block, entry).diagnostics.map(({ severity, code }) => `${severity} ${code}`)

describe("blocks for registries and people load", () => {
  test.each([
    "publish: { signing: { verify: true, expectedIdentities: [me@example.com] }, tests: { e2e: false } }",
    "lifecycle: { maturity: beta, compatibility: { kubernetes: '>=1.28 <1.40', orkestra: ^1.2.0 } }",
    "lifecycle: { accept: { patterns: [{ name: cache, author: me }] } }",
    "notification: { enabled: false, teams: { a: { slack: { webhook: $HOOK }, email: [a@b.c] } } }",
    "notification: { defaults: { interval: 5m, slackWebhookUrl: $HOOK }, teams: { a: { message: hi } } }",
    "gateway: { endpoint: https://example.com, api: { enabled: false } }",
    "security: { serviceName: a, deletionProtection: { enabled: false }, conversion: { conversionWindow: 50 } }",
    "security: { webhooks: { admission: { enabled: false } } }",
    "providers: []",
  ])("%s", (block) => expect(said(block)).toEqual([]))
})

describe("what they ask for and nobody does is said", () => {
  test.each([
    ["security: { webhooks: { admission: { enabled: true } } }", "warning ORK0221"],
    ["security: { webhooks: { admission: true } }", "warning ORK0221"],
    ["providers: [{ name: aws }]", "warning ORK0221"],
    ["providers: [{ name: aws, required: true }]", "error ORK0110"],
    ["notification: { teams: { a: { email: [a@b.c] } } }", "warning ORK0221"],
    ["notification: { teams: { a: { slak: {} } } }", "error ORK0107"],
    ["gateway: { api: { enabled: true } }", "error ORK0110"],
    ["gateway: { clusters: { a: { endpoint: b } } }", "error ORK0110"],
    ["security: { conversion: { enabled: true } }", "error ORK0110"],
    ["metadata: { deprecation: { message: old, migratedTo: b } }", "warning ORK0222"],
    ["lifecycle: { deprecation: { message: old } }", "warning ORK0222"],
    ["lifecycle: { deprecation: { migratedTo: b } }", "error ORK0108"],
    ["lifecycle: { maturity: ripe }", "error ORK0106"],
    ["lifecycle: { compatibility: { kubernetes: newest } }", "error ORK0106"],
    ["publish: { signing: { expectedIdentities: [''] } }", "error ORK0106"],
    ["imports: [{ motif: a }]", "error ORK0107"],
    ["security: { namespaceProtection: { allowedNamespaces: [a], restrictedNamespaces: [b] } }", "error ORK0106"],
  ])("%s is %s", (block, expected) => expect(said(block)).toEqual([expected]))

  test("an accepted deprecation is not said again", () => {
    const block = "deprecation: { accept: { beforeEol: true } }\nlifecycle: { deprecation: { message: old } }"
    expect(said(block)).toEqual([])
  })

  test("a CRD entry that asks for webhooks is told what holds", () => {
    expect(said("", "      webhooks: { validation: true, operations: [CREATE] }\n")).toEqual(["warning ORK0221"])
    expect(said("", "      webhooks: { validation: false }\n")).toEqual([])
  })
})

describe("security.namespaceProtection", () => {
  const selection = (block: string, entry = "") => withTop(block, entry).spec?.crds[0]?.selection

  test("says where entries work that do not say it themselves", () => {
    const block = "security: { namespaceProtection: { restrictedNamespaces: [kube-system] } }"
    expect(selection(block)).toMatchObject({ restrictedNamespaces: ["kube-system"], allowedNamespaces: [] })
    expect(selection(block, "      allowedNamespaces: [web]\n")).toMatchObject({
      restrictedNamespaces: [],
      allowedNamespaces: ["web"],
    })
  })

  test("does nothing while it is switched off", () => {
    const block = "security: { namespaceProtection: { enabled: false, restrictedNamespaces: [kube-system] } }"
    expect(selection(block)).toMatchObject({ restrictedNamespaces: [] })
  })
})
