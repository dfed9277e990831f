import type { CrdHealth, KatalogSummary } from "../server/mod.ts"

/** Rows as left-aligned columns, two spaces apart, without spaces at line ends. The first row is the header. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths: number[] = []
  for (const row of rows) for (const [i, cell] of row.entries()) widths[i] = Math.max(widths[i] ?? 0, cell.length)
  return rows
    .map(
      (row) =>
        `${row
          .map((cell, i) => cell.padEnd(widths[i] ?? 0))
          .join("  ")
          .trimEnd()}\n`,
    )
    .join("")
}

/** What `ork status` prints: one row per CRD, then one line for each that is in trouble or waits. */
export function statusTable(summary: KatalogSummary, health: readonly CrdHealth[]): string {
  const byName = new Map(health.map((one) => [one.name, one]))
  const rows = summary.crds.map((crd) => [
    crd.name,
    crd.state,
    String(crd.workers),
    String(crd.queueDepth),
    percent(crd.errorRate),
    String(crd.totalReconciles),
    byName.get(crd.name)?.uptime ?? "-",
  ])
  const notes = health.flatMap(noteOf).map((note) => `${note}\n`)
  const header = ["CRD", "STATE", "WORKERS", "QUEUE", "ERRORS", "RECONCILES", "UPTIME"]
  return [table([header, ...rows]), ...(notes.length > 0 ? ["\n", ...notes] : [])].join("")
}

function noteOf(crd: CrdHealth): readonly string[] {
  if (crd.why !== "") return [`${crd.name} is ${crd.state}: ${crd.why}`]
  if (crd.failingResources === 0) return []
  return [`${crd.name}: ${crd.failingResources} failing${crd.worstOffender ? `, worst ${crd.worstOffender}` : ""}`]
}

/** `0%`, `2.5%`; a rate that is not zero never reads as 0%. */
function percent(rate: number): string {
  if (rate > 0 && rate < 0.001) return "<0.1%"
  return `${Math.round(rate * 1_000) / 10}%`
}
