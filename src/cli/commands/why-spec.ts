import { type CommandSpec, outputFlag } from "../command-spec.ts"
import { urlFlag } from "./status-spec.ts"

/** What `ork why` takes; apart from what it does, so that other commands start without the client. */
export const whySpec: CommandSpec = {
  name: "why",
  summary: "tell why an object is as it is: what it waits for, its last passes, who set a field",
  description: [
    "Asks the HTTP API of a running `ork run` about a custom resource or one of the objects that it made. Exit code 1 when nothing answers there or the object is not known.",
    "With a path, it names the managers that own the field and the line of the Katalog that declares the object.",
  ],
  examples: [
    { summary: "why a website is not ready", command: "ork why website/hello" },
    {
      summary: "who set the replicas of its Deployment",
      command: "ork why deployment/hello -n default .spec.replicas",
    },
    { summary: "for a program", command: "ork why website/hello -o json" },
  ],
  args: [
    { name: "KIND/NAME", required: true, summary: "a custom resource or one of its children: website/hello" },
    { name: "PATH", summary: "a field of it: .spec.replicas" },
  ],
  flags: [
    { name: "namespace", short: "n", takesValue: true, placeholder: "NAME", summary: "the object's namespace" },
    urlFlag,
    outputFlag("text", "json"),
  ],
}
