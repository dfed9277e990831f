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

/** Requests with the administrator's certificate. */
export async function askCluster(cluster: TestCluster): Promise<AskCluster> {
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
  return async ({ method, path, type, body }) => {
    const answer = await fetch(`${cluster.server}${path}`, {
      method,
      tls,
      headers: { "content-type": type ?? "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    return { httpStatus: answer.status, body: await answer.json() }
  }
}
