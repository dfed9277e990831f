/** The control plane's binaries: where they are, and how they are built when missing. */
import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs"
import { homedir } from "node:os"
import { join } from "node:path"
import { isAlive, type ProcessRecord, pause, self } from "./processes.ts"

/** What a control plane runs. */
export type Binary = "etcd" | "kube-apiserver" | "kube-controller-manager" | "kube-scheduler" | "kubectl" | "kwok"

/** The files of a control plane without Pods that run. */
export const coreBinaries: readonly Binary[] = ["etcd", "kube-apiserver", "kube-controller-manager", "kubectl"]

/** The files of a control plane whose Pods reach Running. */
export const nodeBinaries: readonly Binary[] = [...coreBinaries, "kube-scheduler", "kwok"]

/** The Kubernetes version that go.mod pins. */
export const kubernetesVersion = pinnedVersion()

/** The folder of built binaries: under ORK_CLUSTER_CACHE, else the user's cache folder. */
export function cacheFolder(): string {
  const cache = process.env["XDG_CACHE_HOME"] || join(homedir(), ".cache")
  return join(process.env["ORK_CLUSTER_CACHE"] || join(cache, "ork-test-cluster"), kubernetesVersion)
}

/** The path of a binary: from KUBEBUILDER_ASSETS when it is there, else from the cache; undefined when in neither. */
export function findBinary(binary: Binary): string | undefined {
  const assets = process.env["KUBEBUILDER_ASSETS"]
  return [...(assets ? [assets] : []), cacheFolder()].map((folder) => join(folder, binary)).find(isExecutable)
}

/** The file of kwok's stages: how Nodes and Pods move on. */
export function kwokStages(): string {
  return join(cacheFolder(), "kwok-stages.yaml")
}

/** Which of the binaries are in neither place. */
export function missingBinaries(wanted: readonly Binary[]): readonly Binary[] {
  return wanted.filter((binary) => findBinary(binary) === undefined || (binary === "kwok" && !existsSync(kwokStages())))
}

/** Whether the Go toolchain is there to build with. */
export function canBuild(): boolean {
  return Bun.which("go") !== null
}

/** Builds what is missing, one build at a time on this machine; tells its progress through `tell`. */
export async function build(wanted: readonly Binary[], tell: (line: string) => void): Promise<void> {
  if (missingBinaries(wanted).length === 0) return
  if (!canBuild())
    throw new Error(
      `the test control plane lacks ${missingBinaries(wanted).join(", ")}, and there is no Go to build it with`,
    )
  mkdirSync(cacheFolder(), { recursive: true })
  const unlock = await lock(join(cacheFolder(), "build.lock"), tell)
  try {
    const missing = missingBinaries(wanted)
    if (missing.length > 0) {
      tell(
        `building ${missing.join(", ")} (Kubernetes ${kubernetesVersion}) from Go modules, once: 10 to 12 minutes on two cores elsewhere`,
      )
    }
    for (const step of steps) {
      const binaries = step.binaries.filter((binary) => missing.includes(binary))
      if (binaries.length > 0) await goBuild(step, binaries, tell)
    }
    if (missing.includes("kwok")) await writeStages()
  } finally {
    unlock()
  }
}

interface Step {
  readonly folder: string
  readonly binaries: readonly Binary[]
  readonly packages: Partial<Record<Binary, string>>
}

const here = import.meta.dir
const steps: readonly Step[] = [
  {
    folder: here,
    binaries: ["kube-apiserver", "kube-controller-manager", "kube-scheduler", "kubectl"],
    packages: {},
  },
  { folder: here, binaries: ["etcd"], packages: { etcd: "go.etcd.io/etcd/server/v3" } },
  { folder: join(here, "kwok"), binaries: ["kwok"], packages: { kwok: "sigs.k8s.io/kwok/cmd/kwok" } },
]

