import type { CommandSpec, FlagSpec } from "../command-spec.ts"

/** The flags of a cluster of one's own, for `ork cluster` and `ork run --local`. */
export const localFlags: readonly FlagSpec[] = [
  {
    name: "data",
    takesValue: true,
    placeholder: "DIR",
    complete: "folder",
    default: "memory: all is gone at the end",
    summary: "the folder that keeps the cluster's objects, its certificate and its kubeconfig",
  },
  {
    name: "no-pretend",
    takesValue: false,
    summary: "no stand-ins for nodes and controllers: Deployments get no Pods, nothing becomes ready",
  },
  {
    name: "enforce-rbac",
    takesValue: false,
    summary: "roles and bindings decide about requests; try one with kubectl --as",
  },
  {
    name: "merge-kubeconfig",
    takesValue: false,
    summary: 'add the context "ork-local" to your own kubeconfig and make it the current one',
  },
]

/** What `ork cluster` takes, and its help. */
export const clusterSpec: CommandSpec = {
  name: "cluster",
  summary: "serve a Kubernetes API of your own, without a cluster",
  description: [
    "Serves a Kubernetes API on 127.0.0.1 until Ctrl-C. The first line on standard output is an export of KUBECONFIG: kubectl and everything else that speaks to clusters works on it.",
    "No container runs. Stand-ins pretend that workloads do: Deployments roll out, Pods become ready, Jobs complete, claims are bound. A Pod with the annotation orkestra.orkspace.io/pretend fails as it asks: ImagePullBackOff, ErrImagePull, CrashLoopBackOff, NotReady, Unschedulable, Error.",
  ],
  examples: [
    { summary: "a cluster in memory", command: "ork cluster" },
    { summary: "one that is there again tomorrow", command: "ork cluster --data ~/.ork/dev" },
  ],
  flags: [
    {
      name: "port",
      takesValue: true,
      placeholder: "PORT",
      default: "a free port",
      summary: "where the Kubernetes API listens on 127.0.0.1",
    },
    ...localFlags,
    {
      name: "log-format",
      takesValue: true,
      values: ["text", "json"],
      default: "text",
      summary: "lines for a person, or one JSON object a line",
    },
    { name: "verbose", short: "v", takesValue: false, summary: "log every request" },
  ],
}
