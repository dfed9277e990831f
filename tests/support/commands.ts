import type { CommandSpec } from "../../src/cli/command-spec.ts"

/** A small command tree with every kind of flag, argument and nesting. */
export const commands: readonly CommandSpec[] = [
  {
    name: "run",
    summary: "run a Katalog until it's stopped",
    description: ["Applies what the Katalog names, then reconciles."],
    examples: [{ summary: "the Katalog in this folder", command: "ork run" }],
    flags: [
      {
        name: "file",
        short: "f",
        takesValue: true,
        repeatable: true,
        placeholder: "FILE",
        complete: "file",
        default: "the current folder",
        summary: "a Katalog: file or folder",
      },
      { name: "port", takesValue: true, placeholder: "N", default: "8080", summary: "port of the HTTP API" },
      { name: "log-format", takesValue: true, values: ["text", "json"], summary: "how log lines look" },
      { name: "data", takesValue: true, placeholder: "DIR", complete: "folder", summary: "where state is kept" },
      { name: "takeover", takesValue: false, summary: "run beside a live Lease" },
    ],
  },
  {
    name: "generate",
    summary: "write manifests",
    flags: [{ name: "for", takesValue: true, summary: "whose manifests" }],
    subcommands: [
      {
        name: "rbac",
        summary: "roles and bindings",
        flags: [{ name: "dry-run", takesValue: false, summary: "print" }],
      },
      { name: "bundle", summary: "everything", flags: [] },
    ],
  },
  {
    name: "completion",
    summary: "print a completion script",
    flags: [],
    args: [{ name: "shell", required: true, values: ["bash", "zsh", "fish"], summary: "your shell" }],
  },
  {
    name: "validate",
    summary: "check a Katalog",
    flags: [],
    args: [{ name: "file", repeatable: true, complete: "file", summary: "a Katalog" }],
  },
]
