import { afterAll, beforeAll, describe, expect, test } from "bun:test"
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { ork } from "../support/ork.ts"
import { Server } from "../support/ork-server.ts"
import { shipped, until } from "./world.ts"

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "ork-local-test-"))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const configMaps = "/api/v1/namespaces/default/configmaps"

describe("ork run --local", () => {
  test("shows the website with its children ready, serves it to others, and leaves nothing behind", async () => {
    const startedAt = performance.now()
    await using server = Server.start(["run", shipped("hello-website"), "--local", "--port", "0"])
    const kubeconfig = await server.kubeconfig()
    await server.output(/website\/hello is Ready/)
    console.log(`ork run --local: ready after ${(performance.now() - startedAt).toFixed(0)} ms`)
    await server.output(/Deployment\/hello {2}ready[\s\S]*kubectl get websites[\s\S]*\/katalog/)
    expect(statSync(kubeconfig).mode & 0o777).toBe(0o600)
    const website = await server.ask("GET", "/apis/hello.example.io/v1/namespaces/default/websites/hello")
    expect(website.body.status).toMatchObject({ url: "http://hello.default.svc", readyReplicas: 2 })
    // Drift comes back: the operator and the server are one process, and both are at work.
    await server.ask("DELETE", `${configMaps}/hello-page`)
    await until("the page again", async () => (await server.ask("GET", `${configMaps}/hello-page`)).code === 200)
    expect(await server.stop("SIGINT")).toBe(0)
    expect(existsSync(dirname(kubeconfig))).toBe(false)
  })

  test("takes no flags that choose another cluster, and its own flags only with it", async () => {
    const cases = [
      ["--local", "--context", "x"],
      ["--local", "--kubeconfig", "x"],
      ["--data", folder],
    ]
    for (const flags of cases) {
      const answer = await ork(["run", shipped("hello-website"), "--port", "0", ...flags])
      expect([answer.code, answer.stdout]).toEqual([64, ""])
      expect(answer.stderr).toContain("--local")
    }
  })
})

describe("ork cluster --data", () => {
  test("has everything that was acknowledged after a kill, under versions that go on", async () => {
    const data = join(folder, "kept")
    const made: string[] = []
    let version = 0
    {
      await using server = Server.start(["cluster", "--data", data])
      for (let i = 0; i < 20; i++) {
        const { code, body } = await server.ask("POST", configMaps, {
          metadata: { name: `kept-${i}` },
          data: { i: `${i}` },
        })
        expect(code).toBe(201)
        made.push(body.metadata.uid)
        version = Number(body.metadata.resourceVersion)
      }
      await server.stop("SIGKILL")
    }
    await using server = Server.start(["cluster", "--data", data])
    const { body } = await server.ask("GET", configMaps)
    const uids = new Set(body.items.map((item: { metadata: { uid: string } }) => item.metadata.uid))
    expect(made.every((uid) => uids.has(uid))).toBe(true)
    expect(Number(body.metadata.resourceVersion)).toBeGreaterThanOrEqual(version)
    const second = await ork(["cluster", "--data", data])
    expect([second.code, second.stdout]).toEqual([1, ""])
    expect(second.stderr).toContain(`process ${server.pid}`)
  })

  test("adds its context to the user's own kubeconfig only when asked", async () => {
    const own = join(folder, "own-kubeconfig")
    const before = "apiVersion: v1\nkind: Config\nusers: [{ name: me, user: {} }]\n"
    writeFileSync(own, before)
    {
      await using server = Server.start(["cluster"], { KUBECONFIG: own })
      await server.kubeconfig()
      expect(readFileSync(own, "utf8")).toBe(before)
    }
    await using server = Server.start(["cluster", "--merge-kubeconfig"], { KUBECONFIG: own })
    await server.kubeconfig()
    const merged = readFileSync(own, "utf8")
    expect(merged).toContain("current-context: ork-local")
    expect(merged).toContain("name: me")
  })

  test("leaves nothing behind when its port is taken", async () => {
    await using server = Server.start(["cluster"])
    const port = new URL(/server: "?(\S+?)"?\n/.exec(readFileSync(await server.kubeconfig(), "utf8"))?.[1] ?? "").port
    const temporary = mkdtempSync(join(folder, "tmp-"))
    const answer = await ork(["cluster", "--port", port], { env: { TMPDIR: temporary } })
    expect([answer.code, answer.stdout]).toEqual([1, ""])
    expect(answer.stderr).toContain(port)
    expect(readdirSync(temporary)).toEqual([])
  })

  test("lets nobody in without its token, and tells nobody the token", async () => {
    await using server = Server.start(["cluster"])
    expect((await server.ask("GET", configMaps, undefined, { authorization: "Bearer wrong" })).code).toBe(401)
    expect((await server.ask("GET", "/readyz", undefined, { authorization: "" })).code).toBe(200)
    const token = /token: "?([\w-]+)/.exec(readFileSync(await server.kubeconfig(), "utf8"))?.[1] ?? "none"
    expect(token.length).toBeGreaterThan(40)
    expect(server.all()).not.toContain(token)
  })
})
