import { isRecord } from "../kube/mod.ts"
import type { Resource } from "./resource.ts"

/** What a real server calls the type of a kind inside: `core.Pod`, `apps.DeploymentList`. */
export function internalType(
  { gvr, isCustom, kind }: Pick<Resource, "gvr" | "isCustom" | "kind">,
  named = kind,
): string {
  if (isCustom) return named === kind ? "unstructured.Unstructured" : "unstructured.UnstructuredList"
  return `${gvr.group === "" ? "core" : gvr.group.split(".", 1)[0]}.${named}`
}

/** A value as Go's `%v` prints it: `map[a:1 b:[x y]]`. */
export function goText(value: unknown): string {
  if (value === null || value === undefined) return "<nil>"
  if (Array.isArray(value)) return `[${value.map(goText).join(" ")}]`
  if (!isRecord(value)) return String(value)
  const keys = Object.keys(value).sort()
  return `map[${keys.map((key) => `${key}:${goText(value[key])}`).join(" ")}]`
}
