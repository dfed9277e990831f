import { expect, test } from "bun:test"
import { crdColumns } from "../../../src/apiserver/crd-columns.ts"
import { humanDuration } from "../../../src/apiserver/human-duration.ts"
import { compileJsonPath } from "../../../src/apiserver/json-path.ts"
import type { KubeObject } from "../../../src/kube/mod.ts"

// The cells are those that a real server printed for the same object.
const object: KubeObject = {
  apiVersion: "example.com/v1",
  kind: "Thing",
  metadata: { name: "a", labels: { "a.b/c": "lab" }, creationTimestamp: "2026-01-01T00:00:00Z" },
  spec: {
    s: "str",
    five: 5,
    n: 1.5,
    b: true,
    d: "2020-01-01T00:00:00Z",
    bad: "bad",
    l: ["x", "y", "z"],
    li: [1, 2],
    cs: [
      { type: "Ready", status: "True" },
      { type: "Other", status: "False" },
    ],
    o: { k: "v", q: { z: 1 } },
  },
}
const now = Date.parse("2026-11-24T23:50:44Z")

test.each([
  ["string", ".spec.s", "str"],
  ["string", ".spec.five", "5"],
  ["integer", ".spec.five", 5],
  ["integer", ".spec.s", null],
  ["number", ".spec.n", 1.5],
  ["string", ".spec.n", "1.5"],
  ["boolean", ".spec.b", true],
  ["string", ".spec.b", "true"],
  ["boolean", ".spec.s", null],
  ["date", ".spec.d", "6y329d"],
  ["date", ".spec.bad", "<invalid>"],
  ["date", ".spec.gone", null],
  ["string", ".spec.l", '["x","y","z"]'],
  ["string", ".spec.l[*]", "x"],
  ["string", ".spec.l[0]", "x"],
  ["string", ".spec.l[-1]", "z"],
  ["string", ".spec.l[1:2]", "y"],
  ["string", ".spec.l[9]", null],
  ["integer", ".spec.li[*]", 1],
  ["string", '.spec.cs[?(@.type=="Ready")].status', "True"],
  ["string", ".spec.cs[?(@.type!='Ready')].status", "False"],
  ["string", ".spec.cs[?(@.missing)].status", null],
  ["string", ".spec.o", '{"k":"v","q":{"z":1}}'],
  ["string", ".spec.o.*", "v"],
  ["string", ".metadata.labels['a\\.b/c']", "lab"],
  ["string", ".metadata.labels.a\\.b/c", "lab"],
])("a column of type %s at %s reads %p", (type, jsonPath, expected) => {
  const columns = crdColumns({ additionalPrinterColumns: [{ name: "C", type, jsonPath }] })
  expect(columns[1]?.cell(object, now)).toBe(expected)
})

test("a CRD without columns has name and age", () => {
  const columns = crdColumns({})
  expect(columns.map(({ name }) => name)).toEqual(["Name", "Age"])
  expect(columns.map(({ cell }) => cell(object, now))).toEqual(["a", "327d"])
  expect(columns[0]?.description).toStartWith("Name must be unique within a namespace.")
})

test.each([".spec.l[", "spec", ".spec[?(1)]", ".spec.l[a]"])("%s is no path", (text) => {
  expect(compileJsonPath(text).ok).toBe(false)
})

test.each([
  [-5_000, "<invalid>"],
  [0, "0s"],
  [119_000, "119s"],
  [120_000, "2m"],
  [125_000, "2m5s"],
  [600_000, "10m"],
  [3 * 3_600_000, "3h"],
  [3 * 3_600_000 + 60_000, "3h1m"],
  [47 * 3_600_000, "47h"],
  [49 * 3_600_000, "2d1h"],
  [8 * 86_400_000, "8d"],
  [730 * 86_400_000, "2y"],
  [9 * 365 * 86_400_000, "9y"],
])("%d ms are an age of %s", (milliseconds, expected) => expect(humanDuration(milliseconds)).toBe(expected))
