import { describe, expect, test } from "bun:test"
import { Bug, type Diagnostic, OrkError } from "../../../src/base/mod.ts"
import { type LogFormat, terminalLogger } from "../../../src/cli/logger.ts"
import { countDiagnostics, diagnosticsJson, paint, printDiagnostics } from "../../../src/cli/print.ts"
import { FakeClock } from "../../support/clock.ts"

const file = { path: "shop/katalog.yaml", text: "spec:\n  workerz: 3\n" }
const wrong: Diagnostic = {
  severity: "error",
  code: "ORK0107",
  message: 'unknown field "workerz"',
  help: 'did you mean "workers"?',
  path: "spec.workerz",
  span: { file, start: 8, end: 15 },
}
const homeless: Diagnostic = { severity: "warning", code: "ORK0999", message: "100% odd\nin two lines" }

describe("diagnostics", () => {
  test("as JSON have the documented fields, and nothing where nothing is known", () => {
    expect(diagnosticsJson([wrong, homeless])).toEqual({
      ok: false,
      diagnostics: [
        {
          severity: "error",
          code: "ORK0107",
          message: 'unknown field "workerz"',
          help: 'did you mean "workers"?',
          file: "shop/katalog.yaml",
          line: 2,
          column: 3,
          endLine: 2,
          endColumn: 10,
          path: "spec.workerz",
        },
        { severity: "warning", code: "ORK0999", message: "100% odd\nin two lines" },
      ],
    })
    expect(JSON.parse(printDiagnostics([homeless], "json"))).toMatchObject({ ok: true })
    expect(JSON.parse(printDiagnostics([], "json"))).toEqual({ ok: true, diagnostics: [] })
  })

  test("for GitHub are one annotation a line, with what ends a line escaped", () => {
    expect(printDiagnostics([wrong, homeless], "github").split("\n")).toEqual([
      '::error file=shop/katalog.yaml,line=2,col=3,title=ORK0107::unknown field "workerz"%0Ahelp: did you mean "workers"?',
      "::warning title=ORK0999::100%25 odd%0Ain two lines",
      "",
    ])
    expect(printDiagnostics([{ ...homeless, severity: "note" }], "github")).toStartWith("::notice ")
  })

  test("for GitHub keep a path with a comma or a colon in one piece", () => {
    const odd = { ...wrong, span: { file: { ...file, path: "a,b:c%.yaml" }, start: 0, end: 1 } }
    expect(printDiagnostics([odd], "github")).toStartWith("::error file=a%2Cb%3Ac%25.yaml,line=1,col=1,")
  })

  test("as text show place, frame and help", () => {
    const text = printDiagnostics([wrong], "text")
    expect(text).toContain("shop/katalog.yaml:2:3 error ORK0107")
    expect(text).toContain("workerz: 3")
    expect(text).toContain("^^^^^^^\n")
    expect(text).toContain('help: did you mean "workers"?')
  })

  test("are counted by severity", () => {
    expect(countDiagnostics([wrong, homeless, wrong])).toBe("2 errors, 1 warning")
    expect(countDiagnostics([{ ...homeless, severity: "note" }])).toBe("1 note")
    expect(countDiagnostics([])).toBe("")
  })
})

test("paint is for terminals only", () => {
  expect(paint("x", "red", true)).toBe("\u001b[31mx\u001b[0m")
  expect(paint("x", "red", false)).toBe("x")
})

describe("the logger", () => {
  const setup = (format: LogFormat, more: { readonly verbose?: boolean; readonly colour?: boolean } = {}) => {
    const lines: string[] = []
    const { verbose = false, colour = false } = more
    const write = (line: string) => lines.push(line)
    return { lines, log: terminalLogger({ format, verbose, colour, clock: new FakeClock(0), write }) }
  }
  const refused = new OrkError("net/refused", "no answer", {}, { cause: new Error("inner") })

  test("writes one JSON object a line, with the time of the clock and the fields of its parents", () => {
    const { log, lines } = setup("json")
    log.with({ operator: "web" }).info("operator started", { workers: 3 })
    expect(lines).toHaveLength(1)
    expect(lines[0]).toEndWith("\n")
    expect(JSON.parse(lines[0] ?? "")).toEqual({
      time: "1970-01-01T00:00:00.000Z",
      level: "info",
      message: "operator started",
      operator: "web",
      workers: 3,
    })
  })

  test("writes text with the fields that matter to a person", () => {
    const { log, lines } = setup("text")
    log.info("reconciled", {
      key: "a/b",
      why: "two words",
      reconcileId: "x-1",
      gvr: "v1/pods",
      empty: "",
      none: undefined,
    })
    expect(lines).toEqual(['● reconciled  key=a/b why="two words"\n'])
    log.warn("plain")
    expect(lines[1]).toBe("▲ plain\n")
  })

  test.each(["text", "json"] as const)("leaves debug out unless verbose (%s)", (format) => {
    const quiet = setup(format)
    quiet.log.debug("pass")
    const loud = setup(format, { verbose: true })
    loud.log.debug("pass")
    expect([quiet.lines.length, loud.lines.length]).toEqual([0, 1])
  })

  test.each(["text", "json"] as const)("shows no stack for what the world said (%s)", (format) => {
    const { log, lines } = setup(format)
    log.error("reconcile failed", { error: refused })
    expect(lines.join("")).toContain("no answer")
    expect(lines.join("")).not.toContain("at ")
    expect(lines.join("")).not.toContain("inner")
  })

  test.each([
    ["text", new Bug("oops")],
    ["json", new TypeError("oops")],
  ] as const)("shows the stack of a mistake of ours (%s)", (format, error) => {
    const { log, lines } = setup(format)
    log.error("panicked", { error })
    expect(lines.join("")).toContain("print.test.ts")
  })

  test("keeps one line per entry in text, so that nobody can forge another", () => {
    const { log, lines } = setup("text")
    log.info("waiting", { on: "x\n● operator stopped" })
    expect(lines.join("").trimEnd().split("\n")).toHaveLength(1)
  })

  test("paints only when asked to", () => {
    const coloured = setup("text", { colour: true })
    coloured.log.error("bad", { key: "a" })
    expect(coloured.lines[0]).toContain("\u001b[31m✖")
    const plain = setup("text")
    plain.log.error("bad", { key: "a" })
    expect(plain.lines[0]).not.toContain("\u001b")
    expect(Bun.stripANSI(coloured.lines[0] ?? "")).toBe(plain.lines[0] ?? "-")
  })
})
