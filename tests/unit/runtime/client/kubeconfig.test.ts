import { describe, expect, test } from "bun:test"
import type { Endpoint } from "../../../../src/runtime/client/endpoint.ts"
import { type KubeconfigOptions, loadKubeconfig } from "../../../../src/runtime/client/kubeconfig.ts"
import { FakeClock } from "../../../support/clock.ts"
import { memoryFiles } from "../../../support/files.ts"
import { failure } from "./resources.ts"

const pem = (name: string) => `-----BEGIN ${name}-----`
const base64 = (text: string) => Buffer.from(text).toString("base64")

/** A kubeconfig with one context per user; every user and cluster is given as it stands in the file. */
function config(users: Record<string, object>, cluster: object = {}, current?: string): string {
  const names = Object.keys(users)
  return JSON.stringify({
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name: "c", cluster: { server: "https://host:6443/", ...cluster } }],
    users: names.map((name) => ({ name, user: users[name] })),
    contexts: names.map((name) => ({ name: `${name}@c`, context: { cluster: "c", user: name, namespace: "shop" } })),
    "current-context": current ?? `${names[0]}@c`,
  })
}

async function load(
  texts: Record<string, string>,
  options: Partial<KubeconfigOptions> = {},
): Promise<{ readonly endpoint: Endpoint; readonly clock: FakeClock }> {
  const clock = new FakeClock()
  const deps = { clock, files: memoryFiles(texts) }
  return { endpoint: await loadKubeconfig(deps, { env: {}, home: "/home/me", ...options }), clock }
}

const standard = "/home/me/.kube/config"

describe("where a kubeconfig is found", () => {
  const texts = {
    "/given": config({ given: {} }),
    "/one": config({ one: {} }),
    "/two": config({ two: {} }),
    [standard]: config({ home: {} }),
  }
  test.each([
    [{ path: "/given", env: { KUBECONFIG: "/one" } }, "given@c"],
    [{ env: { KUBECONFIG: "/missing:/one:/two" } }, "one@c"],
    [{ env: { KUBECONFIG: "/one:/two" }, context: "two@c" }, "two@c"],
    [{}, "home@c"],
  ] as const)("%j", async (options, context) => {
    expect((await load(texts, options)).endpoint.context).toBe(context)
  })

  test("the first file to name a thing wins", async () => {
    const second = config({ one: {} }, { server: "https://other" })
    const { endpoint } = await load(
      { "/one": config({ one: {} }), "/two": second },
      { env: { KUBECONFIG: "/one:/two" } },
    )
    expect(endpoint).toMatchObject({ server: "https://host:6443", namespace: "shop", user: "one" })
  })

  test("inside a cluster it is the service account, whose token is read again after a minute", async () => {
    const texts: Record<string, string> = {
      "/sa/token": "first\n",
      "/sa/ca.crt": pem("CERTIFICATE"),
      "/sa/namespace": "ops\n",
    }
    const env = { KUBERNETES_SERVICE_HOST: "fd00::1", KUBERNETES_SERVICE_PORT: "443" }
    const { endpoint, clock } = await load(texts, { env, inClusterFolder: "/sa" })
    expect(endpoint).toMatchObject({ context: "in-cluster", server: "https://[fd00::1]:443", namespace: "ops" })
    expect(await endpoint.material()).toMatchObject({ authorization: "Bearer first", ca: pem("CERTIFICATE") })
    texts["/sa/token"] = "second"
    await clock.advance("59s")
    expect((await endpoint.material()).authorization).toBe("Bearer first")
    await clock.advance("1s")
    expect((await endpoint.material()).authorization).toBe("Bearer second")
    texts["/sa/token"] = "third"
    const rejected = await endpoint.material()
    expect((await endpoint.material({ rejected })).authorization).toBe("Bearer third")
    delete texts["/sa/token"]
    await clock.advance("2m")
    expect((await endpoint.material()).authorization).toBe("Bearer third")
  })
})

