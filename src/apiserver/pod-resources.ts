import { type Amounts, amountsOf, combined, greater, plus } from "./amounts.ts"
import { type Fields, listAt, mapAt } from "./fields.ts"

/** What counts for a Pod as a whole when it says so. */
const wholePod = new Set(["cpu", "memory"])

/** What the containers of a Pod ask for (`requests`) or may use at most (`limits`), together. */
export function podAmounts(spec: Fields, member: "requests" | "limits"): Amounts {
  const of = (holder: Fields) => amountsOf(mapAt(holder, "resources", member))
  let together = listAt(spec, "containers").reduce<Amounts>((sum, one) => combined(sum, of(one), plus), {})
  let sidecars: Amounts = {}
  let starting: Amounts = {}
  for (const container of listAt(spec, "initContainers")) {
    const own = of(container)
    if (container["restartPolicy"] === "Always") {
      together = combined(together, own, plus)
      sidecars = combined(sidecars, own, plus)
      starting = combined(starting, sidecars, greater)
    } else starting = combined(starting, combined(own, sidecars, plus), greater)
  }
  const containers = combined(together, starting, greater)
  const whole = Object.entries(of(spec)).filter(([name]) => wholePod.has(name))
  return { ...containers, ...Object.fromEntries(whole) }
}
