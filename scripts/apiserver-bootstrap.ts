/** What a new real cluster has of its own accord, for src/apiserver/data/bootstrap.json. */
import type { ControlPlane } from "../tests/cluster/control-plane.ts"
import type { Json } from "./openapi.ts"

const rbac = "/apis/rbac.authorization.k8s.io/v1"
const flow = "/apis/flowcontrol.apiserver.k8s.io/v1"
const paths = [
  ...[`${rbac}/clusterroles`, `${rbac}/clusterrolebindings`, `${rbac}/roles`, `${rbac}/rolebindings`],
  "/apis/scheduling.k8s.io/v1/priorityclasses",
  ...[`${flow}/flowschemas`, `${flow}/prioritylevelconfigurations`],
  "/apis/apiregistration.k8s.io/v1/apiservices",
]

interface List {
  readonly kind: string
  readonly items: readonly Record<string, Json>[]
}

/** The objects of each kind, one a line. */
export async function readBootstrap(plane: ControlPlane): Promise<string> {
  await untilRolesAreCollected(plane)
  const lines: string[] = []
  for (const path of paths) {
    const list = (await (await plane.request(path)).json()) as List // what an API server lists
    const apiVersion = path.split("/").slice(2, 4).join("/")
    const kind = list.kind.replace(/List$/, "")
    for (const item of list.items) lines.push(JSON.stringify({ apiVersion, kind, ...withoutIdentity(item) }))
  }
  return `[\n${lines.join(",\n")}\n]\n`
}

/** A controller fills the roles that collect others. */
async function untilRolesAreCollected(plane: ControlPlane): Promise<void> {
  for (let tries = 0; tries < 100; tries++) {
    const role = (await (await plane.request(`${rbac}/clusterroles/admin`)).json()) as { rules?: unknown } // a role
    if (Array.isArray(role.rules) && role.rules.length > 0) return
    await Bun.sleep(200)
  }
  throw new Error("the role admin was never collected")
}

/** An object without what is another in each cluster. */
function withoutIdentity(item: Record<string, Json>): Record<string, Json> {
  const { uid, resourceVersion, creationTimestamp, managedFields, ...metadata } = item["metadata"] as Record<
    string,
    Json
  > // every object has metadata
  const status = JSON.stringify(item["status"] ?? {})
  const times = status.includes("lastTransitionTime") ? JSON.parse(status, withoutTime) : undefined
  const { status: _, ...rest } = item
  return { ...rest, metadata, ...(times === undefined ? {} : { status: times }) }
}

function withoutTime(key: string, value: unknown): unknown {
  return key === "lastTransitionTime" ? undefined : value
}
