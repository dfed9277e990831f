import type { Attributes, User } from "./ports.ts"
import { badRequest } from "./refusal.ts"

const anonymous = "system:anonymous"
const authenticated = "system:authenticated"
const unauthenticated = "system:unauthenticated"
const extraPrefix = "impersonate-extra-"

/** One thing that somebody must be allowed to act as. */
type Part = Pick<Attributes, "group" | "resource" | "subresource" | "namespace" | "name">

/** Whether somebody may do something; refuses by throwing. */
export type MustBeAllowed = (wish: Attributes) => void

/** Who a request acts as by its `Impersonate-` headers; refuses what its user may not act as. */
export function actingUser({ headers }: Request, user: User, mustBeAllowed: MustBeAllowed): User {
  const name = headers.get("impersonate-user") ?? ""
  const uid = headers.get("impersonate-uid") ?? ""
  const groups = listed(headers.get("impersonate-group"))
  const extra = extraOf(headers)
  if (name === "") {
    if (groups.length === 0 && uid === "" && extra.size === 0) return user
    throw badRequest(`requested ${wantedText({ name, uid, groups, extra })} without impersonating a user name`)
  }
  for (const part of partsOf({ name, uid, groups, extra })) {
    mustBeAllowed({ ...part, user, verb: "impersonate", version: "v1", path: "" })
  }
  return {
    name,
    groups: complete(name, groups.length > 0 ? groups : accountGroups(name)),
    ...(uid === "" ? {} : { uid }),
    ...(extra.size === 0 ? {} : { extra: Object.fromEntries(extra) }),
  }
}

interface Wanted {
  readonly name: string
  readonly uid: string
  readonly groups: readonly string[]
  readonly extra: ReadonlyMap<string, readonly string[]>
}

// As Go prints it.
function wantedText({ uid, groups, extra }: Wanted): string {
  const list = (items: readonly string[]) => `{${items.map((one) => JSON.stringify(one)).join(", ")}}`
  const named = groups.length === 0 ? "[]string(nil)" : `[]string${list(groups)}`
  const pairs = [...extra].map(([key, values]) => `${JSON.stringify(key)}:[]string${list(values)}`)
  const more = pairs.length === 0 ? "map[string][]string(nil)" : `map[string][]string{${pairs.join(", ")}}`
  return `&user.DefaultInfo{Name:"", UID:${JSON.stringify(uid)}, Groups:${named}, Extra:${more}}`
}

function* partsOf({ name, uid, groups, extra }: Wanted): Generator<Part> {
  const core = { group: "", subresource: "", namespace: "" }
  const [namespace = "", account = ""] = accountOf(name) ?? []
  if (account === "") yield { ...core, resource: "users", name }
  else yield { ...core, resource: "serviceaccounts", namespace, name: account }
  for (const group of groups) yield { ...core, resource: "groups", name: group }
  const own = { ...core, group: "authentication.k8s.io" }
  for (const [key, values] of extra) {
    for (const value of values) yield { ...own, resource: "userextras", subresource: key, name: value }
  }
  if (uid !== "") yield { ...own, resource: "uids", name: uid }
}

function accountOf(name: string): readonly string[] | undefined {
  return /^system:serviceaccount:([^:]+):([^:]+)$/.exec(name)?.slice(1)
}

function accountGroups(name: string): readonly string[] {
  const [namespace] = accountOf(name) ?? []
  return namespace === undefined ? [] : ["system:serviceaccounts", `system:serviceaccounts:${namespace}`]
}

/** Everybody is in one of two groups. */
function complete(name: string, groups: readonly string[]): readonly string[] {
  if (name === anonymous) return groups.includes(unauthenticated) ? groups : [...groups, unauthenticated]
  const isSaid = groups.includes(authenticated) || groups.includes(unauthenticated)
  return isSaid ? groups : [...groups, authenticated]
}

function extraOf(headers: Headers): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, readonly string[]>()
  for (const [name, value] of headers) {
    if (name.startsWith(extraPrefix)) found.set(unescaped(name.slice(extraPrefix.length)), listed(value))
  }
  return found
}

function unescaped(key: string): string {
  try {
    return decodeURIComponent(key)
  } catch {
    return key
  }
}

function listed(value: string | null): readonly string[] {
  return (value ?? "")
    .split(",")
    .map((one) => one.trim())
    .filter((one) => one !== "")
}
