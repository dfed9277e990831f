/**
 * `npm run build`: the standalone binary dist/ork.
 * `npm run build -- --target=bun-linux-arm64` builds dist/ork-linux-arm64 with the pinned Bun for that platform.
 */
import { copyFileSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from "node:fs"
import { basename, join } from "node:path"
import { parseArgs } from "node:util"
import packageJson from "../package.json"
import { bun, root, run } from "./command.ts"

/** Bun's own names: npm's cpu and Bun's folder differ. */
const runtimes: Readonly<Record<string, { readonly os: string; readonly cpu: string; readonly package: string }>> = {
  "bun-linux-x64": { os: "linux", cpu: "x64", package: "bun-linux-x64" },
  "bun-linux-arm64": { os: "linux", cpu: "arm64", package: "bun-linux-aarch64" },
  "bun-darwin-x64": { os: "darwin", cpu: "x64", package: "bun-darwin-x64" },
  "bun-darwin-arm64": { os: "darwin", cpu: "arm64", package: "bun-darwin-aarch64" },
  "bun-windows-x64": { os: "win32", cpu: "x64", package: "bun-windows-x64" },
}

/** The commit that is built, short; empty outside a repository. */
function commit(): string {
  try {
    return Bun.spawnSync(["git", "rev-parse", "--short", "HEAD"], { cwd: root, stderr: "ignore" })
      .stdout.toString()
      .trim()
  } catch {
    return ""
  }
}

/** The Bun executable of another platform, at the version and checksum that package-lock.json pins. */
async function fetchRuntime(target: string): Promise<string> {
  const runtime = runtimes[target]
  if (runtime === undefined) throw new Error(`unknown target ${target}; known: ${Object.keys(runtimes).join(", ")}`)
  const folder = join(root, "dist/runtimes", target)
  mkdirSync(folder, { recursive: true })
  for (const name of ["package.json", "package-lock.json", ".npmrc"]) copyFileSync(join(root, name), join(folder, name))
  const platform = [`--os=${runtime.os}`, `--cpu=${runtime.cpu}`]
  const code = await run(["npm", "ci", "--prefix", folder, "--include=dev", "--ignore-scripts", ...platform])
  if (code !== 0) throw new Error(`npm could not install Bun for ${target}`)
  const bin = join(folder, "node_modules/@oven", runtime.package, "bin")
  const executable = readdirSync(bin).find((name) => name === "bun" || name === "bun.exe")
  if (executable === undefined) throw new Error(`${bin} holds no Bun`)
  return join(bin, executable)
}

async function main(): Promise<number> {
  const { values } = parseArgs({ options: { target: { type: "string" } } })
  const { target } = values
  const suffix = target === undefined ? "" : target.replace(/^bun/, "") + (target.includes("windows") ? ".exe" : "")
  const outfile = join(root, `dist/ork${suffix}`)
  // Maps that are in the binary too are written beside it, one for each piece: they stay in here.
  const folder = join(root, "dist/build")
  mkdirSync(folder, { recursive: true })
  const built = join(folder, basename(outfile))
  const code = await run([
    ...[bun, "build", "--compile", "--minify", "--bytecode", "--format=esm", "--sourcemap"],
    // A command then holds only what it imports: 10 MiB less for `ork version`.
    "--splitting",
    ...["--no-compile-autoload-dotenv", "--no-compile-autoload-bunfig"],
    ...["--compile-autoload-package-json", "--compile-autoload-tsconfig"],
    `--define=ORK_VERSION=${JSON.stringify(packageJson.version)}`,
    `--define=ORK_COMMIT=${JSON.stringify(commit())}`,
    ...(target === undefined ? [] : [`--target=${target}`, `--compile-executable-path=${await fetchRuntime(target)}`]),
    `--outfile=${built}`,
    join(root, "src/main.ts"),
  ])
  if (code === 0) renameSync(built, outfile)
  rmSync(folder, { recursive: true })
  if (code === 0) console.log(`${outfile}  ${(statSync(outfile).size / 1e6).toFixed(0)} MB`)
  return code
}

try {
  process.exitCode = await main()
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error))
  process.exitCode = 1
}
