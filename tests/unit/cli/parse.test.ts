import { describe, expect, test } from "bun:test"
import { OrkError } from "../../../src/base/mod.ts"
import type { CommandSpec } from "../../../src/cli/command-spec.ts"
import { exit, exitCodeOf, UsageError } from "../../../src/cli/exit.ts"
import { parseCommandLine } from "../../../src/cli/parse.ts"

const spec: CommandSpec = {
  name: "run",
  summary: "run",
  flags: [
    { name: "file", short: "f", takesValue: true, repeatable: true, summary: "a file" },
    { name: "port", takesValue: true, summary: "a port" },
    { name: "output", short: "o", takesValue: true, values: ["text", "json"], summary: "a form" },
    { name: "verbose", short: "v", takesValue: false, summary: "more" },
  ],
  args: [{ name: "path", repeatable: true, summary: "a path" }],
}
const one: CommandSpec = {
  ...spec,
  args: [{ name: "shell", required: true, values: ["bash", "zsh"], summary: "a shell" }],
}

/** The message of the usage error that a command line ends with. */
function mistakeIn(args: readonly string[], of = spec, use = (_: ReturnType<typeof parseCommandLine>): unknown => 0) {
  try {
    use(parseCommandLine(of, args))
  } catch (error) {
    if (error instanceof UsageError) return error.message
    throw error
  }
  return undefined
}

describe("a command line that is understood", () => {
  test("repeats what may be repeated, and takes the last of the rest", () => {
    const parsed = parseCommandLine(spec, ["-f", "a", "--file=b", "x", "--port", "1", "--port", "2", "y"])
    expect(parsed.texts("file")).toEqual(["a", "b"])
    expect(parsed.text("port")).toBe("2")
    expect(parsed.positionals).toEqual(["x", "y"])
    expect([parsed.has("verbose"), parsed.has("file"), parsed.help]).toEqual([false, true, false])
  })

  test("reads short flags together and stops at --", () => {
    const parsed = parseCommandLine(spec, ["-vf", "a", "--", "--port"])
    expect([parsed.has("verbose"), parsed.text("file")]).toEqual([true, "a"])
    expect(parsed.positionals).toEqual(["--port"])
  })

  test("knows nothing of flags that were not written", () => {
    const parsed = parseCommandLine(spec, [])
    expect([parsed.text("port"), parsed.texts("file"), parsed.number("port", 9)]).toEqual([undefined, [], undefined])
  })

  test.each([
    ["0", 0],
    ["65535", 65_535],
    ["080", 80],
  ])("reads %s as a whole number", (text, value) => {
    expect(parseCommandLine(spec, ["--port", text]).number("port", 65_535)).toBe(value)
  })

  test("asks for help whatever else is wrong", () => {
    expect(parseCommandLine(one, ["--help", "tcsh", "x"]).help).toBe(true)
  })
})

describe("a command line that is not understood", () => {
  test.each([
    ["an unknown flag", ["--prot", "1"], "unknown flag --prot; did you mean --port?"],
    ["an unknown flag far from any", ["--xyzzy"], "unknown flag --xyzzy"],
    ["an unknown short flag", ["-z"], "unknown flag -z"],
    ["a value that is not allowed", ["-o", "yaml"], '--output is one of text, json; found "yaml"'],
  ])("names %s", (_, args, message) => {
    expect(mistakeIn(args)).toBe(message)
  })

  test.each([
    ["a missing value", ["--port"], "--port"],
    ["a value where none belongs", ["--verbose=yes"], "--verbose"],
    ["another flag in place of a value", ["--port", "--verbose"], "--port"],
  ])("names %s", (_, args, flag) => {
    expect(mistakeIn(args)).toContain(flag)
  })

  test.each(["65536", "-1", "1.5", "1e3", "", " 1", "http"])("refuses %j as a port", (text) => {
    expect(mistakeIn([`--port=${text}`], spec, (parsed) => parsed.number("port", 65_535))).toContain("--port")
  })

  test("names a word too many, a missing one, and one that is not allowed", () => {
    expect(mistakeIn(["bash", "more"], one)).toBe('unexpected "more"')
    expect(mistakeIn([], one)).toBe("shell is missing")
    expect(mistakeIn(["tcsh"], one)).toBe('shell is one of bash, zsh; found "tcsh"')
  })
})

test("exit codes tell usage from everything else", () => {
  expect(exit).toEqual({ fine: 0, failed: 1, katalog: 2, usage: 64 })
  expect(exitCodeOf(new UsageError("x"))).toBe(64)
  for (const error of [new OrkError("net/refused", "x"), new TypeError("x"), "x", undefined])
    expect(exitCodeOf(error)).toBe(1)
})
