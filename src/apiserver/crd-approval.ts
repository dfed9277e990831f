import type { KubeObject } from "../kube/mod.ts"
import { groupOf } from "./crd-names.ts"

/** The annotation by which a CRD of a Kubernetes group says that it was approved. */
export const approvalAnnotation = "api-approved.kubernetes.io"

/** What a CRD's annotation says; "none" where its group needs no approval. */
export function approvalOf(crd: KubeObject): "none" | "missing" | "approved" | "unapproved" | "invalid" {
  if (!/(^|\.)(k8s|kubernetes)\.io$/.test(groupOf(crd))) return "none"
  const said = crd.metadata.annotations?.[approvalAnnotation] ?? ""
  if (said === "") return "missing"
  if (said.startsWith("unapproved")) return "unapproved"
  return URL.canParse(said) && new URL(said).host !== "" ? "approved" : "invalid"
}
