import { type Clock, isOrkError, messageOf, OrkError, secretToken, selfSigned } from "../base/mod.ts"
import { isRecord } from "../kube/mod.ts"
import type { Terminal } from "./terminal.ts"

/** What a local cluster proves itself with, and what its administrator does. All PEM but the token. */
export interface LocalIdentity {
  readonly authority: string
  readonly certificate: string
  readonly key: string
  readonly token: string
}

const validDays = 3_650
const dayMs = 86_400_000
const hosts = ["127.0.0.1", "localhost", "kubernetes", "kubernetes.default", "kubernetes.default.svc"]

/** A new identity; it holds for ten years, since nobody would renew it. */
export function newIdentity(clock: Clock): LocalIdentity {
  const nowMs = clock.nowMs()
  const period = { notBeforeMs: nowMs - dayMs, notAfterMs: nowMs + validDays * dayMs }
  return { ...selfSigned({ commonName: "ork", hosts, ...period }), token: secretToken() }
}

/** The identity that a folder keeps, or a new one that it keeps from now on. */
export function keptIdentity(
  { files, disk, clock }: Pick<Terminal, "files" | "disk" | "clock">,
  folder: string,
): LocalIdentity {
  const path = `${folder}/identity.json`
  if (files.kind(path) === "file") return readIdentity(files.read(path), path)
  const identity = newIdentity(clock)
  disk.writePrivate(path, `${JSON.stringify(identity, null, 2)}\n`)
  return identity
}

function readIdentity(text: string, path: string): LocalIdentity {
  try {
    const value: unknown = JSON.parse(text)
    const { authority, certificate, key, token } = isRecord(value) ? value : {}
    const all = [authority, certificate, key, token]
    if (all.every((one) => typeof one === "string" && one !== "")) {
      const [a, c, k, t] = all.map(String)
      return { authority: a ?? "", certificate: c ?? "", key: k ?? "", token: t ?? "" }
    }
    throw new OrkError("config/data", `${path}: is not complete; remove it and ork makes a new one`)
  } catch (error) {
    if (isOrkError(error)) throw error
    throw new OrkError("config/data", `${path}: ${messageOf(error)}; remove it and ork makes a new one`)
  }
}

/** What cluster, user and context of a local cluster are called. */
export const localContext = "ork-local"

/** A kubeconfig for one local cluster and its administrator. */
export function kubeconfigOf(server: string, { authority, token }: LocalIdentity): Readonly<Record<string, unknown>> {
  const data = Buffer.from(authority).toString("base64")
  return {
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name: localContext, cluster: { server, "certificate-authority-data": data } }],
    users: [{ name: localContext, user: { token } }],
    contexts: [{ name: localContext, context: { cluster: localContext, user: localContext, namespace: "default" } }],
    "current-context": localContext,
  }
}

/** `own` with the entries of `added`, in place of those of the same names; its context becomes the current one. */
export function mergedKubeconfig(
  own: unknown,
  added: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  const config = isRecord(own) ? own : {}
  const lists = ["clusters", "users", "contexts"].map((key) => {
    const before = Array.isArray(config[key]) ? config[key] : []
    const names = namesOf(added[key])
    const kept = before.filter((entry) => !(isRecord(entry) && names.includes(entry["name"])))
    const more: readonly unknown[] = Array.isArray(added[key]) ? added[key] : []
    return [key, [...kept, ...more]]
  })
  return { apiVersion: "v1", kind: "Config", ...config, ...Object.fromEntries(lists), "current-context": localContext }
}

function namesOf(list: unknown): readonly unknown[] {
  return Array.isArray(list) ? list.filter(isRecord).map(({ name }) => name) : []
}
