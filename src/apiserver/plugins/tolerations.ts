import type { Fields } from "../fields.ts"
import { listAt, specOf } from "../fields.ts"
import { gvrs, prefixOf } from "../gvrs.ts"
import type { Plugin } from "./plugin.ts"

const keys = ["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"]

/** A Pod stays on a node that is in trouble for five minutes, unless it says otherwise. */
export const tolerations: Plugin = {
  prefixes: [prefixOf(gvrs.pods)],
  mutate: ({ object, context }) => {
    if (context.subresource !== "") return object
    const given = listAt(specOf(object), "tolerations")
    const missing = keys.filter((key) => !given.some((one) => tolerates(one, key)))
    if (missing.length === 0) return object
    const added = missing.map((key) => ({ key, operator: "Exists", effect: "NoExecute", tolerationSeconds: 300 }))
    return { ...object, spec: { ...specOf(object), tolerations: [...given, ...added] } }
  },
}

function tolerates({ key: own = "", effect = "" }: Fields, key: string): boolean {
  return (own === key || own === "") && (effect === "NoExecute" || effect === "")
}
