import { expect, test } from "bun:test"
import { renderHelp } from "../../../src/cli/help.ts"
import { commands } from "../../support/commands.ts"

const [run, generate, completion] = commands
if (!run || !generate || !completion) throw new Error("the commands of the tests are gone")

test("help of a command: usage, why, examples, flags with values and defaults", () => {
  expect(renderHelp(run, { colour: false, parent: "ork" })).toBe(`ork run: run a Katalog until it's stopped

Usage
  ork run [FLAGS]

Applies what the Katalog names, then reconciles.

Examples
  # the Katalog in this folder
  ork run

Flags
  -f, --file FILE             a Katalog: file or folder (may be repeated;
                              default: the current folder)
      --port N                port of the HTTP API (default: 8080)
      --log-format text|json  how log lines look
      --data DIR              where state is kept
      --takeover              run beside a live Lease
  -h, --help                  show this help
`)
})

test("help of the program lists its commands and says where to read on", () => {
  const root = { name: "ork", summary: "operators that are data", flags: [], subcommands: commands }
  const help = renderHelp(root, { colour: false })
  expect(help).toContain("ork COMMAND [FLAGS]")
  expect(help).toContain("\n  run         run a Katalog until it's stopped\n")
  expect(help).toContain("ork COMMAND --help")
})

test("a required argument stands bare in the usage line, another in brackets", () => {
  expect(renderHelp(completion, { colour: false, parent: "ork" })).toContain("ork completion [FLAGS] bash|zsh|fish\n")
  const optional = { ...completion, args: [{ name: "file", repeatable: true, summary: "a Katalog" }] }
  expect(renderHelp(optional, { colour: false, parent: "ork" })).toContain("ork completion [FLAGS] [FILE...]\n")
})

test("no line is wider than the terminal", () => {
  const long = { ...run, description: [`${"word ".repeat(60)}end`] }
  const widest = (width: number) =>
    Math.max(
      ...renderHelp(long, { colour: false, parent: "ork", width })
        .split("\n")
        .map((line) => line.length),
    )
  expect(widest(60)).toBeLessThanOrEqual(60)
  expect(widest(100)).toBeGreaterThan(80)
})

test("colours are there when asked for, and never otherwise", () => {
  const coloured = renderHelp(run, { colour: true, parent: "ork" })
  const plain = renderHelp(run, { colour: false, parent: "ork" })
  expect(plain).not.toContain("\u001b")
  expect(coloured).toContain("\u001b[1m")
  expect(Bun.stripANSI(coloured)).toBe(plain)
})
