import type { FlagSpec } from "./command-spec.ts"

/** Flags that say which cluster is meant, as kubectl has them. */
export const clusterFlags: readonly FlagSpec[] = [
  {
    name: "kubeconfig",
    takesValue: true,
    placeholder: "FILE",
    complete: "file",
    default: "$KUBECONFIG, else ~/.kube/config, else the Pod's service account",
    summary: "the kubeconfig to use",
  },
  {
    name: "context",
    takesValue: true,
    placeholder: "NAME",
    default: "the current context",
    summary: "the context to use",
  },
]
