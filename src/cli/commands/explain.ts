import { didYouMean } from "../../base/mod.ts"
import { type CodeText, codes } from "../../katalog/mod.ts"
import type { Command } from "../command.ts"
import { outputFlag } from "../command-spec.ts"
import { exit, UsageError } from "../exit.ts"
import { paint } from "../print.ts"
import { table } from "../table.ts"
import type { Terminal } from "../terminal.ts"

/** `ork explain CODE`: what a diagnostic means, an example and the way out. */
export const explain: Command = {
  spec: {
    name: "explain",
    summary: "explain the code of a diagnostic",
    description: [
      "Every mistake that ork finds in a Katalog has a code. This prints what the code means, a Katalog that has the mistake, and what to do. Without a code it lists all codes.",
    ],
    examples: [
      { summary: "what ORK0107 means", command: "ork explain ORK0107" },
      { summary: "all codes", command: "ork explain" },
    ],
    flags: [outputFlag("text", "json")],
    args: [{ name: "code", summary: "a code such as ORK0107; upper or lower case, with or without ORK" }],
  },
  async run(terminal, parsed) {
    const [word] = parsed.positionals
    const isJson = parsed.text("output") === "json"
    const print = (value: unknown) => terminal.out(`${JSON.stringify(value, null, 2)}\n`)
    if (word === undefined) {
      const all = Object.entries(codes).map(([code, text]) => ({ code, ...text }))
      if (isJson) print({ codes: all })
      else terminal.out(table([["CODE", "TITLE"], ...all.map(({ code, title }) => [code, title])]))
      return exit.fine
    }
    const code = codeOf(word)
    const text = codes[code]
    if (text === undefined) throw unknownCode(word, code)
    if (isJson) print({ code, ...text })
    else terminal.out(page(terminal, code, text))
    return exit.fine
  },
}

function codeOf(word: string): string {
  const upper = word.toUpperCase()
  return /^\d+$/.test(word) ? `ORK${word.padStart(4, "0")}` : upper
}

function unknownCode(word: string, code: string): UsageError {
  const near = didYouMean(code, Object.keys(codes))
  return new UsageError(`unknown code "${word}"${near ? `; did you mean "${near}"?` : "; ork explain lists all codes"}`)
}

function page(terminal: Terminal, code: string, { title, text, example, fix }: CodeText): string {
  const indented = example
    .trimEnd()
    .split("\n")
    .map((line) => (line === "" ? "" : `    ${line}`))
  const head = (words: string) => paint(words, "yellow", terminal.outColour)
  return [
    `${head(code)} ${title}`,
    "",
    ...wrapped(text, terminal.width),
    "",
    head("Example"),
    "",
    ...indented,
    "",
    head("What to do"),
    "",
    ...wrapped(fix, terminal.width),
    "",
  ].join("\n")
}

/** Words in lines of a width that reads well. */
function wrapped(text: string, width: number): readonly string[] {
  const lines: string[] = [""]
  for (const word of text.split(" ")) {
    const line = lines.at(-1) ?? ""
    if (line !== "" && line.length + word.length + 1 > Math.min(Math.max(width, 40), 80)) lines.push(word)
    else lines[lines.length - 1] = line === "" ? word : `${line} ${word}`
  }
  return lines
}
