import { CrdHealth, KatalogSummary } from "../../server/mod.ts"
import { asker, read } from "../ask.ts"
import type { Command } from "../command.ts"
import { exit } from "../exit.ts"
import { statusTable } from "../table.ts"
import { statusSpec } from "./status-spec.ts"

/** `ork status`: how the operators of a running ork are doing. */
export const status: Command = {
  spec: statusSpec,
  async run(terminal, parsed) {
    const ask = asker(terminal, parsed.text("url"))
    const summary = read(KatalogSummary, await ask("/katalog"))
    const answers = await Promise.all(summary.crds.map((crd) => ask(`/katalog/${encodeURIComponent(crd.name)}/health`)))
    // A Katalog may switch the page off for a CRD: then there is no answer.
    const health = answers.filter((answer) => answer !== undefined).map((answer) => read(CrdHealth, answer))
    terminal.out(
      parsed.text("output") === "json"
        ? `${JSON.stringify({ ...summary, health }, null, 2)}\n`
        : statusTable(summary, health),
    )
    return summary.crds.some((crd) => crd.state === "degraded") ? exit.failed : exit.fine
  },
}
