/** Starts and stops a control plane in a folder; the folder's cluster.json names what runs there and for whom. */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join, resolve } from "node:path"
import { type Binary, build, coreBinaries, findBinary, isOlderThan, kwokStages, nodeBinaries } from "./build.ts"
import { type Authority, type CertifiedKey, createAuthority, createKeyPair } from "./certificates.ts"
import { freePorts } from "./ports.ts"
import { isAlive, lastLines, type ProcessRecord, poll, self, spawnLogged, stopProcess } from "./processes.ts"

/** What a control plane is started with. */
export interface ControlPlaneOptions {
  /** Runs kube-scheduler and kwok with one Node, so that Pods reach Running. */
  readonly nodes?: boolean
  /** Writes audit.log, level Metadata. */
  readonly audit?: boolean
  /** How long each server may take to be ready, in milliseconds; one minute unless told. */
  readonly readyTimeoutMs?: number
  /** Told about builds; written to stderr unless told. */
  readonly tell?: (line: string) => void
}

/** What cluster.json holds; without an owner the cluster lives until it is stopped. */
interface State {
  readonly owner?: ProcessRecord
  readonly processes: readonly ProcessRecord[]
}

/** The folder that holds one folder per owned cluster of this user. */
export function clustersFolder(): string {
  return join(tmpdir(), `ork-test-clusters-${process.getuid?.() ?? "user"}`)
}

/** Stops and removes the clusters whose owner is gone; returns their folders. */
export async function stopLeftovers(): Promise<readonly string[]> {
  if (!existsSync(clustersFolder())) return []
  const folders = readdirSync(clustersFolder()).map((name) => join(clustersFolder(), name))
  const left = folders.filter((dir) => {
    const owner = readState(dir)?.owner
    return owner === undefined ? isOlderThan(dir, 60_000) : !isAlive(owner)
  })
  for (const dir of left) {
    await stopControlPlane(dir)
    rmSync(dir, { recursive: true, force: true })
  }
  return left
}

/** Stops at once what cluster.json names, last started first. */
export async function stopControlPlane(dir: string): Promise<void> {
  const processes = readState(dir)?.processes ?? []
  for (const record of processes.toReversed()) await stopProcess(record, 0)
  rmSync(join(dir, "cluster.json"), { force: true })
}

/** A running control plane. */
export class ControlPlane {
  readonly dir: string
  readonly server: string
  readonly authority: Authority
  readonly #admin: CertifiedKey
  readonly #ports: readonly number[]
  readonly #options: ControlPlaneOptions
  readonly #owner: ProcessRecord | undefined
  readonly #processes: ProcessRecord[] = []

  private constructor(dir: string, ports: readonly number[], how: { options: ControlPlaneOptions; isOwned: boolean }) {
    this.dir = dir
    this.#ports = ports
    this.#options = how.options
    this.#owner = how.isOwned ? self() : undefined
    this.server = `https://127.0.0.1:${ports[2]}`
    this.authority = createAuthority("ork-test-ca")
    this.#admin = this.authority.client("admin", ["system:masters"])
  }

  /** Starts a control plane in a fresh folder; it is stopped by a later start if this process dies first. */
  static async startOwned(options: ControlPlaneOptions): Promise<ControlPlane> {
    await stopLeftovers()
    mkdirSync(clustersFolder(), { recursive: true, mode: 0o700 })
    return await ControlPlane.#start(mkdtempSync(join(clustersFolder(), "cluster-")), options, true)
  }

  /** Starts a control plane in `dir` that lives until `stopControlPlane(dir)`. */
  static async startIn(dir: string, options: ControlPlaneOptions): Promise<ControlPlane> {
    if (readState(dir) !== undefined) throw new Error(`${dir} already holds a cluster; stop it with: down ${dir}`)
    mkdirSync(dir, { recursive: true })
    return await ControlPlane.#start(resolve(dir), options, false)
  }

  /** The path of the administrator's kubeconfig. */
  get kubeconfig(): string {
    return join(this.dir, "kubeconfig")
  }

  /** Stops everything; the folder stays. */
  async stop(): Promise<void> {
    await stopControlPlane(this.dir)
  }

