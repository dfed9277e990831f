import type { Attributes, Authorize } from "../ports.ts"
import { Refusal } from "../refusal.ts"

/** Refuses what somebody may not do, in a real server's words. */
export function mustBeAllowed(authorize: Authorize | undefined, wish: Attributes): void {
  const verdict = authorize?.(wish)
  if (verdict === undefined || verdict.allowed) return
  const { user, verb, group, resource, subresource, namespace, name } = wish
  const full = subresource === "" ? resource : `${resource}/${subresource}`
  const subject = `${resource}${group === "" ? "" : `.${group}`}${name === "" ? "" : ` ${JSON.stringify(name)}`}`
  const where = namespace === "" ? " at the cluster scope" : ` in the namespace ${JSON.stringify(namespace)}`
  const said = `User ${JSON.stringify(user.name)} cannot ${verb} resource ${JSON.stringify(full)} in API group ${JSON.stringify(group)}${where}`
  const why = verdict.reason === undefined || verdict.reason === "" ? said : `${said}: ${verdict.reason}`
  throw new Refusal(403, "Forbidden", `${subject} is forbidden: ${why}`, { name, group, kind: resource })
}
