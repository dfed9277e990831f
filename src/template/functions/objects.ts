import type { Run } from "../run.ts"
import { kindOf, truthy } from "../values.ts"
import { walk } from "./collections.ts"
import { str } from "./convert.ts"
import { Family } from "./define.ts"
import { at, conditionAt, listAt, mapAt, numberAt, textAt } from "./reading.ts"

const family = new Family("objects")
const first = { piped: "first" } as const

family.variadic(
  "get(object, keys...) any",
  "the value below the keys; nothing when there is none",
  (run, [object, ...keys]) => walk(run, object, keys),
  { piped: "first", min: 1 },
)
for (const [name, path] of [
  ["meta", ["metadata"]],
  ["spec", ["spec"]],
  ["status", ["status"]],
  ["labels", ["metadata", "labels"]],
  ["annotations", ["metadata", "annotations"]],
] as const) {
  family.fixed(`${name}(object) map`, `the object's ${path.join(".")}, never nothing`, (_, object) =>
    mapAt(object, ...path),
  )
}
for (const [name, path] of [
  ["phase", ["status", "phase"]],
  ["resourceName", ["metadata", "name"]],
  ["resourceNamespace", ["metadata", "namespace"]],
  ["resourceUID", ["metadata", "uid"]],
  ["resourceVersion", ["metadata", "resourceVersion"]],
  ["creationTimestamp", ["metadata", "creationTimestamp"]],
  ["resourceCPU", ["spec", "resources", "requests", "cpu"]],
  ["resourceMemory", ["spec", "resources", "requests", "memory"]],
] as const) {
  family.fixed(`${name}(object) string`, `the object's ${path.join(".")}, in text form`, (run, object) =>
    textAt(run, object, path),
  )
}
for (const [title, key] of [
  ["Label", "labels"],
  ["Annotation", "annotations"],
] as const) {
  const noun = title.toLowerCase()
  family.fixed(
    `get${title}(object, key) string`,
    `the value of the ${noun}, or the empty text`,
    (run, object, name) => textAt(run, object, ["metadata", key, str(run, name)]),
    first,
  )
  family.fixed(
    `get${title}Int(object, key) number`,
    `the value of the ${noun}, a whole number, or 0`,
    (run, object, name) => numberAt(object, "metadata", key, str(run, name)),
    first,
  )
  family.fixed(
    `has${title}(object, key) bool`,
    `whether the object has the ${noun}`,
    (run, object, name) => at(object, "metadata", key, str(run, name)) !== undefined,
    first,
  )
}
family.variadic(
  "labelMatches(object, pairs...) bool",
  "whether the object has all these labels with these values",
  (run, [object, ...pairs]) => labelMatches(run, object, pairs),
  { piped: "first", min: 1 },
)
family.fixed(
  "getStatus(object, key) string",
  "a scalar of the status as text, else the empty text",
  (run, object, key) => textAt(run, object, ["status", str(run, key)]),
  first,
)
family.fixed(
  "hasStatus(object, key) bool",
  "whether the status has key",
  (run, object, key) => at(object, "status", str(run, key)) !== undefined,
  first,
)
family.fixed(
  "hasCondition(object, type) bool",
  "whether the condition is True",
  (run, object, type) => conditionAt(object, str(run, type))?.status === "True",
  first,
)
family.fixed(
  "conditionReason(object, type) string",
  "the reason of the condition",
  (run, object, type) => conditionAt(object, str(run, type))?.reason ?? "",
  first,
)
family.fixed(
  "conditionMessage(object, type) string",
  "the message of the condition",
  (run, object, type) => conditionAt(object, str(run, type))?.message ?? "",
  first,
)
family.fixed(
  "resourceExists(object) bool",
  "whether the object exists",
  (run, object) => kindOf(object) === "map" && truthy(object, run),
)
family.fixed("isTerminating(object) bool", "whether the object is being deleted", (_, object) =>
  Boolean(at(object, "metadata", "deletionTimestamp")),
)
family.fixed("generation(object) number", "the object's generation", (_, object) =>
  numberAt(object, "metadata", "generation"),
)
family.fixed("observedGeneration(object) number", "the generation its controller has seen", (_, object) =>
  numberAt(object, "status", "observedGeneration"),
)
family.fixed(
  "isSynced(object) bool",
  "whether its controller has seen the newest generation",
  (_, object) => numberAt(object, "metadata", "generation") === numberAt(object, "status", "observedGeneration"),
)
family.aliases({ name: "resourceName", namespace: "resourceNamespace" })
family.fixed("ownerKind(object) string", "the kind of the first owner", (run, object) =>
  textAt(run, owner(object), ["kind"]),
)
family.fixed("ownerName(object) string", "the name of the first owner", (run, object) =>
  textAt(run, owner(object), ["name"]),
)

function owner(object: unknown): unknown {
  return listAt(object, "metadata", "ownerReferences")[0]
}

function labelMatches(run: Run, object: unknown, pairs: readonly unknown[]): boolean {
  for (let i = 0; i < pairs.length; i += 2) {
    if (textAt(run, object, ["metadata", "labels", str(run, pairs[i])]) !== str(run, pairs[i + 1])) return false
  }
  return true
}

/** Functions on Kubernetes objects; an object that is missing gives empty answers. */
export const objects = family.defs

const replicas = new Family("replicas")

function desired(object: unknown): number {
  return at(object, "spec", "replicas") === undefined ? 1 : numberAt(object, "spec", "replicas")
}

replicas.fixed("desiredReplicas(object) number", "spec.replicas, 1 when unset", (_, object) => desired(object))
for (const name of ["readyReplicas", "availableReplicas", "updatedReplicas"]) {
  replicas.fixed(`${name}(object) number`, `status.${name}, 0 when unset`, (_, object) =>
    numberAt(object, "status", name),
  )
}
replicas.fixed(
  "allReplicasReady(object) bool",
  "whether as many replicas are ready as are wanted",
  (_, object) => numberAt(object, "status", "readyReplicas") === desired(object),
)
replicas.aliases({ replicasReady: "allReplicasReady" })
replicas.fixed(
  "rolloutComplete(object) bool",
  "whether as many replicas are updated as are wanted",
  (_, object) => numberAt(object, "status", "updatedReplicas") === desired(object),
)

/** Functions on the replicas of a workload. */
export const replication = replicas.defs