  /** Stops the API server and starts it again on the same port and data; returns when it is ready. */
  async restartApiServer(): Promise<void> {
    const index = this.#processes.findIndex((record) => record.name === "kube-apiserver")
    const [old] = this.#processes.splice(index, 1)
    if (old !== undefined) await stopProcess(old, 500)
    await this.#startApiServer()
  }

  /** Makes etcd forget every revision before this one: watches that are behind have to list again. */
  async compact(revision: string): Promise<void> {
    const body = JSON.stringify({ revision, physical: true })
    const answer = await fetch(`http://127.0.0.1:${this.#ports[0]}/v3/kv/compaction`, { method: "POST", body })
    if (!answer.ok) throw new Error(`etcd did not compact: ${await answer.text()}`)
  }

  /** Writes a kubeconfig for a client certificate and returns its path. */
  writeKubeconfig(name: string, identity: CertifiedKey): string {
    const base64 = (text: string) => Buffer.from(text).toString("base64")
    const path = join(this.dir, name)
    const config = {
      apiVersion: "v1",
      kind: "Config",
      clusters: [
        {
          name: "test",
          cluster: { server: this.server, "certificate-authority-data": base64(this.authority.certificate) },
        },
      ],
      users: [
        {
          name: "user",
          user: { "client-certificate-data": base64(identity.certificate), "client-key-data": base64(identity.key) },
        },
      ],
      contexts: [{ name: "test", context: { cluster: "test", user: "user" } }],
      "current-context": "test",
    }
    // JSON is YAML.
    writeFileSync(path, `${JSON.stringify(config, undefined, 2)}\n`, { mode: 0o600 })
    return path
  }

  /** One request with the administrator's certificate; with a body a POST, unless `how` says otherwise. */
  request(path: string, body?: unknown, how: RequestInit = {}): Promise<Response> {
    const tls = { ca: this.authority.certificate, cert: this.#admin.certificate, key: this.#admin.key }
    const post = { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) }
    return fetch(`${this.server}${path}`, { tls, ...(body === undefined ? {} : post), ...how })
  }

