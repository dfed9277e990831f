import type { Decision, Wish } from "./authorizer.ts"
import { CelOpaque } from "./cel-values.ts"
import type { User } from "./ports.ts"

interface Call {
  readonly target: unknown
  readonly args: readonly unknown[]
}
type Function = (call: Call) => unknown

/** What a check in an expression is about so far. */
interface Check {
  readonly user: User
  readonly decide: (user: User, wish: Wish) => Decision
  readonly wish: Wish
}

const prefix = "kubernetes.authorization."
const nothing: Wish = { verb: "", group: "", resource: "", subresource: "", namespace: "", name: "", path: "" }

/** The value of `authorizer` in expressions: asks whether `user` may do something. */
export function celAuthorizer(user: User, decide: Check["decide"]): CelOpaque {
  return value("Authorizer", { user, decide, wish: nothing })
}

function value(type: string, check: Check): CelOpaque {
  return new CelOpaque(`${prefix}${type}`, JSON.stringify([check.user, check.wish]), check)
}

/** A step from one kind of check to the next; undefined where the value before the dot is no such check. */
function step(from: readonly string[], read: (check: Check, args: readonly string[]) => unknown): Function {
  return ({ target, args }) => {
    const isOne = target instanceof CelOpaque && from.some((type) => target.type === `${prefix}${type}`)
    if (!isOne || !args.every((arg) => typeof arg === "string")) return undefined
    return read(target.data as Check, args) // `value` gives every such value its check
  }
}

const narrowed =
  (key: keyof Wish, type: string) =>
  (check: Check, [text = ""]: readonly string[]) =>
    value(type, { ...check, wish: { ...check.wish, [key]: text } })

function decision(read: (decision: Decision) => unknown): Function {
  return ({ target }) =>
    target instanceof CelOpaque && target.type === `${prefix}Decision`
      ? read(target.data as Decision) // made by `.check`
      : undefined
}

/** The functions of `authorizer`. */
export const authorizerFunctions: Readonly<Record<string, Function>> = {
  ".path": step(["Authorizer"], narrowed("path", "PathCheck")),
  ".group": step(["Authorizer"], narrowed("group", "GroupCheck")),
  ".serviceAccount": step(["Authorizer"], (check, [namespace = "", name = ""]) => {
    const groups = ["system:serviceaccounts", `system:serviceaccounts:${namespace}`, "system:authenticated"]
    return value("Authorizer", { ...check, user: { name: `system:serviceaccount:${namespace}:${name}`, groups } })
  }),
  ".resource": step(["GroupCheck"], narrowed("resource", "ResourceCheck")),
  ".subresource": step(["ResourceCheck"], narrowed("subresource", "ResourceCheck")),
  ".namespace": step(["ResourceCheck"], narrowed("namespace", "ResourceCheck")),
  ".name": step(["ResourceCheck"], narrowed("name", "ResourceCheck")),
  ".check": step(["PathCheck", "ResourceCheck"], ({ user, decide, wish }, [verb = ""]) => {
    const made = decide(user, { ...wish, verb })
    return new CelOpaque(`${prefix}Decision`, JSON.stringify(made), made)
  }),
  ".allowed": decision(({ allowed }) => allowed),
  ".reason": decision(({ reason }) => reason),
  ".errored": decision(() => false),
  ".error": decision(() => ""),
}
