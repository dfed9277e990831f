import { afterAll, beforeAll, describe, expect, test } from "bun:test"
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { type Endpoint, fetchTransport, loadKubeconfig } from "../../src/runtime/mod.ts"
import { systemFiles as files } from "../../src/system.ts"
import { FakeClock } from "../support/clock.ts"

const apiVersion = "client.authentication.k8s.io/v1"
let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "ork-exec-"))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const failure = (promise: Promise<unknown>) =>
  promise.then(
    () => undefined,
    (error: unknown) => error,
  )

/** Waits, without a clock, until something outside has happened. */
async function until(condition: () => boolean): Promise<void> {
  for (let turns = 0; !condition() && turns < 200_000; turns++) await new Promise((resolve) => setImmediate(resolve))
  expect(condition()).toBe(true)
}

/** Whether the process whose id stands in the file runs. */
function isAlive(pidFile: string): boolean {
  if (!existsSync(pidFile) || readFileSync(pidFile, "utf8") === "") return false
  try {
    return process.kill(Number(readFileSync(pidFile, "utf8")), 0)
  } catch {
    return false
  }
}

interface Setup {
  readonly script: string
  readonly server?: string
  readonly exec?: object
}

let made = 0

/** A kubeconfig in a folder of its own whose user is a plugin: the shell script given. */
async function withPlugin({ script, server = "https://host", exec }: Setup) {
  const clock = new FakeClock()
  const name = `plugin-${made++}`
  writeFileSync(join(folder, name), `#!/bin/sh\n${script}\n`)
  chmodSync(join(folder, name), 0o755)
  const path = join(folder, `${name}.kubeconfig`)
  const user = { exec: { apiVersion, command: `./${name}`, ...exec } }
  const text = JSON.stringify({
    clusters: [{ name: "c", cluster: { server } }],
    users: [{ name: "u", user }],
    contexts: [{ name: "x", context: { cluster: "c", user: "u" } }],
    "current-context": "x",
  })
  writeFileSync(path, text)
  const env = { PATH: "/usr/bin:/bin", FROM_OUTSIDE: "yes" }
  const endpoint = await loadKubeconfig({ clock, files }, { path, env, home: undefined })
  return { clock, endpoint, runs: () => readFileSync(join(folder, `${name}.runs`), "utf8").length }
}

/** A script that counts its runs and answers with the token `t1`, `t2` and so on. */
function counting(status = ""): string {
  const answer = `{"apiVersion":"${apiVersion}","kind":"ExecCredential","status":{"token":"t'$n'"${status}}}`
  return `printf x >> "$0.runs"; n=$(wc -c < "$0.runs"); printf '%s' '${answer}'`
}

const authorization = async (endpoint: Endpoint) => (await endpoint.material()).authorization

