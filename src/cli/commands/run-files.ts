import type { Clock, Diagnostic, FileSystem, Logger } from "../../base/mod.ts"
import { type CrdSpec, type KatalogSpec, readManifests } from "../../katalog/mod.ts"
import type { KubeObject } from "../../kube/mod.ts"
import { applySetup } from "../../manager/mod.ts"
import type { Connection } from "../../runtime/mod.ts"

/** One file that an entry names, read. */
export interface FileGroup {
  readonly kind: "setup" | "crdFile" | "crFiles"
  /** As it is written in the Katalog. */
  readonly path: string
  readonly objects: readonly KubeObject[]
}

/** Everything that entries name beside their CRD: all `setup` first, then CRDs, then sample CRs. */
export function readFiles(
  files: FileSystem,
  specs: readonly KatalogSpec[],
): { readonly groups: readonly FileGroup[]; readonly diagnostics: readonly Diagnostic[] } {
  const diagnostics: Diagnostic[] = []
  const crds = specs.flatMap((spec) => spec.crds.filter((crd) => crd.enabled))
  const read = (kind: FileGroup["kind"], refs: CrdSpec["setup"]): FileGroup[] =>
    refs.flatMap((ref) => {
      const manifests = readManifests(files, ref)
      if (manifests.ok) return [{ kind, path: ref.written, objects: manifests.value }]
      diagnostics.push(...manifests.error)
      return []
    })
  const definition = ({ crd }: CrdSpec): FileGroup[] =>
    crd ? [{ kind: "crdFile", path: crd.file.written, objects: [crd.object] }] : []
  const groups = [
    ...crds.flatMap((crd) => read("setup", crd.setup)),
    ...crds.flatMap(definition),
    ...crds.flatMap((crd) => read("crFiles", crd.crFiles)),
  ]
  return { groups, diagnostics }
}

/** Applies the files in order and says what changed; what somebody else changed in the cluster is left alone. */
export async function applyFiles(
  groups: readonly FileGroup[],
  deps: { readonly connection: Connection; readonly clock: Clock; readonly log: Logger },
  options: { readonly namespace: string; readonly signal: AbortSignal },
): Promise<void> {
  const { connection, clock, log } = deps
  const setup = { client: connection.client, discovery: connection.discovery, clock, log }
  const crds = groups.filter((group) => group.kind === "crdFile").flatMap((group) => group.objects)
  for (const { path, objects } of groups) {
    for (const object of objects) {
      const result = await applySetup(setup, object, { ...options, crds })
      if (result.verb === "left") log.warn(`left alone: ${result.object}`, { changedBy: result.detail, file: path })
      else log[result.verb === "unchanged" ? "debug" : "info"](`${result.verb} ${result.object}`, { file: path })
    }
  }
}
