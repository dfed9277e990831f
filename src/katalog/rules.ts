import { type Diagnostic, didYouMean } from "../base/mod.ts"
import { formatPath, getPath } from "../kube/mod.ts"
import { blocksOf, deletionFaults } from "./deletion.ts"
import { checkEnrich } from "./enrich.ts"
import { checkCalls } from "./external.ts"
import { diagnose, type Fault } from "./fault.ts"
import { uselessInGates } from "./gates.ts"
import { guardFaults } from "./guards.ts"
import { checkObserve } from "./observe.ts"
import { type Dependency, isEntryKind, readDependencies, recordOf, textOf } from "./read.ts"
import { readFlag } from "./shape.ts"
import { markOf } from "./spans.ts"
import type { Spans } from "./spec.ts"

type Plain = Readonly<Record<string, unknown>>

/** Checks across fields, on canonical data that may hold mistakes elsewhere. */
export function checkRules(crds: Plain, spans: Spans): readonly Diagnostic[] {
  const entries = new Map(Object.entries(crds).map(([name, entry]) => [name, recordOf(entry)]))
  const dependencies = new Map(
    [...entries].map(([name, entry]) => [
      name,
      readDependencies(entry["dependsOn"], ["spec", "crds", name, "dependsOn"]),
    ]),
  )
  const at = (fault: Fault, path: string, part: "key" | "value" = "value") =>
    diagnose(fault, { span: markOf(spans, path, part), path })
  return [
    ...[...dependencies].flatMap(([name, list]) =>
      checkDependencies(name, list, entries).map(({ fault, path }) => at(fault, path)),
    ),
    ...cycles(dependencies).map((cycle) => at(cycleFault(cycle), cycle[0]?.at ?? "")),
    ...[...entries].flatMap(([name, entry]) => duplicateIds(name, entry).map(({ fault, path }) => at(fault, path))),
    ...[...entries].flatMap(([name, entry]) =>
      checkEnrich(entry).map(({ fault, steps }) => at(fault, formatPath(["spec", "crds", name, ...steps]))),
    ),
    ...[...entries].flatMap(([name, entry]) =>
      checkCalls(entry).map(({ fault, steps, severity, part }) => {
        const path = formatPath(["spec", "crds", name, ...steps])
        return diagnose(fault, { span: markOf(spans, path, part), path }, severity)
      }),
    ),
    ...[...entries].flatMap(([name, entry]) =>
      checkObserve(recordOf(entry["operatorBox"])).map(({ fault, steps, severity, part }) => {
        const path = formatPath(["spec", "crds", name, "operatorBox", ...steps])
        return diagnose(fault, { span: markOf(spans, path, part), path }, severity)
      }),
    ),
    ...[...entries].flatMap(([name, entry]) =>
      [...deletionFaults(recordOf(entry["operatorBox"])), ...guardFaults(entry)].map(({ fault, place }) =>
        at(fault, `spec.crds.${name}.operatorBox.${place}`, fault.code === "ORK0206" ? "value" : "key"),
      ),
    ),
    ...[...entries].flatMap(([name, entry]) => useless(`spec.crds.${name}`, entry, spans)),
  ]
}

interface Found {
  readonly fault: Fault
  readonly path: string
}

function checkDependencies(
  self: string,
  list: readonly Dependency[],
  entries: ReadonlyMap<string, Plain>,
): readonly Found[] {
  const seen = new Set<string>()
  return list.flatMap(({ name, at }): readonly Found[] => {
    const entry = entries.get(name)
    if (seen.has(name)) {
      return [
        {
          path: at,
          fault: { code: "ORK0206", message: `"${name}" stands twice in dependsOn`, help: "keep one of them" },
        },
      ]
    }
    seen.add(name)
    if (entry === undefined) {
      const near = didYouMean(
        name,
        [...entries.keys()].filter((other) => other !== self),
      )
      const help = near === undefined ? "name a key of spec.crds" : `did you mean "${near}"?`
      return [
        { path: at, fault: { code: "ORK0204", message: `dependsOn names "${name}", which is not in spec.crds`, help } },
      ]
    }
    if (readFlag(entry["enabled"]) !== false || readFlag(entries.get(self)?.["enabled"]) === false) return []
    const message = `dependsOn names "${name}", which is disabled and would never start`
    return [{ path: at, fault: { code: "ORK0204", message, help: `enable "${name}" or remove the dependency` } }]
  })
}