  static async #start(dir: string, options: ControlPlaneOptions, isOwned: boolean): Promise<ControlPlane> {
    const tell = options.tell ?? ((line: string) => console.error(line))
    const plane = new ControlPlane(dir, await freePorts(3), { options, isOwned })
    plane.#writeState()
    try {
      await build(options.nodes ? nodeBinaries : coreBinaries, tell)
      plane.#writeFiles()
      plane.#startEtcd()
      await plane.#startApiServer()
      plane.#startControllers()
      if (options.nodes) await plane.#startNodes()
      await plane.#waitFor("kube-controller-manager", () =>
        plane.#answers("/api/v1/namespaces/default/serviceaccounts/default"),
      )
      return plane
    } catch (error) {
      await plane.stop()
      if (isOwned) rmSync(dir, { recursive: true, force: true })
      throw error
    }
  }

  #writeFiles(): void {
    const serviceAccounts = createKeyPair()
    const server = this.authority.server(["localhost", "kubernetes", "kubernetes.default", "kubernetes.default.svc"])
    const files = {
      "ca.crt": this.authority.certificate,
      "server.crt": server.certificate,
      "server.key": server.key,
      "sa.key": serviceAccounts.privateKey,
      "sa.pub": serviceAccounts.publicKey,
      "audit-policy.yaml":
        "apiVersion: audit.k8s.io/v1\nkind: Policy\nomitStages: [RequestReceived]\nrules: [{level: Metadata}]\n",
    }
    for (const [name, text] of Object.entries(files)) writeFileSync(join(this.dir, name), text, { mode: 0o600 })
    this.writeKubeconfig("kubeconfig", this.#admin)
  }

  #startEtcd(): void {
    const [client, peer] = this.#ports.map((port) => `http://127.0.0.1:${port}`)
    this.#spawn("etcd", [
      `--data-dir=${join(this.dir, "etcd")}`,
      "--unsafe-no-fsync",
      "--log-level=error",
      `--listen-client-urls=${client}`,
      `--advertise-client-urls=${client}`,
      `--listen-peer-urls=${peer}`,
      `--initial-advertise-peer-urls=${peer}`,
      `--initial-cluster=default=${peer}`,
    ])
  }

  async #startApiServer(): Promise<void> {
    const file = (name: string) => join(this.dir, name)
    this.#spawn("kube-apiserver", [
      `--etcd-servers=http://127.0.0.1:${this.#ports[0]}`,
      "--bind-address=127.0.0.1",
      `--secure-port=${this.#ports[2]}`,
      `--cert-dir=${file("certs")}`,
      `--tls-cert-file=${file("server.crt")}`,
      `--tls-private-key-file=${file("server.key")}`,
      `--client-ca-file=${file("ca.crt")}`,
      "--endpoint-reconciler-type=none",
      "--authorization-mode=RBAC",
      "--service-account-issuer=https://kubernetes.default.svc",
      `--service-account-key-file=${file("sa.pub")}`,
      `--service-account-signing-key-file=${file("sa.key")}`,
      "--service-cluster-ip-range=10.0.0.0/16",
      "--allow-privileged=true",
      ...(this.#options.audit
        ? [
            `--audit-policy-file=${file("audit-policy.yaml")}`,
            `--audit-log-path=${file("audit.log")}`,
            "--audit-log-maxsize=2000",
          ]
        : []),
    ])
    await this.#waitFor("kube-apiserver", () => this.#answers("/readyz"))
  }

  #startControllers(): void {
    this.#spawn("kube-controller-manager", [
      ...this.#controllerFlags(),
      `--service-account-private-key-file=${join(this.dir, "sa.key")}`,
      `--root-ca-file=${join(this.dir, "ca.crt")}`,
      "--use-service-account-credentials",
    ])
  }

  async #startNodes(): Promise<void> {
    this.#spawn("kube-scheduler", this.#controllerFlags())
    this.#spawn("kwok", [
      `--kubeconfig=${this.kubeconfig}`,
      `--config=${kwokStages()}`,
      "--manage-all-nodes=true",
      "--node-lease-duration-seconds=40",
    ])
    const resources = { cpu: "64", memory: "256Gi", pods: "5000" }
    const answer = await this.request("/api/v1/nodes", {
      apiVersion: "v1",
      kind: "Node",
      metadata: { name: "node-1", labels: { type: "kwok", "kubernetes.io/hostname": "node-1" } },
      status: { allocatable: resources, capacity: resources },
    })
    if (!answer.ok) throw new Error(`the Node was not created: ${answer.status}`)
  }

  #controllerFlags(): readonly string[] {
    return [
      ...["--kubeconfig", "--authentication-kubeconfig", "--authorization-kubeconfig"].map(
        (flag) => `${flag}=${this.kubeconfig}`,
      ),
      "--leader-elect=false",
      "--secure-port=0",
      "--kube-api-qps=200",
      "--kube-api-burst=400",
    ]
  }

  #spawn(name: Binary, flags: readonly string[]): void {
    const path = findBinary(name)
    if (path === undefined) throw new Error(`${name} is missing`)
    this.#processes.push(spawnLogged(this.dir, name, [path, ...flags]))
    this.#writeState()
  }

  #writeState(): void {
    const state: State = { ...(this.#owner ? { owner: this.#owner } : {}), processes: this.#processes }
    writeFileSync(join(this.dir, "cluster.json"), JSON.stringify(state))
  }

  async #answers(path: string): Promise<boolean> {
    try {
      const answer = await this.request(path)
      await answer.arrayBuffer()
      return answer.ok
    } catch {
      return false
    }
  }

  async #waitFor(name: Binary, isReady: () => Promise<boolean>): Promise<void> {
    const timeoutMs = this.#options.readyTimeoutMs ?? 60_000
    let dead: ProcessRecord | undefined
    const isOver = async () => {
      dead = this.#processes.find((record) => !isAlive(record))
      return dead !== undefined || (await isReady())
    }
    const held = await poll(isOver, timeoutMs)
    if (held && dead === undefined) return
    const culprit = dead?.name ?? name
    const what = dead === undefined ? `was not ready after ${timeoutMs / 1000} s` : "ended early"
    throw new Error(`${culprit} ${what}; its log ends with:\n${lastLines(this.dir, culprit)}`)
  }
}

function readState(dir: string): State | undefined {
  try {
    // Written by ControlPlane only.
    return JSON.parse(readFileSync(join(dir, "cluster.json"), "utf8")) as State
  } catch {
    return undefined
  }
}
