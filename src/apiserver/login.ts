import type { User } from "./ports.ts"

/** Who a request comes from, or the answer that refuses it. */
export type Login = (request: Request) => User | Response

const open = new Set(["/healthz", "/livez", "/readyz", "/version"])
const anonymous: User = { name: "system:anonymous", groups: ["system:unauthenticated"] }
const masters = "system:masters"
const authenticated = "system:authenticated"

/** Logs in by bearer token. Who is an administrator may act as somebody else by the `Impersonate-` headers. */
export function tokenLogin(users: Pick<ReadonlyMap<string, User>, "get">): Login {
  return (request) => {
    const [scheme = "", token = ""] = (request.headers.get("authorization") ?? "").split(" ")
    const user = scheme.toLowerCase() === "bearer" ? users.get(token) : undefined
    if (user === undefined) return open.has(new URL(request.url).pathname) ? anonymous : refused()
    return user.groups.includes(masters) ? impersonated(request, user) : user
  }
}

function impersonated({ headers }: Request, user: User): User {
  const name = headers.get("impersonate-user")
  if (name === null || name === "") return user
  const asked = (headers.get("impersonate-group") ?? "").split(",").map((group) => group.trim())
  const groups = asked.filter((group) => group !== "")
  const account = /^system:serviceaccount:([^:]+):[^:]+$/.exec(name)
  const own = account ? ["system:serviceaccounts", `system:serviceaccounts:${account[1]}`] : []
  return { name, groups: [...new Set([...groups, ...own, authenticated])] }
}

function refused(): Response {
  const status = {
    ...{ kind: "Status", apiVersion: "v1", metadata: {}, status: "Failure" },
    ...{ message: "Unauthorized", reason: "Unauthorized", code: 401 },
  }
  return Response.json(status, { status: 401 })
}
