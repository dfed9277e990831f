/** `npm start`: katalogs/hello-website on a Kubernetes API server of its own, until Ctrl-C. Nobody's kubeconfig is read. */
import { join } from "node:path"
import { TestCluster } from "../tests/support/cluster.ts"
import { bun, root } from "./command.ts"

const katalog = join(root, "katalogs/hello-website")

function welcome(cluster: TestCluster): string {
  return `
A Kubernetes API server of your own runs at ${cluster.server}. In another terminal:

  export KUBECONFIG=${cluster.kubeconfig}
  kubectl get websites,deployments,services,configmaps
  kubectl delete deployment --all        # and see them come back
  curl -s localhost:8080/katalog

Ctrl-C stops ork and the cluster.
`
}

/** Runs ork until it ends or the user asks; a signal reaches ork once, so that it stops in order. */
async function runOrk(cluster: TestCluster): Promise<number> {
  const command = [bun, "run", join(root, "src/main.ts"), "run", "-f", katalog, "--kubeconfig", cluster.kubeconfig]
  // A session of its own: the terminal and npm both send Ctrl-C, and ork takes a second one as "now".
  const ork = Bun.spawn(command, { cwd: root, stdio: ["ignore", "inherit", "inherit"], detached: true })
  let askedAt = 0
  const stop = () => {
    if (performance.now() - askedAt < 1_000 && askedAt > 0) return
    askedAt = performance.now()
    ork.kill("SIGINT")
  }
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, stop)
  return await ork.exited
}

async function main(): Promise<number> {
  if (!TestCluster.available({ nodes: true })) {
    console.error(
      "npm start needs Go (https://go.dev/dl) to build a Kubernetes API server, once; there is none on PATH",
    )
    return 1
  }
  console.error("starting a Kubernetes API server …")
  await using cluster = await TestCluster.start({ nodes: true })
  console.error(welcome(cluster))
  return await runOrk(cluster)
}

try {
  process.exitCode = await main()
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error))
  process.exitCode = 1
}
