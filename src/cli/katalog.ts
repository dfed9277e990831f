import { type Diagnostic, hasErrors, orderDiagnostics } from "../base/mod.ts"
import { type KatalogSpec, type Loaded, loadAll } from "../katalog/mod.ts"
import { build, type Plan } from "../plan/mod.ts"
import type { Parsed } from "./parse.ts"
import type { Terminal } from "./terminal.ts"

/** Katalogs, read and compiled. `plan` is undefined when anything is wrong. */
export interface Compiled {
  readonly katalogs: readonly Loaded[]
  readonly specs: readonly KatalogSpec[]
  /** All of them as one plan: one process runs them together. */
  readonly plan: Plan | undefined
  readonly diagnostics: readonly Diagnostic[]
}

/** The paths a command line names: `-f` and plain words, else the current folder. */
export function katalogPaths(parsed: Parsed): readonly string[] {
  const paths = [...parsed.texts("file"), ...parsed.positionals]
  return paths.length > 0 ? paths : ["."]
}

/** Codes that may only follow from a part that was left out because of a mistake that is already told. */
const consequences: ReadonlySet<string> = new Set(["ORK0404", "ORK0405", "ORK0505", "ORK0506"])

/** Reads and compiles; all mistakes of all files, in order. Touches nothing but files. */
export function compileKatalogs(terminal: Terminal, paths: readonly string[]): Compiled {
  const { katalogs, diagnostics: loadDiagnostics } = loadAll(terminal.files, [...new Set(paths)])
  const diagnostics = [...loadDiagnostics]
  const specs: KatalogSpec[] = []
  const plans: Plan[] = []
  for (const { spec, partial, spans } of katalogs) {
    if (partial) diagnostics.push(...build(partial, spans).diagnostics.filter((found) => !consequences.has(found.code)))
    if (!spec) continue
    specs.push(spec)
    const built = build(spec, spans)
    diagnostics.push(...built.diagnostics)
    if (built.plan) plans.push(built.plan)
  }
  diagnostics.push(...nameClashes(plans))
  const ordered = orderDiagnostics(diagnostics)
  const complete = plans.length === katalogs.length && !hasErrors(ordered)
  return { katalogs, specs, plan: complete ? joined(plans) : undefined, diagnostics: ordered }
}

function joined(plans: readonly Plan[]): Plan {
  return {
    // Sorted: the order of the flags must not change the name of the Lease.
    katalog: plans
      .map((plan) => plan.katalog)
      .sort()
      .join("-"),
    operators: plans.flatMap((plan) => plan.operators),
    notifications: plans.flatMap((plan) => plan.notifications),
  }
}

// `/katalog/{crd}` has one name space for the whole process.
function nameClashes(plans: readonly Plan[]): readonly Diagnostic[] {
  const seen = new Map<string, string>()
  return plans.flatMap((plan) =>
    plan.operators.flatMap((operator): Diagnostic[] => {
      const other = seen.get(operator.name)
      seen.set(operator.name, plan.katalog)
      if (other === undefined) return []
      const message = `operator "${operator.name}" is in the Katalogs ${other} and ${plan.katalog}`
      return [{ severity: "error", code: "ORK0407", message, help: "rename one of them" }]
    }),
  )
}
