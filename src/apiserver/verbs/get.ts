import type { KubeObject } from "../../kube/mod.ts"
import { type Call, type Core, refOf, servedOne } from "../core.ts"
import { notFound } from "../refusal.ts"

/** The object of a call in the version that was asked for. */
export async function get(core: Core, call: Pick<Call, "resource" | "namespace" | "name">): Promise<KubeObject> {
  const stored = core.storage.get(refOf(call, call.name))
  if (stored === undefined) throw notFound(call.resource, call.name)
  return servedOne(call.resource, stored)
}
