import { get, type Step } from "./interaction.ts"

/** The core group in the namespace. */
export const core = "/api/v1/namespaces/{ns}"
/** Where Pods are. */
export const pods = `${core}/pods`
/** Only what was said is compared. */
export const said: Partial<Step> = {
  only: ["code", "reason", "message", "causes"],
  because: "what comes of it is compared elsewhere",
}

/** A Pod of one container. */
export const pod = (name: string, spec: object = {}, container: object = {}) => ({
  metadata: { name },
  spec: { containers: [{ name: "a", image: "a:1", ...container }], ...spec },
})
/** What a container asks for, and may use. */
export const asks = (requests: object, limits: object = {}) => ({ resources: { requests, limits } })
/** A namespace's account is made a moment later. */
export const account = get(`${core}/serviceaccounts/default`, { ...said, until: 200 })
