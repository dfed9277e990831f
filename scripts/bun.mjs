// Runs the pinned Bun with the given arguments; installs the packages of package-lock.json first when they are not there.
// Plain Node without packages: this is what runs on a fresh clone.
import { spawn, spawnSync } from "node:child_process"
import { existsSync, readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"

const root = fileURLToPath(new URL("..", import.meta.url))
const bun = `${root}node_modules/.bin/bun${process.platform === "win32" ? ".cmd" : ""}`

/** Why the installed packages do not fit the lock file; empty when they do. */
function misfit() {
  if (!existsSync(`${root}node_modules/.package-lock.json`)) return "node_modules is not there"
  const locked = readPackages("package-lock.json")
  const installed = readPackages("node_modules/.package-lock.json")
  for (const [path, { version, optional }] of Object.entries(locked)) {
    if (path === "" || (optional && !installed[path])) continue // optional: a package for another platform
    if (installed[path]?.version !== version) return `${path} is not at ${version}`
  }
  return ""
}

function readPackages(file) {
  return JSON.parse(readFileSync(root + file, "utf8")).packages ?? {}
}

function install(why) {
  console.error(`installing the packages of package-lock.json with npm ci, because ${why}`)
  const npm = process.env.npm_execpath ? [process.execPath, process.env.npm_execpath] : ["npm"]
  const command = [...npm.slice(1), "ci", "--include=dev", "--no-audit", "--no-fund"]
  const result = spawnSync(npm[0], command, { cwd: root, stdio: ["ignore", 2, 2], shell: npm[0] === "npm" })
  if (result.status !== 0) fail("npm ci failed; its output is above")
}

/** npm may have been told not to run install scripts; Bun's own one only puts the binary into place. */
function ensureBunRuns() {
  const runs = () => spawnSync(bun, ["--version"], { stdio: "ignore", shell: bun.endsWith(".cmd") }).status === 0
  if (runs()) return
  console.error("putting the Bun binary into place, because npm did not run its install script")
  spawnSync(process.execPath, ["install.js"], { cwd: `${root}node_modules/bun`, stdio: ["ignore", 2, 2] })
  if (!runs()) fail(`${bun} does not run on this machine`)
}

function fail(message) {
  console.error(message)
  process.exit(1)
}

const why = misfit()
if (why) {
  install(why)
  ensureBunRuns()
} else if (!existsSync(bun)) ensureBunRuns()

const child = spawn(bun, process.argv.slice(2), { stdio: "inherit", shell: bun.endsWith(".cmd") })
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
  // A terminal sends Ctrl-C to the child as well: passing it on would make it two.
  process.on(signal, () => (signal === "SIGINT" && process.stdin.isTTY) || child.kill(signal))
}
// Killed, npm takes only its shell with it; what runs below must not outlive it.
const parent = process.ppid
setInterval(() => process.ppid === parent || child.kill("SIGTERM"), 500).unref()
child.on("error", (error) => fail(`${bun}: ${error.message}`))
child.on("exit", (code, signal) => {
  if (signal === null) process.exit(code ?? 1)
  process.removeAllListeners(signal)
  process.kill(process.pid, signal)
})
