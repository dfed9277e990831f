import { describe, expect, test } from "bun:test"
import { Stopped, seeded } from "../../../src/base/mod.ts"
import { main, type Terminal } from "../../../src/cli/mod.ts"
import { FakeClock } from "../../support/clock.ts"
import { memoryFiles } from "../../support/files.ts"
import { katalog } from "../../support/makers.ts"
import { noDisk } from "../../support/terminal.ts"

const good = katalog(
  "onReconcile:\n  configMaps: [{ name: page }]\n  secrets: [{ name: a }, { name: b }]",
  "workers: 5",
)
const bad = good.replace("configMaps", "configMapz").replace("workers", "workerz")

/** Runs one command line in a process that has these files; what it wrote and how it ended. */
async function ork(
  args: readonly string[],
  files: Readonly<Record<string, string>> = {},
  more: Partial<Terminal> = {},
) {
  const out: string[] = []
  const err: string[] = []
  const terminal: Terminal = {
    env: {},
    home: "/home/me",
    hostname: "host",
    pid: 1,
    files: memoryFiles(files),
    disk: noDisk,
    replaceFile: (path) => {
      throw new Error(`nothing writes files, least of all ${path}`)
    },
    tidy: () => undefined,
    clock: new FakeClock(0),
    random: seeded(1),
    version: "1.2.3",
    commit: "abc",
    out: (text) => out.push(text),
    err: (text) => err.push(text),
    outColour: false,
    errColour: false,
    width: 80,
    startAnew: () => undefined,
    signal: new AbortController().signal,
    ...more,
  }
  const code = await main(args, terminal)
  return { code, out: out.join(""), err: err.join("") }
}

describe("help", () => {
  test.each([[[]], [["--help"]], [["-h"]], [["help"]]])("%j lists the commands on stdout", async (args) => {
    const { code, out, err } = await ork(args)
    expect([code, err]).toEqual([0, ""])
    for (const name of ["run", "validate", "status", "completion", "version"]) expect(out).toContain(`\n  ${name} `)
  })

  test.each([[["validate", "--help"]], [["help", "validate"]], [["validate", "-h", "--nosuch"]]])(
    "%j",
    async (args) => {
      const { code, out } = await ork(args)
      if (args.includes("--nosuch")) expect(code).toBe(64)
      else expect([code, out.startsWith("ork validate")]).toEqual([0, true])
    },
  )

  test("of an unknown command is a usage error, not the help of another", async () => {
    expect(await ork(["help", "validat"])).toMatchObject({ code: 64, out: "" })
  })
})

describe("a wrong command line", () => {
  test.each([
    ["an unknown command", ["validat"], 'did you mean "validate"?'],
    ["an unknown flag", ["validate", "--ouput", "json"], "did you mean --output?"],
    ["an unknown flag in place of a command", ["--verbos"], "--verbos"],
    ["a word too many", ["version", "now"], '"now"'],
    ["a value that is not allowed", ["version", "-o", "xml"], "text, json"],
    ["a port out of range", ["run", "--port", "70000"], "65535"],
  ])("%s ends with 64 and one line on stderr", async (_, args, text) => {
    const { code, out, err } = await ork(args)
    expect([code, out]).toEqual([64, ""])
    expect(err).toContain(text)
    expect(err).not.toContain("    at ")
  })
  test("of a known command leads to the help of that command", async () => {
    expect((await ork(["validate", "--ouput", "json"])).err).toContain("help: ork validate --help")
    expect((await ork(["validat"])).err).toContain("help: ork --help")
  })
})

describe("version", () => {
  test("as JSON names version, commit and Bun", async () => {
    const { code, out } = await ork(["version", "-o", "json"])
    expect([code, JSON.parse(out)]).toEqual([0, { version: "1.2.3", commit: "abc", bun: Bun.version }])
  })

  test("as text is one line, also as a flag", async () => {
    expect((await ork(["--version"])).out).toBe(`ork 1.2.3 (abc), Bun ${Bun.version}\n`)
    expect((await ork(["version"], {}, { commit: "" })).out).toBe(`ork 1.2.3, Bun ${Bun.version}\n`)
  })
})