describe("what proves who we are", () => {
  const material = async (user: object, texts: Record<string, string> = {}, cluster: object = {}) =>
    (await load({ [standard]: config({ me: user }, cluster), ...texts })).endpoint.material()

  test("certificates: inline, or in files beside the kubeconfig", async () => {
    const user = {
      "client-certificate": "me.crt",
      "client-key-data": base64(pem("KEY")),
    }
    const cluster = { "certificate-authority": "/etc/ca.crt" }
    const texts = { "/home/me/.kube/me.crt": pem("CERT"), "/etc/ca.crt": pem("CA") }
    expect(await material(user, texts, cluster)).toEqual({
      authorization: undefined,
      headers: {},
      ca: pem("CA"),
      cert: pem("CERT"),
      key: pem("KEY"),
    })
  })

  test("a token, a token file, a password, another user's name", async () => {
    expect((await material({ token: "t" })).authorization).toBe("Bearer t")
    const file = { token: "old", tokenFile: "token" }
    expect((await material(file, { "/home/me/.kube/token": "new\n" })).authorization).toBe("Bearer new")
    expect((await material({ username: "ü", password: "p" })).authorization).toBe(`Basic ${base64("ü:p")}`)
    expect((await material({ token: "t", as: "other" })).headers).toEqual({ "impersonate-user": "other" })
  })

  test("a certificate that is none, or a file that is missing, is named", async () => {
    expect(await failure(material({ "client-certificate-data": base64("x") }))).toMatchObject({
      code: "config/kubeconfig",
    })
    const missing = await failure(material({ "client-key": "/no/key" }))
    expect(missing).toMatchObject({ code: "config/kubeconfig" })
    expect(String(missing)).toContain("/no/key")
  })

  test("TLS settings come with the cluster", async () => {
    const cluster = {
      "insecure-skip-tls-verify": true,
      "certificate-authority": "/not/read",
      "tls-server-name": "name",
      "proxy-url": "http://proxy:3128",
    }
    const { endpoint } = await load({ [standard]: config({ me: {} }, cluster) })
    expect(endpoint).toMatchObject({ insecure: true, serverName: "name", proxy: "http://proxy:3128" })
    expect((await endpoint.material()).ca).toBeUndefined()
  })
})

describe("a kubeconfig that cannot be used", () => {
  const user = (fields: object) => ({ [standard]: config({ me: fields }) })
  const cluster = (fields: object) => ({ [standard]: config({ me: {} }, fields) })
  const cases: readonly (readonly [string, Record<string, string>, Partial<KubeconfigOptions>, string])[] = [
    ["none at all", {}, {}, standard],
    ["a file that is missing", {}, { path: "/no/file" }, "/no/file"],
    ["a KUBECONFIG without files", {}, { env: { KUBECONFIG: "/a:/b" } }, "/a:/b"],
    ["no such context", { [standard]: config({ dev: {}, prod: {} }) }, { context: "prd@c" }, "dev@c, prod@c"],
    ["no current context", { [standard]: config({ dev: {} }, {}, "") }, {}, "dev@c"],
    ["not YAML", { [standard]: "a: [" }, {}, standard],
    ["not a mapping", { [standard]: "" }, {}, standard],
    ["no address", cluster({ server: "host" }), {}, '"host"'],
    ["a socks proxy", cluster({ "proxy-url": "socks5://x" }), {}, "proxy-url"],
    ["an exec without a command", user({ exec: {} }), {}, "exec"],
    [
      "an exec for terminals",
      user({ exec: { command: "x", apiVersion: "v1", interactiveMode: "Always" } }),
      {},
      "terminal",
    ],
    ["an auth provider", user({ "auth-provider": { name: "gcp" } }), {}, "auth-provider"],
    ["rights of other groups", user({ "as-groups": ["admins"] }), {}, "as-groups"],
  ]
  test.each(cases)("%s", async (_, texts, options, named) => {
    const error = await failure(load(texts, options))
    expect(error).toMatchObject({ code: "config/kubeconfig" })
    expect(String(error)).toContain(named)
    expect(String(error)).not.toContain("\n")
  })

  test("is never quoted, for it holds secrets", async () => {
    const text = 'users:\n- name: a\n  user: {token: "secret-token\n'
    expect(String(await failure(load({ [standard]: text })))).not.toContain("secret-token")
  })
})
