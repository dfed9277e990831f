import { expect, test } from "bun:test"
import { PairIndex } from "../../../src/apiserver/pretend/pair-index.ts"

const at = (name: string, namespace = "shop") => ({ namespace, name })

test("names are found by any of their pairs, in their namespace", () => {
  const index = new PairIndex()
  index.note(at("one"), {}, { app: "web", tier: "front" })
  index.note(at("two"), {}, { app: "api" })
  index.note(at("three", "other"), {}, { app: "web" })
  expect(index.withAny("shop", { app: "web", tier: "back" })).toEqual(["one"])
  expect(index.withAny("shop", { app: "api", tier: "front" })).toEqual(["two", "one"])
  expect(index.withAny("shop", {})).toEqual([])
})

test("a changed label is followed, and what is gone is not found", () => {
  const index = new PairIndex()
  index.note(at("one"), {}, { app: "web", tier: "front" })
  index.note(at("one"), { app: "web", tier: "front" }, { app: "api", tier: "front" })
  expect(index.withAny("shop", { app: "web" })).toEqual([])
  expect(index.withAny("shop", { app: "api" })).toEqual(["one"])
  index.note(at("one"), { app: "api", tier: "front" }, {})
  expect(index.withAny("shop", { app: "api", tier: "front" })).toEqual([])
})

test("the rarest pair of all is looked at", () => {
  const index = new PairIndex()
  for (const name of ["one", "two", "three"]) index.note(at(name), {}, { kind: "pod", app: name })
  expect(index.withRarest("shop", { kind: "pod", app: "two" })).toEqual(["two"])
  expect(index.withRarest("shop", { kind: "pod", app: "four" })).toEqual([])
  expect(index.withRarest("shop", {})).toEqual([])
})
