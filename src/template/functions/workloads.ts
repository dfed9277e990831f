import { field } from "../values.ts"
import { int, str } from "./convert.ts"
import { Family } from "./define.ts"
import { at, commas, listAt, nameOf, numberAt, textAt } from "./reading.ts"

const first = { piped: "first" } as const

const replicaSets = new Family("replicaset")
replicaSets.fixed(
  "deploymentReplicaSetCount(object) number",
  "how many ReplicaSets the Deployment has; needs enrich: [replicasets]",
  (_, o) => listAt(o, "_replicaSets").length,
)
replicaSets.fixed("deploymentReplicaSets(object) string", "their names, with commas between them", (run, o) =>
  commas(
    run,
    listAt(o, "_replicaSets").map((set) => nameOf(run, set)),
  ),
)
replicaSets.fixed(
  "oldDeploymentReplicaSets(object) string",
  "the names of those that are not of the newest revision, with commas between them",
  (run, o) =>
    commas(
      run,
      oldReplicaSets(listAt(o, "_replicaSets")).map((set) => nameOf(run, set)),
    ),
)
replicaSets.fixed("replicaSetOwnerName(object) string", "the name of what owns the ReplicaSet", (run, o) =>
  textAt(run, ownerOf(o), ["name"]),
)
replicaSets.fixed("replicaSetOwnerKind(object) string", "the kind of what owns the ReplicaSet", (run, o) =>
  textAt(run, ownerOf(o), ["kind"]),
)

function revisionOf(set: unknown): number {
  return numberAt(set, "revision") || numberAt(set, "metadata", "annotations", "deployment.kubernetes.io/revision") || 0
}

/** Where no revision is known, those without replicas are the old ones. */
function oldReplicaSets(sets: readonly unknown[]): readonly unknown[] {
  const newest = Math.max(0, ...sets.map(revisionOf))
  if (newest > 0) return sets.filter((set) => revisionOf(set) < newest)
  return sets.filter((set) => numberAt(set, "replicas") + numberAt(set, "spec", "replicas") === 0)
}

function ownerOf(object: unknown): unknown {
  return field(object, "_owner") ?? listAt(object, "metadata", "ownerReferences")[0]
}

/** Functions on ReplicaSets. */
export const replicaSet = replicaSets.defs

const statefulSets = new Family("statefulset")
statefulSets.fixed("statefulSetCurrentRevision(object) string", "the revision that runs", (run, o) =>
  textAt(run, o, ["status", "currentRevision"]),
)
statefulSets.fixed("statefulSetUpdateRevision(object) string", "the revision that is rolled out", (run, o) =>
  textAt(run, o, ["status", "updateRevision"]),
)
statefulSets.fixed(
  "statefulSetPVCCount(object) number",
  "how many claims it has; needs enrich: [pvcs]",
  (_, o) => listAt(o, "_pvcs").length,
)

/** Functions on StatefulSets. */
export const statefulSet = statefulSets.defs

const containers = new Family("container")
containers.fixed(
  "containerImage(object, index) string",
  "the image of a container, counted from 0",
  (run, o, i) => textAt(run, containersOf(o)[int(i)], ["image"]),
  first,
)
containers.fixed(
  "containerEnv(object, index, name) string",
  "the value of a variable of a container; empty when it has none or comes from elsewhere",
  (run, o, i, name) => {
    const found = listAt(containersOf(o)[int(i)], "env").find((one) => field(one, "name") === str(run, name))
    return textAt(run, found, ["value"])
  },
  first,
)
containers.fixed(
  "containerPort(object, index, port) bool",
  "whether a container opens the port",
  (run, o, i, port) =>
    portsOf(containersOf(o)[int(i)]).some((one) => textAt(run, one, ["containerPort"]) === str(run, port)),
  first,
)
containers.fixed(
  "containerPortByName(object, index, name) number",
  "the number of a container's port; 0 when it has none of this name",
  (run, o, i, name) =>
    numberAt(
      portsOf(containersOf(o)[int(i)]).find((one) => field(one, "name") === str(run, name)),
      "containerPort",
    ),
  first,
)
containers.fixed(
  "containerPorts(object, index) string",
  "the ports of a container, with commas between them",
  (run, o, i) =>
    commas(
      run,
      portsOf(containersOf(o)[int(i)]).map((one) => textAt(run, one, ["containerPort"])),
    ),
  first,
)
containers.fixed("containerCount(object) number", "how many containers there are", (_, o) => containersOf(o).length)

/** Of a workload its template's, of a CronJob its job's template's, of a Pod its own. */
function containersOf(object: unknown): readonly unknown[] {
  const template = at(object, "spec", "template") ?? at(object, "spec", "jobTemplate", "spec", "template") ?? object
  return listAt(template, "spec", "containers")
}

function portsOf(container: unknown): readonly unknown[] {
  return listAt(container, "ports")
}

/** Functions on the containers of a workload. */
export const container = containers.defs
