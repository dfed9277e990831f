/** `npm start`: katalogs/hello-website on a Kubernetes API inside ork, until Ctrl-C. Nobody's kubeconfig is read. */
import { join } from "node:path"
import { bun, root } from "./command.ts"

const command = [bun, "run", join(root, "src/main.ts"), "run", "-f", join(root, "katalogs/hello-website"), "--local"]

// A session of its own: the terminal and npm both send Ctrl-C, and ork takes a second one as "now".
const ork = Bun.spawn([...command, ...process.argv.slice(2)], {
  cwd: root,
  stdio: ["ignore", "inherit", "inherit"],
  detached: true,
})
let askedAt = 0
const stop = () => {
  if (performance.now() - askedAt < 1_000 && askedAt > 0) return
  askedAt = performance.now()
  ork.kill("SIGINT")
}
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, stop)
process.exitCode = await ork.exited
