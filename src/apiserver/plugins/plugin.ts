import type { KubeObject } from "../../kube/mod.ts"
import type { Api } from "../api.ts"
import type { AdmissionCall } from "../ports.ts"
import { forbiddenObject, type Refusal } from "../refusal.ts"

/** A create or an update before it is complete. */
export type Draft = AdmissionCall & { readonly object: KubeObject }

/** One of the rules that a server has beside webhooks and policies. Both functions refuse by throwing a `Refusal`. */
export interface Plugin {
  /** Where the objects are kept that it is about. */
  readonly prefixes: readonly string[]
  /** The object as it shall be. Never called for a deletion. */
  readonly mutate?: (draft: Draft, api: Api) => KubeObject | Promise<KubeObject>
  readonly validate?: (call: AdmissionCall, api: Api) => void
}

/** Whether a call makes an object. */
export function isCreation({ operation, context }: AdmissionCall): boolean {
  return operation === "CREATE" && context.subresource === ""
}

/** 403 for what is not stored yet: a made-up name is not known then. */
export function refusedDraft({ resource, object }: Draft, why: string): Refusal {
  const { name = "", generateName = "" } = object.metadata
  return forbiddenObject(resource, name || generateName, why)
}

/** 403 for an object that has its name. */
export function refused({ resource, name }: AdmissionCall, why: string): Refusal {
  return forbiddenObject(resource, name, why)
}

/** Several reasons as one, each once. */
export function together(reasons: readonly string[]): string {
  const all = [...new Set(reasons)]
  return all.length === 1 ? (all[0] ?? "") : `[${all.join(", ")}]`
}
