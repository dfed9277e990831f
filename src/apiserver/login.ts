import type { User } from "./ports.ts"

/** Who a request comes from, or the answer that refuses it. */
export type Login = (request: Request) => User | Response

const open = new Set(["/healthz", "/livez", "/readyz", "/version"])
const anonymous: User = { name: "system:anonymous", groups: ["system:unauthenticated"] }

/** Logs in by bearer token. */
export function tokenLogin(users: Pick<ReadonlyMap<string, User>, "get">): Login {
  return (request) => {
    const [scheme = "", token = ""] = (request.headers.get("authorization") ?? "").split(" ")
    const user = scheme.toLowerCase() === "bearer" ? users.get(token) : undefined
    if (user === undefined) return open.has(new URL(request.url).pathname) ? anonymous : refused()
    return user
  }
}

function refused(): Response {
  const status = {
    ...{ kind: "Status", apiVersion: "v1", metadata: {}, status: "Failure" },
    ...{ message: "Unauthorized", reason: "Unauthorized", code: 401 },
  }
  return Response.json(status, { status: 401 })
}
