import { type CommandSpec, type FlagSpec, outputFlag } from "../command-spec.ts"

/** Where a command that asks a running ork finds it. */
export const urlFlag: FlagSpec = {
  name: "url",
  takesValue: true,
  placeholder: "URL",
  default: "http://127.0.0.1:8080",
  summary: "where the running ork answers",
}

/** What `ork status` takes; apart from what it does, so that other commands start without the client. */
export const statusSpec: CommandSpec = {
  name: "status",
  summary: "show how the operators of a running ork are doing",
  description: [
    "Asks the HTTP API of a running `ork run`. Exit code 1 when it does not answer or an operator is degraded.",
  ],
  examples: [
    { summary: "an ork on this machine", command: "ork status" },
    { summary: "another port, for a program", command: "ork status --url http://127.0.0.1:9000 -o json" },
  ],
  flags: [urlFlag, outputFlag("text", "json")],
}
