import { afterAll, beforeAll, describe, expect, test } from "bun:test"
import { join } from "node:path"
import { TestCluster } from "../support/cluster.ts"
import { Server } from "../support/ork-server.ts"
import { buildPrograms, type Finding, hasGo, type Program, runProgram } from "./go-clients/build.ts"

/** The programs, and the features of client-go with which each runs: an informer lists by a watch, or lists and watches. */
const runs: readonly { readonly program: Program; readonly watchList: boolean; readonly checks: number }[] = [
  { program: "clientgo", watchList: true, checks: 25 },
  { program: "clientgo", watchList: false, checks: 25 },
  { program: "manager", watchList: true, checks: 8 },
]

const wrongOf = (findings: readonly Finding[]) => findings.filter(({ error }) => error !== undefined)

if (!hasGo() && process.env["CI"] !== "true")
  test.skip("clients written in Go (left out: Go is not installed)", () => {})
else
  describe("clients written in Go", () => {
    let programs: string
    let real: TestCluster
    let embedded: Server
    const kubeconfigs = new Map<string, string>()

    beforeAll(async () => {
      programs = await buildPrograms()
      embedded = Server.start(["cluster"])
      real = await TestCluster.start()
      kubeconfigs.set("a real API server", real.kubeconfig).set("ork cluster", await embedded.kubeconfig())
    }, 900_000)

    afterAll(async () => {
      await embedded?.[Symbol.asyncDispose]()
      await real?.[Symbol.asyncDispose]()
    })

    // The real one judges the programs; then they may judge ours.
    describe.each(["a real API server", "ork cluster"])("against %s", (server) => {
      test.each(runs)(
        "$program with WatchList $watchList finds nothing wrong",
        async (run) => {
          const { program, watchList, checks } = run
          const findings = await runProgram(join(programs, program), {
            kubeconfig: kubeconfigs.get(server) ?? "",
            namespace: `go-${program}-${watchList ? "streaming" : "classic"}`,
            gates: { WatchListClient: watchList },
          })
          expect(wrongOf(findings)).toEqual([])
          expect(findings.length).toBe(checks)
        },
        300_000,
      )
    })
  })
