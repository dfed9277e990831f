import { describe, expect, test } from "bun:test"
import { existsSync, readFileSync } from "node:fs"
import { dirname, join } from "node:path"
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
import { linksOf, mapComplaints, namedTests, sharedNumbers } from "./support/documents.ts"

const root = join(import.meta.dir, "..")

function namesIn(pattern: string, folder = "."): readonly string[] {
  const cwd = join(root, folder)
  return [...new Bun.Glob(pattern).scanSync({ cwd })].map((path) => path.replaceAll("\\", "/")).sort()
}

function read(pattern: string): readonly Source[] {
  return namesIn(pattern).map((path) => ({ path, text: readFileSync(join(root, path), "utf8") }))
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

describe("the pages", () => {
  const page = readFileSync(join(root, "src/ARCHITECTURE.md"), "utf8")

  test("have each file of src on the code map once", () => {
    const isMapped = (path: string) => !/(^|\/)mod\.ts$|\.md$/.test(path)
    expect(mapComplaints(page, namesIn("**/*", "src").filter(isMapped))).toEqual([])
  })
  test("name tests of invariants that exist", () => {
    expect(namedTests(page).length).toBeGreaterThan(50)
    expect(namedTests(page).filter((pattern) => namesIn(pattern).length === 0)).toEqual([])
  })
  test("give each decision a number of its own", () =>
    expect(sharedNumbers(namesIn("*.md", "docs/decisions"))).toEqual([]))
  test("are all reached from the index", () => {
    const index = linksOf(readFileSync(join(root, "docs/README.md"), "utf8"))
    expect(namesIn("**/*.md", "docs").filter((path) => path !== "README.md" && !index.includes(path))).toEqual([])
  })
  test("link to what is there", () => {
    const pages = ["*.md", "docs/**/*.md", "src/*.md"].flatMap(read)
    expect(pages.length).toBeGreaterThan(10)
    const broken = pages.flatMap(({ path, text }) =>
      linksOf(text)
        .filter((link) => !existsSync(join(root, dirname(path), link)))
        .map((link) => `${path}: ${link}`),
    )
    expect(broken).toEqual([])
  })
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

  test("notice what is wrong with a page", () => {
    const page =
      "\n## Code map\n- `kube/`: `a` one · `b.json` two\n## Invariants\n| x | `tests/a.test.ts`, `b.test.ts` |"
    expect(mapComplaints(page, ["kube/a.ts", "kube/b.json"])).toEqual([])
    expect(mapComplaints(page, ["kube/a.ts", "kube/c.ts"])).toHaveLength(2)
    expect(mapComplaints(page.replace("b.json", "a"), ["kube/a.ts"])).toHaveLength(1)
    expect(namedTests(page)).toEqual(["tests/a.test.ts", "tests/b.test.ts"])
    expect(sharedNumbers(["0001-a.md", "0002-b.md", "0002-c.md"])).toEqual(["0002"])
    expect(linksOf("[a](b.md#c) [d](https://e) [f](#g)")).toEqual(["b.md"])
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
