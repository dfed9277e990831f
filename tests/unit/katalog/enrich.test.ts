import { describe, expect, test } from "bun:test"
import { formatKatalog } from "../../../src/katalog/mod.ts"
import { build } from "../../../src/plan/mod.ts"
import { memoryFiles } from "../../support/files.ts"
import { katalog } from "../../support/makers.ts"
import { planOf } from "../../support/world.ts"
import { errorCodes, loadEntry, loadText, websiteKatalog } from "./support.ts"

const targets = (body: string) => loadEntry(body).enrich.map(({ target }) => target)
const everything = [
  ...["pods", "events", "owner", "replicasets", "pvcs", "pvc", "pv"],
  ...["storageclass", "backingpods", "endpoints", "node", "hpa", "cronjob", "ingress"],
]

describe("enrich", () => {
  test("takes every published target", () =>
    expect<readonly string[]>(targets(`      enrich: [${everything.join(", ")}]\n`)).toEqual(everything))

  test.each([
    ["warnings", "events"],
    ["event", "events"],
    ["ev", "events"],
    ["ep", "endpoints"],
    ["endpointslice", "endpoints"],
    ["cj", "cronjob"],
    ["ing", "ingress"],
  ])("reads %s as %s, alone and with conditions", (alias, target) => {
    expect<readonly string[]>(targets(`      enrich: [${alias}]\n`)).toEqual([target])
    expect<readonly string[]>(targets(`      enrich: [{ ${alias}: {} }]\n`)).toEqual([target])
  })

  test("takes conditions per target, in every published spelling", () => {
    const [pods, owner] = loadEntry(`      enrich:
        - pods: { when: [{ field: spec.on, equals: true }], anyOf: [{ field: spec.a, exists: true }] }
        - owner:
`).enrich
    expect(pods).toMatchObject({ when: [{ field: "spec.on", operator: "equals", value: true }] })
    expect(pods?.or).toMatchObject([{ field: "spec.a", operator: "exists" }])
    expect(owner).toMatchObject({ target: "owner", when: [], or: [] })
  })

  test("is everything with enrichAll, and nothing without either", () => {
    expect<readonly string[]>(targets("      enrichAll: true\n")).toEqual(everything)
    expect(targets("      enrichAll: false\n      enrich: [pods]\n")).toEqual(["pods"])
    expect(targets("")).toEqual([])
  })

  test("refuses a list beside enrichAll, unknown targets, and a target that is named twice", () => {
    const codes = (body: string) => errorCodes(websiteKatalog(body))
    expect(codes("      enrichAll: true\n      enrich: [pods]\n")).toEqual(["ORK0215"])
    expect(codes("      enrich: [pod]\n")).toEqual(["ORK0106"])
    expect(codes("      enrich: [{ pod: {} }]\n")).toEqual(["ORK0107"])
    expect(codes("      enrich: [events, warnings]\n")).toEqual(["ORK0206"])
    const [slip] = loadText(websiteKatalog("      enrich: [Pods]\n")).diagnostics
    expect(slip?.help).toContain('"pods"')
  })

  test.each(["operatorBox.reconcile", "operatorBox.reconciler", "operatorBox.observe", "operatorBox"])(
    "is read at %s, with a note, and formatted into the entry",
    (address) => {
      const [box, group] = address.split(".")
      const inner = "enrich: [pods, { ev: { when: [{ field: spec.on, equals: true }] } }]"
      const text = websiteKatalog(`      ${box}: { ${group ? `${group}: { ${inner} }` : inner} }\n`)
      const { spec, diagnostics } = loadText(text)
      expect(spec?.crds[0]?.enrich.map(({ target }) => target)).toEqual(["pods", "events"])
      expect(diagnostics.map(({ code }) => code)).toContain("ORK0120")
      const formatted = formatKatalog(memoryFiles({ "katalog.yaml": text }), "katalog.yaml")
      expect(formatted.ok && loadText(formatted.value.after).diagnostics).toEqual([])
    },
  )
})

describe("the plan", () => {
  const box = (lists: string, value: string) =>
    `onReconcile:\n  ${lists}\nstatus:\n  fields: [{ path: a, value: "${value}" }]`
  const web = 'deployments: [{ name: web, image: "nginx" }]'
  const reading = "{{ podNames .children.deployment }}"
  const planned = (text: string) => planOf(text).operators[0]
  const names = (text: string) => planned(text)?.enrich.map(({ target }) => target)

  test("keeps only what some child takes, and nothing where no template reads children", () => {
    expect(names(katalog(box(web, reading), "enrichAll: true"))).toEqual(["pods", "events", "replicasets"])
    expect(names(katalog(box(web, "fixed"), "enrichAll: true"))).toEqual([])
    expect(names(katalog(box(web, reading)))).toEqual([])
  })

  test("is another one when a target or its condition is another one", () => {
    const of = (enrich: string) => planned(katalog(box(web, reading), `enrich: ${enrich}`))?.fingerprint
    const all = ["[pods]", "[events]", "[{ pods: { when: [{ field: spec.on, equals: true }] } }]"].map(of)
    expect(new Set(all).size).toBe(3)
    expect(of("[pods]")).toBe(of("[{ pods: {} }]"))
  })

  test("knows whether the workload label finds all Pods", () => {
    const labels = (lists: string, enrich = "[pods]") =>
      planned(katalog(box(lists, reading.replace("deployment", "service")), `enrich: ${enrich}`))?.labelsPods
    const service = "\n  services: [{ name: web, port: 80 }]"
    expect(labels(web + service)).toBe(true)
    expect(labels(web + service, "[backingpods]")).toBe(true)
    const chosen = "\n  services: [{ name: web, port: 80, selector: { app: web } }]"
    expect(labels(web + chosen)).toBe(true)
    expect(labels(web + chosen, "[backingpods]")).toBe(false)
    const spec =
      "spec: { selector: { matchLabels: { a: b } }, template: { spec: { containers: [{ name: a, image: a }] } } }"
    const own = `custom: [{ apiVersion: apps/v1, kind: Deployment, metadata: { name: own }, ${spec} }]`
    expect(labels(`${own}${service.replace("port: 80", "port: 80, selector: { a: b }")}`)).toBe(false)
  })

  test("says what was asked for by name and adds nothing", () => {
    const notes = (enrich: string, value = reading) => {
      const text = katalog(box(web, value), enrich)
      const { spec, spans } = loadText(text)
      return spec && build(spec, spans).diagnostics.map(({ severity, code, path }) => [severity, code, path])
    }
    const path = "spec.crds.website.enrich[0]"
    expect(notes("enrich: [node, pods]")).toEqual([["note", "ORK0122", path]])
    expect(notes("enrich: [pods]", "fixed")).toEqual([["note", "ORK0122", path]])
    expect(notes("enrichAll: true")).toEqual([])
  })
})
