/** Builds the Go programs that judge an API server by what clients written in Go make of it. */
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs"
import { join, relative } from "node:path"
import { cacheFolder } from "../../cluster/build.ts"

const source = import.meta.dir

/** One of the programs: what it does with a server. */
export type Program = "clientgo" | "manager"

/** What a program found out about one thing that clients expect. */
export interface Finding {
  readonly check: string
  readonly error?: string
}

/** Whether Go is there to build them. */
export function hasGo(): boolean {
  return Bun.which("go") !== null
}

/** The folder of the built programs: in the cache, under the hash of what they are made of. */
export async function buildPrograms(): Promise<string> {
  const folder = join(cacheFolder(), "..", "go-clients", hashOfSource())
  if (existsSync(folder)) return folder
  const fresh = `${folder}.${process.pid}`
  mkdirSync(fresh, { recursive: true })
  await output(["go", "build", "-ldflags=-s -w", "-o", fresh, "./clientgo", "./manager"], {})
  try {
    renameSync(fresh, folder)
  } catch (error) {
    // Somebody else was quicker.
    rmSync(fresh, { recursive: true })
    if (!existsSync(folder)) throw error
  }
  return folder
}

/** Runs a program against the server of a kubeconfig, in a namespace of its own; `gates` are features of client-go. */
export async function runProgram(
  path: string,
  how: { readonly kubeconfig: string; readonly namespace: string; readonly gates?: Readonly<Record<string, boolean>> },
): Promise<readonly Finding[]> {
  const gates = Object.entries(how.gates ?? {}).map(([name, value]) => [`KUBE_FEATURE_${name}`, String(value)])
  const lines = await output([path, how.namespace], { KUBECONFIG: how.kubeconfig, ...Object.fromEntries(gates) })
  return lines
    .trimEnd()
    .split("\n")
    .map((line): Finding => JSON.parse(line))
}

function hashOfSource(): string {
  const hasher = new Bun.CryptoHasher("sha256")
  const files = readdirSync(source, { recursive: true, withFileTypes: true })
  const paths = files.filter((file) => file.isFile() && /\.go$|^go\./.test(file.name))
  for (const path of paths.map(({ parentPath, name }) => join(parentPath, name)).sort())
    hasher
      .update(`${relative(source, path)}\0`)
      .update(readFileSync(path))
      .update("\0")
  return hasher.digest("hex").slice(0, 16)
}

async function output(command: readonly string[], env: Readonly<Record<string, string>>): Promise<string> {
  const options = { cwd: source, env: { ...process.env, ...env }, stdout: "pipe", stderr: "pipe" } as const
  const child = Bun.spawn([...command], options)
  const [out, errors, code] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited])
  if (code !== 0) throw new Error(`${command.join(" ")}: ${errors}`)
  return out
}
