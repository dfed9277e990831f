import { isOrkError, type Transport } from "../../base/mod.ts"
import { type ResourceInfo, type RestMapper, restMapper } from "../../kube/mod.ts"
import { ask, jsonOf } from "./answers.ts"
import type { Discovery } from "./api.ts"
import { aggregatedAccept, type GroupVersions, groupsOf, groupVersionsOf, resourcesOf } from "./discovery-documents.ts"
import { toRequest } from "./requests.ts"
import { sharedCall } from "./shared-call.ts"

/** Group documents read at once when the server does not speak aggregated discovery. */
const parallelMax = 8

/**
 * What the server at `server` serves.
 *
 * Guarantees: concurrent callers share one fetch, which ends early only when all of them gave up; a group version that
 * cannot be told at the moment keeps what the snapshot before said of it, and never hides the others.
 */
export function discovery(deps: { readonly transport: Transport }, { server }: { readonly server: string }): Discovery {
  const read: Read = async (path, accept, signal) => {
    const request = toRequest(server, { method: "GET", path, query: {}, accept }, signal)
    return jsonOf(await ask(deps.transport, request, { subject: path, nowMs: () => 0 }), path)
  }
  let snapshot: RestMapper | undefined
  const shared = sharedCall(async (signal) => {
    const found = await fetchAll(read, signal)
    const resources = found.flatMap((gv) => gv.resources ?? resourcesBefore(snapshot, gv))
    snapshot = restMapper(resources)
    return snapshot
  })
  return {
    mapper: async (options) => snapshot ?? shared(options),
    refresh: (options) => shared(options),
  }
}

type Read = (path: string, accept: string, signal: AbortSignal) => Promise<unknown>

async function fetchAll(read: Read, signal: AbortSignal): Promise<readonly GroupVersions[]> {
  const roots = await Promise.all([read("/api", aggregatedAccept, signal), read("/apis", aggregatedAccept, signal)])
  const found: GroupVersions[] = []
  for (const root of roots) {
    const aggregated = groupsOf(root)
    found.push(...(aggregated ?? (await fetchEach(read, groupVersionsOf(root), signal))))
  }
  return found
}

/** The old way: a document per group version. One that fails is unknown, the others count. */
async function fetchEach(
  read: Read,
  wanted: readonly { readonly group: string; readonly version: string }[],
  signal: AbortSignal,
): Promise<readonly GroupVersions[]> {
  const found: GroupVersions[] = []
  for (let at = 0; at < wanted.length; at += parallelMax) {
    const batch = wanted.slice(at, at + parallelMax).map(async (gv): Promise<GroupVersions> => {
      const path = gv.group === "" ? `/api/${gv.version}` : `/apis/${gv.group}/${gv.version}`
      try {
        return { ...gv, resources: resourcesOf(await read(path, "application/json", signal), gv) }
      } catch (error) {
        if (signal.aborted || !isOrkError(error)) throw error
        return { ...gv, resources: undefined }
      }
    })
    found.push(...(await Promise.all(batch)))
  }
  return found
}

function resourcesBefore(
  snapshot: RestMapper | undefined,
  gv: { readonly group: string; readonly version: string },
): readonly ResourceInfo[] {
  return snapshot?.all.filter((r) => r.gvr.group === gv.group && r.gvr.version === gv.version) ?? []
}