describe("an exec plugin", () => {
  test("gives a token, which is kept until it expires", async () => {
    const expires = new Date(new FakeClock().nowMs() + 60_000).toISOString()
    const { endpoint, clock, runs } = await withPlugin({ script: counting(`,"expirationTimestamp":"${expires}"`) })
    expect(await Promise.all([authorization(endpoint), authorization(endpoint)])).toEqual(["Bearer t1", "Bearer t1"])
    await clock.advance("59s")
    expect(await authorization(endpoint)).toBe("Bearer t1")
    expect(runs()).toBe(1)
    await clock.advance("1s")
    expect(await authorization(endpoint)).toBe("Bearer t2")
    expect(clock.pending).toEqual([])
  })

  test("gets the environment, its own variables, its arguments and the cluster", async () => {
    const answer = `{"apiVersion":"${apiVersion}","kind":"ExecCredential","status":{"token":"'$FROM_OUTSIDE-$OWN-$1'"}}`
    const { endpoint } = await withPlugin({
      script: `printf '%s' "$KUBERNETES_EXEC_INFO" > "$0.told"; printf '%s' '${answer}'`,
      exec: { args: ["arg"], env: [{ name: "OWN", value: "mine" }], provideClusterInfo: true },
    })
    expect(await authorization(endpoint)).toBe("Bearer yes-mine-arg")
    const told: unknown = JSON.parse(readFileSync(join(folder, `plugin-${made - 1}.told`), "utf8"))
    expect(told).toEqual({
      apiVersion,
      kind: "ExecCredential",
      spec: { interactive: false, cluster: { server: "https://host" } },
    })
  })

  test("gives client certificates", async () => {
    const status = { clientCertificateData: "-----BEGIN CERT", clientKeyData: "-----BEGIN KEY" }
    const answer = JSON.stringify({ apiVersion, kind: "ExecCredential", status })
    const { endpoint } = await withPlugin({ script: `printf '%s' '${answer}'` })
    const { cert, key } = await endpoint.material()
    expect({ cert, key }).toEqual({ cert: "-----BEGIN CERT", key: "-----BEGIN KEY" })
  })

  test("is run once more when the server rejects its token, and the request is sent again", async () => {
    const seen: unknown[] = []
    await using server = Bun.serve({
      hostname: "127.0.0.1",
      port: 0,
      async fetch(request) {
        const token = request.headers.get("authorization")
        seen.push([token, await request.text()])
        return new Response(null, { status: token === "Bearer t2" ? 200 : 401 })
      },
    })
    const { endpoint, clock, runs } = await withPlugin({ script: counting(), server: server.url.origin })
    using transport = fetchTransport(endpoint, { clock })
    const post = () => new Request(server.url.href, { method: "POST", body: "body" })
    expect((await transport(post())).status).toBe(200)
    expect((await transport(post())).status).toBe(200)
    expect(seen).toEqual([
      ["Bearer t1", "body"],
      ["Bearer t2", "body"],
      ["Bearer t2", "body"],
    ])
    expect(runs()).toBe(2)
  })

  test("that answers nothing is ended after its time limit, and sooner when nobody waits any more", async () => {
    const { endpoint, clock } = await withPlugin({ script: 'printf %s $$ > "$0.pid"; exec sleep 600' })
    const pidFile = join(folder, `plugin-${made - 1}.pid`)
    const late = failure(endpoint.material())
    await until(() => isAlive(pidFile))
    await clock.advance("60s")
    expect(await late).toMatchObject({ code: "net/timeout" })
    await until(() => !isAlive(pidFile))
    rmSync(pidFile)
    const controller = new AbortController()
    const gone = failure(endpoint.material({ signal: controller.signal }))
    await until(() => isAlive(pidFile))
    const reason = new Error("enough")
    controller.abort(reason)
    expect(await gone).toBe(reason)
    await until(() => !isAlive(pidFile))
    expect(clock.pending).toEqual([])
  })

  test.each([
    ["fails", { script: "echo first >&2; echo no login >&2; exit 3" }, "api/unauthorized", "no login"],
    [
      "is missing",
      { script: "", exec: { command: "no-such-plugin", installHint: "get it" } },
      "config/kubeconfig",
      "get it",
    ],
    ["answers something else", { script: "echo secret" }, "config/kubeconfig", "not JSON"],
    [
      "answers in another version",
      { script: `echo '{"kind":"ExecCredential","apiVersion":"v0","status":{"token":"secret"}}'` },
      "config/kubeconfig",
      apiVersion,
    ],
    [
      "answers without a proof",
      { script: `echo '{"kind":"ExecCredential","apiVersion":"${apiVersion}","status":{}}'` },
      "config/kubeconfig",
      "without",
    ],
  ] as const)("that %s is named with its reason, and its answer is not shown", async (_, setup, code, named) => {
    const { endpoint } = await withPlugin(setup)
    const error = await failure(endpoint.material())
    expect(error).toMatchObject({ code })
    expect(String(error)).toContain(named)
    expect(String(error)).not.toContain("secret")
  })

  test("that floods its output is ended", async () => {
    const { endpoint } = await withPlugin({ script: "exec yes" })
    expect(await failure(endpoint.material())).toMatchObject({ code: "api/unauthorized" })
  })
})
