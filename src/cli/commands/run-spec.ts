import type { CommandSpec } from "../command-spec.ts"
import { clusterFlags } from "../presets-spec.ts"
import { localFlags } from "./cluster-spec.ts"
import { fileFlag } from "./validate.ts"

/** What `ork run` takes, and its help. */
export const runSpec: CommandSpec = {
  name: "run",
  summary: "run the operators of a Katalog",
  description: [
    "Applies what the Katalog names in setup, crdFile and crFiles, then runs one operator per CRD until Ctrl-C. It uses the current kubeconfig context, as kubectl does, and says which before it touches anything.",
    "A first Ctrl-C stops in order: dependents first, running reconciles finish, the lease is released. A second one stops at once.",
  ],
  examples: [
    { summary: "the Katalog in this folder, on the current context", command: "ork run" },
    { summary: "see it work, without a cluster", command: "ork run katalogs/hello-website --local" },
    { summary: "a Katalog, on a cluster of your choice", command: "ork run katalogs/hello-website --context kind-dev" },
    { summary: "edit the Katalog and see it change", command: "ork run --watch" },
    { summary: "two replicas, one of which leads", command: "ork run --leader-election on --port 0" },
  ],
  flags: [
    fileFlag,
    {
      name: "local",
      takesValue: false,
      summary: "run it on a Kubernetes API inside this process: no cluster is needed, and none is touched",
    },
    ...localFlags,
    ...clusterFlags,
    {
      name: "namespace",
      short: "n",
      takesValue: true,
      placeholder: "NAME",
      default: "the context's namespace",
      summary: "the namespace of objects in files that name none, and of the Lease",
    },
    {
      name: "port",
      takesValue: true,
      placeholder: "PORT",
      default: "8080",
      summary: "where the HTTP API listens on 127.0.0.1; 0 takes a free port",
    },
    {
      name: "probe-port",
      takesValue: true,
      placeholder: "PORT",
      default: "the probes share --port",
      summary: "a port of their own for /startup, /health and /ready",
    },
    {
      name: "leader-election",
      takesValue: true,
      values: ["on", "off", "per-crd"],
      default: "on in a cluster, off with a kubeconfig",
      summary: "let several replicas agree on one that works; per-crd spreads the operators over all of them",
    },
    {
      name: "takeover",
      takesValue: false,
      summary: "run without election although a live Lease says that this Katalog already runs",
    },
    { name: "apply", takesValue: false, summary: "apply setup, crdFile and crFiles in a cluster too" },
    { name: "no-apply", takesValue: false, summary: "apply none of setup, crdFile and crFiles" },
    {
      name: "watch",
      takesValue: false,
      summary: "follow the Katalog's files and replace the operators that change; on in a cluster",
    },
    { name: "no-watch", takesValue: false, summary: "read the Katalog once, in a cluster too" },
    {
      name: "log-format",
      takesValue: true,
      values: ["text", "json"],
      default: "text",
      summary: "lines for a person, or one JSON object a line",
    },
    { name: "verbose", short: "v", takesValue: false, summary: "log every pass and every request" },
  ],
  args: [{ name: "path", repeatable: true, complete: "file", summary: "the same as --file" }],
}
