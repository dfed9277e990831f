/** The face of the test control plane: a real Kubernetes API server for one test file. */
import { rmSync } from "node:fs"
import { join } from "node:path"
import { type AuditEntry, type AuditQuery, readAudit } from "../cluster/audit.ts"
import { canBuild, coreBinaries, findBinary, missingBinaries, nodeBinaries } from "../cluster/build.ts"
import { ControlPlane, type ControlPlaneOptions } from "../cluster/control-plane.ts"

export type { AuditEntry, AuditQuery } from "../cluster/audit.ts"

/** What a command answered. */
export interface CommandResult {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/**
 * A control plane of its own: `await using cluster = await TestCluster.start({ nodes: true, audit: true })`.
 *
 * Guarantees: ready when `start` returns; on dispose every process is gone and the folder is removed;
 * what a killed test left running is stopped by the next `start`.
 */
export class TestCluster {
  readonly #plane: ControlPlane

  private constructor(plane: ControlPlane) {
    this.#plane = plane
  }

  /** Starts a control plane; builds it first when it is missing and Go is there. */
  static async start(options: ControlPlaneOptions = {}): Promise<TestCluster> {
    return new TestCluster(await ControlPlane.startOwned(options))
  }

  /** Whether `start` can work here: the binaries exist, or Go can build them. */
  static available(options: Pick<ControlPlaneOptions, "nodes"> = {}): boolean {
    return canBuild() || missingBinaries(options.nodes ? nodeBinaries : coreBinaries).length === 0
  }

  /** The path of the administrator's kubeconfig. */
  get kubeconfig(): string {
    return this.#plane.kubeconfig
  }

  /** The API server's address, https on loopback. */
  get server(): string {
    return this.#plane.server
  }

  /** The cluster's folder, with a log per process; removed on dispose. */
  get dir(): string {
    return this.#plane.dir
  }

  /** The path of a kubeconfig whose client certificate names the user `name`; a cluster administrator unless told otherwise. */
  async identity(name: string, options: { readonly groups?: readonly string[] } = {}): Promise<string> {
    const certificate = this.#plane.authority.client(name, options.groups ?? ["system:masters"])
    return this.#plane.writeKubeconfig(`identity-${encodeURIComponent(name)}.kubeconfig`, certificate)
  }

  /** Runs kubectl as the administrator. */
  kubectl(...args: readonly string[]): Promise<CommandResult> {
    return this.kubectlWith({}, ...args)
  }

  /** Runs kubectl with text on its standard input, or with another kubeconfig. */
  async kubectlWith(
    options: { readonly stdin?: string; readonly kubeconfig?: string },
    ...args: readonly string[]
  ): Promise<CommandResult> {
    const kubectl = findBinary("kubectl") ?? Bun.which("kubectl")
    if (!kubectl) throw new Error("there is no kubectl")
    const child = Bun.spawn([kubectl, "--kubeconfig", options.kubeconfig ?? this.kubeconfig, ...args], {
      stdin: new Blob([options.stdin ?? ""]),
      stdout: "pipe",
      stderr: "pipe",
      env: { ...process.env, HOME: this.dir }, // kubectl's discovery cache belongs to this cluster
    })
    const [stdout, stderr, code] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited])
    return { code, stdout, stderr }
  }

  /**
   * What the API server was asked, from the audit log (`audit: true`); one entry per request, watches included.
   * An entry is written just after its answer is sent: wait until an expected one appears, and a moment before counting none.
   */
  async audit(query: AuditQuery = {}): Promise<readonly AuditEntry[]> {
    return readAudit(join(this.dir, "audit.log"), query)
  }

  /** Stops the API server and starts it again on the same port and data; returns when it is ready. */
  async restartApiServer(): Promise<void> {
    await this.#plane.restartApiServer()
  }

  /** Makes etcd forget every revision before this one. */
  async compact(revision: string): Promise<void> {
    await this.#plane.compact(revision)
  }

  /** Whether the API server answers /readyz right now. */
  async isAvailable(): Promise<boolean> {
    try {
      return (await this.#plane.request("/readyz")).ok
    } catch {
      return false
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#plane.stop()
    rmSync(this.dir, { recursive: true, force: true })
  }
}
