import { readFileSync } from "node:fs"
import type { TestCluster } from "./cluster.ts"

/** One request to a real API server. */
export interface Question {
  readonly method: string
  readonly path: string
  /** The content type of the body; JSON unless told otherwise. */
  readonly type?: string
  readonly body?: unknown
}

/** Sends requests and reads their answers as JSON. */
export type AskCluster = (question: Question) => Promise<{ readonly httpStatus: number; readonly body: unknown }>

/** One request as it goes over the wire. */
export interface WireRequest {
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | undefined
}

/** Sends requests with the administrator's certificate, and gives the answers as they are. */
export async function sendTo(cluster: TestCluster): Promise<(request: WireRequest) => Promise<Response>> {
  const config = JSON.parse((await cluster.kubectl("config", "view", "--raw", "-o", "json")).stdout)
  const user = config.users[0].user
  const text = (data: unknown, file: unknown) =>
    typeof data === "string" ? Buffer.from(data, "base64").toString() : readFileSync(String(file), "utf8")
  const authority = config.clusters[0].cluster
  const tls = {
    ca: text(authority["certificate-authority-data"], authority["certificate-authority"]),
    cert: text(user["client-certificate-data"], user["client-certificate"]),
    key: text(user["client-key-data"], user["client-key"]),
  }
  return ({ method, path, headers, body }) =>
    fetch(`${cluster.server}${path}`, { method, tls, headers, ...(body === undefined ? {} : { body }) })
}

/** Requests with the administrator's certificate. */
export async function askCluster(cluster: TestCluster): Promise<AskCluster> {
  const send = await sendTo(cluster)
  return async ({ method, path, type, body }) => {
    const headers = { "content-type": type ?? "application/json" }
    const answer = await send({ method, path, headers, body: body === undefined ? undefined : JSON.stringify(body) })
    return { httpStatus: answer.status, body: await answer.json() }
  }
}
