import type { Connect } from "./ports.ts"
import { Refusal } from "./refusal.ts"

const noContainer = "the embedded API server runs no containers"

function refuse(what: string): Connect {
  return ({ namespace, name }) => {
    const message = `${noContainer}: there is ${what} ${namespace}/${name}; use a cluster with nodes for that`
    return Promise.reject(new Refusal(501, "NotImplemented", message, { name, kind: "pods" }))
  }
}

/** Clear answers to what needs a container: its log, a command in it, its ports. */
export const withoutContainers: Readonly<Record<string, Connect>> = {
  "pods/log": refuse("no log of Pod"),
  "pods/exec": refuse("nothing to execute in Pod"),
  "pods/attach": refuse("nothing to attach to in Pod"),
  "pods/portforward": refuse("no port to forward of Pod"),
  "pods/proxy": refuse("no port to reach of Pod"),
  "services/proxy": refuse("no Pod to reach behind Service"),
}
