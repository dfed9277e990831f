import { type CommandSpec, outputFlag } from "../command-spec.ts"
import { clusterFlags } from "../presets-spec.ts"
import { fileFlag } from "./validate.ts"

/** What `ork drain` takes, and its help. */
export const drainSpec: CommandSpec = {
  name: "drain",
  summary: "take the finalizers of ork off custom resources, before an uninstall",
  description: [
    "A custom resource whose deletion has work for ork carries a finalizer. When ork is gone for good, nobody takes it off, and the custom resource and its namespace can never be deleted. This takes the finalizers of the Katalog's operators off, and changes nothing else.",
    "Stop ork first: one that runs puts them on again. Children that only ork removes (in other namespaces, cluster-scoped, what onDelete names) stay when their custom resource is deleted afterwards. To have them removed, delete the custom resources while ork still runs.",
    "Exit code 1 when something could not be drained, or a live Lease says that this Katalog runs.",
  ],
  examples: [
    { summary: "see what would be done", command: "ork drain katalogs/shop --dry-run" },
    { summary: "the Katalog in this folder", command: "ork drain" },
    { summary: "without the Katalog: every custom resource of the cluster", command: "ork drain --all -o json" },
  ],
  flags: [
    fileFlag,
    {
      name: "all",
      takesValue: false,
      summary: "read no Katalog: look at the custom resources of every CRD, for the finalizer that ork sets itself",
    },
    { name: "dry-run", takesValue: false, summary: "change nothing; print what would be done" },
    { name: "takeover", takesValue: false, summary: "drain although a live Lease says that ork runs" },
    ...clusterFlags,
    outputFlag("text", "json"),
  ],
  args: [{ name: "path", repeatable: true, complete: "file", summary: "the same as --file" }],
}