describe("validate", () => {
  test("says what a good Katalog does, and ends with 0", async () => {
    const { code, out, err } = await ork(["validate"], { "katalog.yaml": good })
    expect([code, err]).toEqual([0, ""])
    expect(out).toContain("Katalog demo: 1 operator")
    expect(out).toContain("workers 5, resync 10m, field manager ork/demo/website")
    expect(out).toContain("makes ConfigMap ×1, Secret ×2")
  })

  test("prints every mistake of a bad one on stdout, and ends with 2", async () => {
    const { code, out, err } = await ork(["validate", "-f", "a/katalog.yaml"], { "a/katalog.yaml": bad })
    expect([code, err]).toEqual([2, ""])
    expect(out).toContain("a/katalog.yaml:8:7 error")
    expect(out).toContain('did you mean "workers"?')
    expect(out).toContain('did you mean "configMaps"?')
    expect(out).toContain("2 errors")
  })

  test("as JSON is the documented shape, good or bad", async () => {
    const fine = await ork(["validate", "-o", "json"], { "katalog.yaml": good })
    expect(JSON.parse(fine.out)).toEqual({ ok: true, diagnostics: [], katalogs: [{ name: "demo", crds: ["website"] }] })
    const wrong = await ork(["validate", "-o", "json"], { "katalog.yaml": bad })
    expect(wrong.code).toBe(2)
    expect(JSON.parse(wrong.out)).toMatchObject({ ok: false, diagnostics: [{ line: 8 }, { line: 11 }] })
  })

  test("for GitHub prints annotations alone", async () => {
    const { code, out } = await ork(["validate", "-o", "github"], { "katalog.yaml": bad })
    expect(code).toBe(2)
    for (const line of out.trimEnd().split("\n")) expect(line).toStartWith("::error file=katalog.yaml,line=")
  })

  test("finds mistakes that only compiling the templates shows", async () => {
    const { code, out } = await ork(["validate"], {
      "katalog.yaml": good.replace("name: page", 'name: "{{ nosuch }}"'),
    })
    expect([code, out.includes("katalog.yaml:11:")]).toEqual([2, true])
  })

  test("that finds no Katalog says where it looked, and ends with 2", async () => {
    const { code, out } = await ork(["validate"], { "README.md": "" })
    expect([code, out.includes("katalog.yaml")]).toEqual([2, true])
  })

  test("takes several Katalogs, and refuses one CRD or one name in two of them", async () => {
    const other = good.replace("name: demo", "name: other").replace("kind: Website", "kind: Shop")
    const files = { "a/katalog.yaml": good, "b/katalog.yaml": other.replace("    website:", "    shop:") }
    expect((await ork(["validate", "a", "b"], files)).code).toBe(0)
    expect((await ork(["validate", "a", "a"], files)).code).toBe(0)
    const sameName = await ork(["validate", "a", "-f", "b"], { ...files, "b/katalog.yaml": other })
    expect([sameName.code, sameName.out.includes("ORK0407")]).toEqual([2, true])
    const sameCrd = { ...files, "b/katalog.yaml": good.replace("    website:", "    shop:") }
    expect((await ork(["validate", "a", "b"], sameCrd)).out).toContain("ORK0207")
  })
})

describe("run", () => {
  test("touches nothing when the Katalog is wrong: the mistakes go to stderr, and it ends with 2", async () => {
    const { code, out, err } = await ork(["run"], { "katalog.yaml": bad })
    expect([code, out]).toEqual([2, ""])
    expect(err).toContain("2 errors; nothing was touched")
  })

  test("without a kubeconfig says so in one line, and ends with 1", async () => {
    const { code, err } = await ork(["run", "--kubeconfig", "gone"], { "katalog.yaml": good })
    expect(code).toBe(1)
    expect(err).toContain("gone")
    expect(err).not.toContain("    at ")
  })
})

test.each(["nonsense", "127.0.0.1:8080", "http://", "file:///katalog"])(
  "status --url %s is a usage error",
  async (url) => {
    const { code, err } = await ork(["status", "--url", url], {})
    expect(code).toBe(64)
    expect(err).toContain(url)
  },
)

test("a stop by the user is a fine end", async () => {
  const stopping = new AbortController()
  stopping.abort(new Stopped("SIGINT"))
  expect(await ork(["status"], {}, { signal: stopping.signal })).toEqual({ code: 0, out: "", err: "" })
})

test("a mistake of ours shows its stack and asks for a report", async () => {
  const files = {
    ...memoryFiles({}),
    kind: () => {
      throw new TypeError("oops")
    },
  }
  const { code, err } = await ork(["validate"], {}, { files })
  expect(code).toBe(1)
  expect(err).toContain("please report it")
  expect(err).toContain("main.test.ts")
})