async function goBuild(step: Step, binaries: readonly Binary[], tell: (line: string) => void): Promise<void> {
  const startedAt = performance.now()
  const seconds = () => Math.round((performance.now() - startedAt) / 1000)
  // Built beside the cache's files and moved into place: a killed build never leaves half a binary.
  const folder = mkdtempSync(join(cacheFolder(), "building-"))
  const packages = binaries.map((binary) => step.packages[binary] ?? `k8s.io/kubernetes/cmd/${binary}`)
  const output = binaries.length === 1 ? join(folder, binaries[0]!) : `${folder}/`
  const flags = `-s -w -X k8s.io/component-base/version.gitVersion=v${kubernetesVersion}`
  const command = ["go", "build", "-v", "-trimpath", "-ldflags", flags, "-o", output, ...packages]
  try {
    const child = Bun.spawn(command, { cwd: step.folder, stdin: "ignore", stdout: "ignore", stderr: "pipe" })
    const lines: string[] = []
    const timer = setInterval(
      () => tell(`  ${binaries.join(", ")}: ${lines.length} packages after ${seconds()} s`),
      30_000,
    )
    const decoder = new TextDecoder()
    for await (const chunk of child.stderr)
      lines.push(...decoder.decode(chunk, { stream: true }).split("\n").filter(Boolean))
    clearInterval(timer)
    if ((await child.exited) !== 0) throw new Error(`go build failed:\n${lines.slice(-10).join("\n")}`)
    for (const binary of binaries) renameSync(join(folder, binary), join(cacheFolder(), binary))
    tell(`built ${binaries.join(", ")} in ${seconds()} s`)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function writeStages(): Promise<void> {
  const list = Bun.spawnSync(["go", "list", "-m", "-f", "{{.Dir}}", "sigs.k8s.io/kwok"], { cwd: join(here, "kwok") })
  const stages = join(list.stdout.toString().trim(), "kustomize/stage")
  const read = (folder: string, prefix: string) =>
    readdirSync(join(stages, folder))
      .filter((name) => name.startsWith(prefix) && name.endsWith(".yaml"))
      .sort()
      .map((name) => readFileSync(join(stages, folder, name), "utf8"))
  const documents = [
    ...read("node/fast", "node-"),
    ...read("node/heartbeat-with-lease", "node-"),
    ...read("pod/fast", "pod-"),
  ]
  writeFileSync(`${kwokStages()}.new`, documents.map((text) => `---\n${text}`).join(""))
  renameSync(`${kwokStages()}.new`, kwokStages())
}

async function lock(path: string, tell: (line: string) => void): Promise<() => void> {
  for (let hasTold = false; ; ) {
    try {
      writeFileSync(path, JSON.stringify(self()), { flag: "wx" })
      return () => rmSync(path, { force: true })
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error
    }
    const holder = readRecord(path)
    if (holder === undefined ? isOlderThan(path, 10_000) : !isAlive(holder)) rmSync(path, { force: true })
    else if (!hasTold) tell(`waiting for another build (process ${holder?.pid ?? "unknown"}) that holds ${path}`)
    hasTold = true
    await pause(200)
  }
}

/** The process record that a file holds, or undefined when the file is gone or half written. */
function readRecord(path: string): ProcessRecord | undefined {
  try {
    // Written by this module only.
    return JSON.parse(readFileSync(path, "utf8")) as ProcessRecord
  } catch {
    return undefined
  }
}

/** Whether the file or folder exists and was last changed more than `ageMs` ago. */
export function isOlderThan(path: string, ageMs: number): boolean {
  const changedAt = statSync(path, { throwIfNoEntry: false })?.mtimeMs
  return changedAt !== undefined && Date.now() - changedAt > ageMs
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

function pinnedVersion(): string {
  const found = /^\s*k8s\.io\/kubernetes v([0-9.]+)/m.exec(readFileSync(join(import.meta.dir, "go.mod"), "utf8"))
  if (!found?.[1]) throw new Error("tests/cluster/go.mod names no version of k8s.io/kubernetes")
  return found[1]
}