/** One closed way per strongly entangled group: each link is the dependency that leads to the next. */
function cycles(dependencies: ReadonlyMap<string, readonly Dependency[]>): readonly (readonly Dependency[])[] {
  const found: (readonly Dependency[])[] = []
  const done = new Set<string>()
  for (const root of dependencies.keys()) {
    // A stack of our own: a chain of thousands of entries must not use up the real one.
    const way: { readonly name: string; readonly link: Dependency | undefined; next: number }[] = []
    const places = new Map<string, number>()
    const enter = (name: string, link: Dependency | undefined) => {
      places.set(name, way.length)
      way.push({ name, link, next: 0 })
    }
    if (!done.has(root)) enter(root, undefined)
    for (let top = way.at(-1); top !== undefined; top = way.at(-1)) {
      const link = dependencies.get(top.name)?.[top.next++]
      if (link === undefined) {
        done.add(top.name)
        places.delete(top.name)
        way.pop()
        continue
      }
      const start = places.get(link.name)
      if (start !== undefined) found.push([...way.slice(start + 1).flatMap((step) => step.link ?? []), link])
      else if (!done.has(link.name) && dependencies.has(link.name)) enter(link.name, link)
    }
  }
  return found
}

/** Names of a circle that are printed. */
const wayMax = 12

function cycleFault(cycle: readonly Dependency[]): Fault {
  const names = cycle.map((link) => link.name)
  const all = [names.at(-1), ...names]
  const way = (all.length <= wayMax ? all : [...all.slice(0, wayMax - 2), "…", all.at(-1)]).join(" -> ")
  return {
    code: "ORK0205",
    message: `dependsOn goes round in a circle: ${way}`,
    help: "remove one of these dependencies",
  }
}

function duplicateIds(name: string, entry: Plain): readonly Found[] {
  const seen = new Map<string, string>()
  const found: Found[] = []
  for (const { id, place } of explicitIds(recordOf(entry["operatorBox"]))) {
    const other = seen.get(id)
    if (other === undefined) {
      seen.set(id, place)
      continue
    }
    const path = `spec.crds.${name}.operatorBox.${place}.id`
    found.push({
      path,
      fault: { code: "ORK0206", message: `the id "${id}" is taken by ${other}`, help: "choose another id" },
    })
  }
  return found
}

function explicitIds(box: Plain): readonly { readonly id: string; readonly place: string }[] {
  return blocksOf(box).flatMap(({ place, block }) =>
    Object.entries(block).flatMap(([kind, list]) =>
      (isEntryKind(kind) && Array.isArray(list) ? list : []).flatMap((item: unknown, index) => {
        const id = textOf(recordOf(item)["id"])
        return id === undefined ? [] : [{ id, place: `${place}.${kind}[${index}]` }]
      }),
    ),
  )
}

const oneOfEach = "the queue holds each object once, so nothing is ever dropped"

const dynamic = "every kind is read dynamically, there are no types to compile in"

/** Settings of the published format that change nothing here, and why. */
const withoutEffect: readonly (readonly [place: readonly string[], why: string, only?: readonly unknown[]])[] = [
  [["mode"], dynamic, ["dynamic", "typed"]],
  [["ignoreObservedGeneration"], "each pass compares what is there with what should be"],
  ...["location", "object", "objectList", "alias"].map((key) => [["apiTypes", key], dynamic] as const),
  [["apiTypes", "apiPath"], "the cluster says where its kinds are"],
  [["queue", "shared"], "each operator has a queue of its own"],
  [["queue", "maxDepth"], oneOfEach],
  [["queue", "behaviour"], oneOfEach],
  [
    ["queue", "retryBackoff"],
    "every object is tried again with a growing pause of its own, and no worker waits for it",
  ],
  [["mutation", "mutateFirst"], "what mutation sets is always set before validation"],
]

function useless(path: string, entry: Plain, spans: Spans): readonly Diagnostic[] {
  const noted = withoutEffect
    .filter(([steps, , only]) => {
      const value = getPath(entry, steps) ?? null
      return value !== null && (only === undefined || only.includes(value))
    })
    .map(([steps, why]) => {
      const name = steps.join(".")
      const place = `${path}.${name}`
      return diagnose(
        { code: "ORK0122", message: `"${name}" has no effect: ${why}`, help: "remove it" },
        { span: markOf(spans, place, "key"), path: place },
        "note",
      )
    })
  const inGates = uselessInGates(recordOf(entry["operatorBox"])).map(({ fault, place }) => {
    const at = `${path}.operatorBox.${place}`
    return diagnose(fault, { span: markOf(spans, at, "key"), path: at }, "note")
  })
  return [...noted, ...inGates]
}
