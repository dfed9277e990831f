import { afterAll, beforeAll, describe, expect, test } from "bun:test"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { freePorts } from "../cluster/ports.ts"
import { pause } from "../cluster/processes.ts"
import { Ork, ork, orkBinary } from "../support/ork.ts"
import { katalog, shipped } from "./world.ts"

let folder: string
let kubeconfig: string
let port: number
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "ork-command-"))
  kubeconfig = join(folder, "kubeconfig")
  port = (await freePorts(1))[0] ?? 0
  const config = {
    ...{ apiVersion: "v1", kind: "Config", "current-context": "nowhere" },
    clusters: [{ name: "nowhere", cluster: { server: `https://127.0.0.1:${port}` } }],
    users: [{ name: "nobody", user: { token: "not-a-secret" } }],
    contexts: ["nowhere", "elsewhere"].map((name) => ({ name, context: { cluster: "nowhere", user: "nobody" } })),
  }
  writeFileSync(kubeconfig, JSON.stringify(config))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe("a server that does not answer", () => {
  test("is one line with server and reason; ork goes on trying until Ctrl-C, then ends with 0", async () => {
    await using process = Ork.start({ katalog: katalog("pair"), kubeconfig })
    await process.line({ level: "warn", message: new RegExp(`127\\.0\\.0\\.1:${port}.*refused`) })
    await pause(3_000)
    expect(process.isRunning).toBe(true)
    expect(process.linesWith({ level: "warn" })).toHaveLength(1)
    expect(await process.stop("SIGINT")).toBe(0)
  })

  test("is named with its context before anything is asked", async () => {
    await using process = Ork.start({ katalog: katalog("pair"), kubeconfig, flags: ["--context", "elsewhere"] })
    const { message } = await process.line({ message: /^Katalog pair/ })
    expect(message).toContain("context elsewhere")
    expect(message).toContain(`https://127.0.0.1:${port}`)
  })
})

describe("a command line that cannot work", () => {
  const cases: readonly (readonly [string, readonly string[], number, RegExp])[] = [
    ["no kubeconfig", ["run", shipped("hello-website"), "--port", "0"], 1, /kubeconfig/],
    [
      "a missing kubeconfig",
      ["run", shipped("hello-website"), "--kubeconfig", "/none.yaml"],
      1,
      /\/none\.yaml.*no such file/,
    ],
    ["a wrong flag", ["run", "--prot", "1"], 64, /--port/],
    ["a wrong command", ["rnu"], 64, /"run"/],
    ["a port that is none", ["run", "--port", "99999"], 64, /99999/],
    ["a missing Katalog", ["run", "-f", "/none/katalog.yaml"], 2, /\/none\/katalog\.yaml does not exist/],
    ["a folder without a Katalog", ["validate", tmpdir()], 2, /katalog\.yaml/],
    ["a wrong Katalog", ["validate", katalog("wrong")], 2, /ORK0107/],
  ]
  test.each(cases)("%s ends with one clear message", async (_what, args, code, said) => {
    const answer = await ork(args)
    expect({ code: answer.code, stdout: args[0] === "validate" ? "" : answer.stdout }).toEqual({ code, stdout: "" })
    expect(answer.stderr + answer.stdout).toMatch(said)
    expect(answer.stderr).not.toMatch(/^\s+at /m)
  })

  test("an unknown context names those there are", async () => {
    const flags = ["--kubeconfig", kubeconfig, "--context", "nwhere", "--port", "0"]
    const answer = await ork(["run", "-f", katalog("pair"), ...flags])
    expect(answer.code).toBe(1)
    for (const name of ["nwhere", "nowhere", "elsewhere"]) expect(answer.stderr).toContain(name)
  })
})

describe("commands that need no cluster", () => {
  // To be turned into a plain test when the stages no longer stop at each other's first mistake.
  test("validate reports the mistakes of every kind at once", async () => {
    const { stdout } = await ork(["validate", katalog("wrong")])
    for (const found of ["wrokers", "vlaue", "not closed"]) expect(stdout).toContain(found)
  })

  test("validate accepts every shipped Katalog; its time is printed", async () => {
    for (const name of ["seed-website", "hello-website", "shop"]) {
      const startedAt = performance.now()
      const answer = await ork(["validate", shipped(name)])
      console.log(`ork validate katalogs/${name}: ${(performance.now() - startedAt).toFixed(0)} ms`)
      expect([name, answer.code]).toEqual([name, 0])
    }
  })

  test("validate -o json says the same for machines", async () => {
    const answer = await ork(["validate", katalog("wrong"), "-o", "json"])
    expect(answer.code).toBe(2)
    const { ok, diagnostics } = JSON.parse(answer.stdout)
    expect(ok).toBe(false)
    expect(diagnostics).toHaveLength(3)
    expect(diagnostics[0]).toMatchObject({ severity: "error", code: "ORK0107", line: 10, column: 7 })
    expect(diagnostics[0].path).toBe("spec.crds.wrong.wrokers")
    expect(JSON.parse((await ork(["validate", shipped("shop"), "-o", "json"])).stdout)).toMatchObject({ ok: true })
  })

  test("a slow reader gets all of a long output, one that leaves early no error", async () => {
    const piped = (reader: string) =>
      Bun.spawn(["sh", "-c", `"${orkBinary()}" schema | ${reader}`], { stdio: ["ignore", "pipe", "pipe"] })
    expect(JSON.parse(await piped("{ sleep 0.2; cat; }").stdout.text())).toHaveProperty("title", "Katalog")
    const early = piped("head -c 10")
    expect([(await early.stdout.text()).length, await early.stderr.text()]).toEqual([10, ""])
  })

  test("version, help and completion answer on standard output", async () => {
    expect(JSON.parse((await ork(["version", "-o", "json"])).stdout)).toHaveProperty("version")
    expect((await ork(["--help"])).stdout).toContain("ork run")
    expect((await ork(["run", "--help"])).stdout).toContain("--kubeconfig")
    for (const shell of ["bash", "zsh", "fish"]) {
      const answer = await ork(["completion", shell])
      expect([shell, answer.code, answer.stdout.includes("validate")]).toEqual([shell, 0, true])
    }
  })
})
