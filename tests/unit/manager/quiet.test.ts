/** What a fleet at rest asks of the API server in a day. */
import { expect, test } from "bun:test"
import { crd, indented, website } from "../../support/makers.ts"
import { World } from "../../support/world.ts"

const entry = (name: string, kind: string, body: string) =>
  `${name}:\n  apiTypes: { group: demo.example, version: v1, kind: ${kind} }\n${indented(body, 2)}`

/** Everything that looks again by itself: resync, gates on the time, requeue, generated content that ages, copies, watches. */
const entries = [
  entry(
    "website",
    "Website",
    `resync: 10m
operatorBox:
  onCreate:
    secrets: [{ name: "{{ .metadata.name }}-login", data: { user: a } }]
  onReconcile:
    configMaps: [{ name: "{{ .metadata.name }}", data: { title: "{{ .spec.title }}" } }, { name: "{{ .metadata.name }}-far", namespace: far }]
    secrets: [{ name: "{{ .metadata.name }}-copy", fromSecret: origin, fromNamespace: default }]
  status: { fields: [{ path: title, value: "{{ .children.configMap.data.title }}" }] }`,
  ),
  entry(
    "shop",
    "Shop",
    `operatorBox:
  gates: { reconcileGate: { when: [{ time: { after: "08:00", before: "20:00" } }] } }
  requeue: { after: 7m }
  onReconcile:
    serviceAccounts: [{ name: "{{ .metadata.name }}" }]`,
  ),
]

const text = [
  "apiVersion: orkestra.orkspace.io/v1",
  "kind: Katalog",
  "metadata: { name: demo }",
  "spec:",
  "  crds:",
  ...entries.map((one) => indented(one, 4)),
].join("\n")

test("a fleet at rest writes nothing in a day, and reads by watches alone", async () => {
  const secret = { apiVersion: "v1", kind: "Secret", metadata: { name: "origin", namespace: "default" } }
  const objects = [
    website("a", { title: "x" }),
    website("b", { title: "y" }),
    website("c", {}, { kind: "Shop" }),
    { ...secret, data: { user: "YQ==" } },
  ]
  await using world = await World.start(text, { crds: [crd("Website"), crd("Shop")], objects })
  await world.advance("10h")
  expect(world.conditions("default/a")).toMatchObject({ Ready: "True" })
  expect(world.conditions("default/c", "Shop")).toMatchObject({ Ready: "True" })
  world.server.takeRequests()
  await world.advance("1d")
  const asked = Map.groupBy(world.server.takeRequests(), (request) => request)
  const names = [...asked.keys()]
  expect(names.filter((name) => !name.startsWith("WATCH "))).toEqual([])
  // Each watch is renewed every five to ten minutes.
  expect(names.length).toBeGreaterThan(4)
  for (const renewals of asked.values()) {
    expect(renewals.length).toBeGreaterThanOrEqual((24 * 60) / 10)
    expect(renewals.length).toBeLessThanOrEqual((24 * 60) / 5)
  }
}, 60_000)
