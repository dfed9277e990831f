import { afterAll, beforeAll, describe, expect, test } from "bun:test"
import { X509Certificate } from "node:crypto"
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { createAuthority } from "../cluster/certificates.ts"
import { clustersFolder, stopLeftovers } from "../cluster/control-plane.ts"
import { freePorts } from "../cluster/ports.ts"
import { isAlive, poll, self, spawnLogged, startTimeOf, stopProcess } from "../cluster/processes.ts"
import { TestCluster } from "../support/cluster.ts"

describe("a test cluster", () => {
  let cluster: TestCluster
  beforeAll(async () => {
    cluster = await TestCluster.start({ nodes: true, audit: true })
  })
  afterAll(async () => {
    const { dir } = cluster
    await cluster[Symbol.asyncDispose]()
    expect(existsSync(dir)).toBe(false)
  })

  test("answers kubectl", async () => {
    expect(await cluster.kubectl("get", "--raw", "/readyz")).toMatchObject({ code: 0, stdout: "ok" })
    expect((await cluster.kubectl("get", "no-such-kind")).code).not.toBe(0)
  })

  test("counts what each identity asked", async () => {
    const kubeconfig = await cluster.identity("somebody", { groups: ["system:masters"] })
    const since = new Date()
    await cluster.kubectlWith({ kubeconfig }, "get", "--raw", "/api/v1/namespaces/default")
    const asked = async () => await cluster.audit({ user: "somebody", verbs: ["get"], since })
    await poll(async () => (await asked()).length > 0, 5_000)
    expect(await asked()).toMatchObject([{ verb: "get", resource: "namespaces", name: "default", code: 200 }])
    expect(await cluster.audit({ user: "nobody" })).toEqual([])
    expect(await cluster.audit({ user: "somebody", since: new Date(Date.now() + 60_000) })).toEqual([])
  })

  test("denies an identity outside the administrators' group", async () => {
    const kubeconfig = await cluster.identity("stranger", { groups: ["visitors"] })
    const answer = await cluster.kubectlWith({ kubeconfig }, "get", "--raw", "/api/v1/namespaces/default")
    expect(answer.code).not.toBe(0)
    expect(answer.stderr).toContain("Forbidden")
  })

  test("rolls a Deployment out", async () => {
    expect((await cluster.kubectl("create", "deployment", "web", "--image=web")).code).toBe(0)
    expect((await cluster.kubectl("rollout", "status", "deployment/web", "--timeout=30s")).code).toBe(0)
  })

  test("keeps its data and address when the API server restarts", async () => {
    const stdin = JSON.stringify({ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "kept" }, data: { a: "b" } })
    expect((await cluster.kubectlWith({ stdin }, "apply", "-f", "-")).code).toBe(0)
    await cluster.restartApiServer()
    expect(await cluster.isAvailable()).toBe(true)
    const answer = await cluster.kubectl("get", "configmap", "kept", "-o", "jsonpath={.data.a}")
    expect(answer.stdout).toBe("b")
  })
})

describe("a control plane that cannot start", () => {
  test("fails with the end of the log of the process that died", async () => {
    const assets = mkdtempSync(join(tmpdir(), "assets-"))
    const earlier = process.env["KUBEBUILDER_ASSETS"]
    writeFileSync(join(assets, "kube-apiserver"), "#!/bin/sh\necho cannot go on >&2\nexit 3\n", { mode: 0o755 })
    process.env["KUBEBUILDER_ASSETS"] = assets
    try {
      await expect(TestCluster.start()).rejects.toThrow(/kube-apiserver ended early[\s\S]*cannot go on/)
    } finally {
      if (earlier === undefined) delete process.env["KUBEBUILDER_ASSETS"]
      else process.env["KUBEBUILDER_ASSETS"] = earlier
      rmSync(assets, { recursive: true })
    }
  })
})

describe("what a killed test left running", () => {
  /** A cluster folder as a test leaves it whose process is gone, with one process that still runs. */
  function leave(name: string, ownerStartTime: string) {
    const dir = join(clustersFolder(), name)
    mkdirSync(dir, { recursive: true })
    const sleeper = spawnLogged(dir, "sleeper", ["sleep", "600"])
    const other = spawnLogged(dir, "other", ["sleep", "600"])
    const processes = [sleeper, { ...other, startTime: "1" }]
    writeFileSync(
      join(dir, "cluster.json"),
      JSON.stringify({ owner: { ...self(), startTime: ownerStartTime }, processes }),
    )
    return { dir, sleeper, other }
  }

  test("is stopped and removed, but not a later process with the same id", async () => {
    const left = leave("left-by-the-dead", "1")
    expect(await stopLeftovers()).toContain(left.dir)
    expect(isAlive(left.sleeper)).toBe(false)
    expect(existsSync(left.dir)).toBe(false)
    expect(isAlive(left.other)).toBe(true)
    await stopProcess(left.other, 0)
  })

  test("is left alone while its owner lives", async () => {
    const kept = leave("owned-by-the-living", self().startTime)
    expect(await stopLeftovers()).not.toContain(kept.dir)
    expect(isAlive(kept.sleeper)).toBe(true)
    for (const record of [kept.sleeper, kept.other]) await stopProcess(record, 0)
    rmSync(kept.dir, { recursive: true })
  })
})

describe("the parts", () => {
  test("certificates name user, groups and address, and are signed by their authority", () => {
    const authority = createAuthority("test-ca")
    const ca = new X509Certificate(authority.certificate)
    const client = new X509Certificate(authority.client("ork", ["a", "b"]).certificate)
    const server = new X509Certificate(authority.server(["localhost"]).certificate)
    expect(ca.ca).toBe(true)
    expect(client.ca).toBe(false)
    expect(client.subject.split("\n")).toEqual(["O=a", "O=b", "CN=ork"])
    expect(server.subjectAltName).toBe("DNS:localhost, IP Address:127.0.0.1")
    expect([client, server].every((leaf) => leaf.verify(ca.publicKey) && leaf.checkIssued(ca))).toBe(true)
    const stranger = new X509Certificate(createAuthority("test-ca").certificate)
    expect(client.verify(stranger.publicKey)).toBe(false)
  })

  test("free ports differ", async () => {
    expect(new Set(await freePorts(5)).size).toBe(5)
  })

  test("a process that is gone has no start time", async () => {
    const child = Bun.spawn(["true"])
    await child.exited
    expect(startTimeOf(child.pid)).toBeUndefined()
  })
})
