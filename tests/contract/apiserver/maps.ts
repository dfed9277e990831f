/** The ConfigMaps that most suites work on. */

/** Where the ConfigMaps of the namespace are. */
export const maps = "/api/v1/namespaces/{ns}/configmaps"

/** Where the one is that most interactions change. */
export const one = `${maps}/one`

/** A ConfigMap as a create of a built-in kind takes it: without its header. */
export const map = (name: string, more: object = {}) => ({ metadata: { name }, data: { a: "1" }, ...more })

/** A ConfigMap with its header, as an apply needs it. */
export const whole = (name: string, data: object = { a: "1" }, metadata: object = {}) => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name, ...metadata },
  data,
})
