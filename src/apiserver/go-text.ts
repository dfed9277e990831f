import type { Resource } from "./resource.ts"

/** What a real server calls the type of a kind inside: `core.Pod`, `apps.DeploymentList`. */
export function internalType(
  { gvr, isCustom, kind }: Pick<Resource, "gvr" | "isCustom" | "kind">,
  named = kind,
): string {
  if (isCustom) return named === kind ? "unstructured.Unstructured" : "unstructured.UnstructuredList"
  return `${gvr.group === "" ? "core" : gvr.group.split(".", 1)[0]}.${named}`
}
