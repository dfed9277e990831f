import { expect, test } from "bun:test"
import { parseYaml } from "../../../src/katalog/yaml.ts"
import { readPlain } from "../../../src/katalog/yaml-plain.ts"
import { corpus } from "../../fuzz/katalog-mutations.ts"
import { differenceOn, fuzzYaml } from "../../fuzz/yaml.fuzz.ts"

const texts = corpus.flatMap((files) => Object.entries(files).filter(([path]) => /\.ya?ml$/.test(path)))

// More of it, with other seeds: npm run fuzz -- yaml
test("20,000 texts of YAML's signs are read as the complete parser reads them", async () => {
  expect(await fuzzYaml({ seed: 1, count: 20_000 })).toEqual([])
})

test("so are all files of the examples, with both kinds of line ends", () => {
  const both = texts.flatMap(([, text]) => [text, text.replaceAll("\n", "\r\n")])
  expect(both.flatMap((text) => differenceOn(text) ?? [])).toEqual([])
})

test("what nearly every file is written in needs no complete parser", () => {
  const read = texts.map(([, text]) => readPlain(text, 100).ok)
  expect(read.filter(Boolean).length / read.length).toBeGreaterThan(0.95)
})

test.each([
  ["keys and lists", "a:\n- b: 1\n  c: [x, 'y', {z: \"w\"}]\nd: |\n  text\n\n  more\ne:\n"],
  ["anchors and merges", "a: &a { x: 1 }\nb: &b\n  c: *a\nd: { <<: *a, e: *b }\n"],
  ["texts over several lines", "a: one\n  two\n\n  three\nb: 'one\n  two'\nc: >-\n  one\n  two\n"],
  ["blocks that keep their end", "a: |+\n  one\n \n\nb: 1\n"],
  ["JSON", '{"a": [1, null, "\\u00e9"],\n "b": {}}'],
])("%s are read at once", (_, text) => {
  expect(readPlain(text, 100).ok).toBe(true)
  expect(differenceOn(text)).toBeUndefined()
})

test.each([
  ["a key without a colon", "a: 1\nb\n", 5],
  ["a tag", "a: 1\nb: !x y\n", 8],
  ["a bracket that is not closed", "a: 1\nb: [c\n", 10],
])("%s is left to the complete parser, from its line on", (_, text, place) => {
  const read = readPlain(text, 100)
  expect(read.ok ? undefined : Math.abs(read.error.at - place)).toBeLessThanOrEqual(1)
  expect(parseYaml({ path: "a.yaml", text }).diagnostics.length).toBeGreaterThan(0)
})
