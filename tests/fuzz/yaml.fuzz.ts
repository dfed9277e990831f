/** Texts of YAML's signs in any order: where the quick reader answers, it reads what the complete parser reads. */
import { isDeepStrictEqual } from "node:util"
import { readAny } from "../../src/katalog/yaml.ts"
import { limits } from "../../src/katalog/yaml-document.ts"
import { readPlain } from "../../src/katalog/yaml-plain.ts"
import { type Draw, draw, type FuzzOptions, fuzzMain } from "../support/fuzz.ts"

const findingsMax = 20

const words = [
  "a",
  "b",
  "x y",
  "a#b",
  "a:b",
  "1",
  "-1",
  "0x1f",
  "1.5e3",
  ".5",
  "null",
  "~",
  "true",
  "é",
  "\u00a0",
  "::",
]
const keys = ["a: ", "b: ", "c:", "a:\n", '"y": ', "__proto__: ", "<<: *a", "? ", ": ", ":"]
const lines = [
  "\n",
  "\n",
  "\n",
  "\n  ",
  "\n    ",
  "\n\n",
  "\n \n",
  "  ",
  " ",
  "\r\n",
  "\r",
  "\t",
  "---\n",
  "---",
  "...\n",
]
const lists = ["- ", "- ", "-", "\n- ", "\n  - ", "- - ", "- a: 1\n", "  b: 2\n"]
const brackets = ["[", "]", "{", "}", ", ", ",", "[a, b]", "{a: 1, b: 2}", "{a: [1]}"]
const quotes = ["'x'", '"x"', "'", '"', "''", "\\", "\\n", '"a\n  b"', "'a\n\n b'"]
const blocks = ["|\n", ">\n", "|-\n", ">-\n", "|+\n", ">+\n", "|", "|2\n"]
const rare = [" #c", "#", "&a ", "*a", "&b", "!x ", "%", "@", "`", "<<", "\u0085", "\ufeff"]
const pieces = [...words, ...keys, ...lines, ...lists, ...brackets, ...quotes, ...blocks, ...rare]

function textOf(random: Draw): string {
  return Array.from({ length: 1 + random.below(14) }, () => random.one(pieces)).join("")
}

/** Why the two readers differ on a text; undefined when they do not. */
export function differenceOn(text: string): string | undefined {
  const plain = readPlain(text, limits.depth)
  if (!plain.ok) return plain.error.at <= text.length ? undefined : `a place outside of the text, ${plain.error.at}`
  const { roots, diagnostics } = readAny({ path: "a.yaml", text }, 0)
  if (diagnostics.length > 0) return `accepts what is wrong: ${diagnostics[0]?.message}`
  return isDeepStrictEqual(plain.value, roots) ? undefined : `reads ${JSON.stringify(plain.value)}`
}

/** Tries `count` texts from `seed` on and returns those that the two read differently. */
export async function fuzzYaml({ seed, count }: FuzzOptions): Promise<readonly string[]> {
  const findings: string[] = []
  for (let i = seed; i < seed + count && findings.length < findingsMax; i++) {
    const text = textOf(draw(i))
    const difference = differenceOn(text)
    if (difference !== undefined) findings.push(`seed ${i}: ${JSON.stringify(text)}: ${difference}`)
  }
  return findings
}

if (import.meta.main) await fuzzMain("yaml", 1_000_000, fuzzYaml)
