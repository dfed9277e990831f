import { describe, expect, test } from "bun:test"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import {
  assertionComplaints,
  codeOf,
  cycleComplaints,
  exportComplaints,
  faceComplaints,
  globalComplaints,
  layerComplaints,
  packageComplaints,
  parameterComplaints,
  type Source,
  sizeComplaints,
} from "./support/architecture.ts"

const root = join(import.meta.dir, "..")

function read(pattern: string): readonly Source[] {
  const paths = [...new Bun.Glob(pattern).scanSync({ cwd: root })].map((path) => path.replaceAll("\\", "/")).sort()
  return paths.map((path) => ({ path, text: readFileSync(join(root, path), "utf8") }))
}

const src = read("src/**/*.{ts,tsx}")
const written = [...src, ...read("tests/**/*.ts"), ...read("scripts/**/*.ts")]

describe("the source", () => {
  test("is read at all", () => expect(src.length).toBeGreaterThan(10))
  test("imports only downwards, through mod.ts", () => expect(src.flatMap(layerComplaints)).toEqual([]))
  test("imports each package only at its home", () => expect(src.flatMap(packageComplaints)).toEqual([]))
  test("has no import cycles", () => expect(cycleComplaints(src)).toEqual([]))
  test("uses ambient powers only at their homes", () => expect(src.flatMap(globalComplaints)).toEqual([]))
  test("keeps files and functions short", () => expect(written.flatMap(sizeComplaints)).toEqual([]))
  test("takes at most three parameters and one options object", () =>
    expect(written.flatMap(parameterComplaints)).toEqual([]))
  test("documents every export", () => expect(src.flatMap(exportComplaints)).toEqual([]))
  test("explains every type assertion", () => expect(src.flatMap(assertionComplaints)).toEqual([]))
  test("has a documented mod.ts in every folder", () => expect(faceComplaints(src)).toEqual([]))
})

/** A rule that cannot fail is no rule: each is shown one source that it accepts and one that it does not. */
describe("the rules", () => {
  type Rule = (source: Source) => readonly string[]
  const cases: readonly (readonly [string, Rule, Source, Source])[] = [
    [
      "an import upwards",
      layerComplaints,
      file("kube/a.ts", from("../base/mod.ts")),
      file("base/a.ts", from("../kube/mod.ts")),
    ],
    [
      "an import past mod.ts",
      layerComplaints,
      file("kube/a.ts", from("./b.ts")),
      file("kube/a.ts", from("../base/clock.ts")),
    ],
    ["an unknown folder", layerComplaints, file("base/a.ts", ""), file("misc/a.ts", "")],
    [
      "a dynamic import upwards",
      layerComplaints,
      file("cli/a.ts", 'import("../server/mod.ts")'),
      file("plan/a.ts", 'import("../server/mod.ts")'),
    ],
    [
      "a value from the view",
      layerComplaints,
      file("server/a.ts", type("../manager/view.ts")),
      file("server/a.ts", from("../manager/view.ts")),
    ],
    [
      "a package away from home",
      packageComplaints,
      file("katalog/yaml.ts", from("yaml")),
      file("plan/a.ts", from("yaml")),
    ],
    [
      "a package without a home",
      packageComplaints,
      file("kube/a.ts", from("node:crypto")),
      file("kube/a.ts", from("lodash")),
    ],
    ["files read directly", packageComplaints, file("system.ts", from("node:fs")), file("kube/a.ts", from("node:fs"))],
    ["the real time", globalComplaints, file("base/a.ts", "new Date(at)"), file("base/a.ts", "new Date()")],
    ["a timer", globalComplaints, file("system.ts", "setTimeout(f)"), file("base/a.ts", "setTimeout(f)")],
    [
      "the console",
      globalComplaints,
      file("base/a.ts", '// console.log\nlog("console.log")'),
      file("base/a.ts", "console.log(1)"),
    ],
    ["the process", globalComplaints, file("base/a.ts", "this.process.x"), file("base/a.ts", "process.exit(1)")],
    [
      "the global fetch",
      globalComplaints,
      file("runtime/client/fetch-transport.ts", "fetch(url)"),
      file("kube/a.ts", "await fetch(url)"),
    ],
    ["a server", globalComplaints, file("server/listen.ts", "Bun.serve({})"), file("server/app.ts", "Bun.serve({})")],
    ["a long file", sizeComplaints, file("a.ts", "x\n".repeat(500)), file("a.ts", "x\n".repeat(501))],
    [
      "a long function",
      sizeComplaints,
      file("a.ts", lines("function f() {", 68)),
      file("a.ts", lines("function f() {", 69)),
    ],
    [
      "a long method",
      sizeComplaints,
      file("a.ts", lines("  async run(): Promise<void> {", 68)),
      file("a.ts", lines("  async run(): Promise<void> {", 69)),
    ],
    [
      "a long arrow function",
      sizeComplaints,
      file("a.ts", lines("const f = (a: A) => {", 68)),
      file("a.ts", lines("const f = (a: A) => {", 69)),
    ],
    [
      "five parameters",
      parameterComplaints,
      file("a.ts", "function f(a: M<A, B>, b: (x: A, y: B) => C, c = 1, d: {},) {}"),
      file("a.ts", "function f(a, b, c, d, e) {}"),
    ],
    [
      "an undocumented export",
      exportComplaints,
      file("a.ts", "/** Yes. */\nexport const a = 1"),
      file("a.ts", "\nexport const a = 1"),
    ],
    [
      "a star export",
      exportComplaints,
      file("a.ts", 'export { a } from "./b.ts"'),
      file("a.ts", 'export * from "./b.ts"'),
    ],
    ["a default export", exportComplaints, file("a.ts", ""), file("a.ts", "/** No. */\nexport default 1")],
    ["an enum", exportComplaints, file("a.ts", ""), file("a.ts", "/** No. */\nexport enum A {}")],
    [
      "an unexplained assertion",
      assertionComplaints,
      file("a.ts", "x as A // parsed\ny as const"),
      file("a.ts", "const x = y as A"),
    ],
  ]
  test.each(cases)("notice %s", (_, rule, good, bad) => {
    expect(rule(good)).toEqual([])
    expect(rule(bad)).toHaveLength(1)
  })

  test("notice a cycle of types", () => {
    const a = file("kube/a.ts", type("./b.ts"))
    expect(cycleComplaints([a, file("kube/b.ts", "")])).toEqual([])
    expect(cycleComplaints([a, file("kube/b.ts", type("./a.ts"))])).toHaveLength(1)
  })

  test("notice a folder without a documented face", () => {
    expect(faceComplaints([file("kube/mod.ts", "/** Kube. */")])).toEqual([])
    expect(faceComplaints([file("kube/mod.ts", "export {}")])).toHaveLength(1)
    expect(faceComplaints([file("kube/a.ts", "")])).toHaveLength(1)
  })

  test("see through comments and strings, line by line", () => {
    expect(codeOf('a /* b\nc */ d // e\n"f" `${g}`')).toBe('a \n d \n"" `${g}`')
  })
})

function file(path: string, text: string): Source {
  return { path: `src/${path}`, text }
}

function from(specifier: string): string {
  return `import { a } from "${specifier}"\n`
}

function type(specifier: string): string {
  return `import type { A } from "${specifier}"\n`
}

function lines(first: string, count: number): string {
  const indent = /^\s*/.exec(first)?.[0] ?? ""
  return `${first}\n${`${indent}  x\n`.repeat(count)}${indent}}\n`
}
