import { expect, test } from "bun:test"
import { createApp } from "../../../src/server/mod.ts"
import { fakeView } from "../../support/view.ts"

const entry = {
  operatorBox: {
    onReconcile: {
      configMaps: [{ name: "settings", data: { colour: "blue" } }],
      secrets: [{ name: "login", data: { user: "hunter2" }, base64Data: { pass: "aHVudGVyMg==" } }],
      manifests: [{ apiVersion: "v1", kind: "Secret", stringData: { token: "hunter2" }, data: "{{ .hunter2 }}" }],
    },
  },
}
const raw = { kind: "Katalog", spec: { crds: { website: entry } } }
const app = createApp(fakeView({ documents: { raw, enriched: { ...raw, defaulted: true } } }))
const get = async (path: string) => {
  const response = await app(new Request(`http://localhost${path}`))
  return { code: response.status, body: (await response.json()) as unknown } // a body of any shape
}

test("the Katalog is shown as written and with defaults, values of Secrets hidden, their keys kept", async () => {
  const written = await get("/katalog/raw")
  expect(written.body).toEqual({
    kind: "Katalog",
    spec: {
      crds: {
        website: {
          operatorBox: {
            onReconcile: {
              configMaps: [{ name: "settings", data: { colour: "blue" } }],
              secrets: [{ name: "login", data: { user: "(hidden)" }, base64Data: { pass: "(hidden)" } }],
              manifests: [{ apiVersion: "v1", kind: "Secret", stringData: { token: "(hidden)" }, data: "(hidden)" }],
            },
          },
        },
      },
    },
  })
  const enriched = await get("/katalog/enriched")
  expect(enriched.body).toMatchObject({ defaulted: true })
  expect(JSON.stringify(enriched.body)).not.toContain("unter")
})

test("one CRD's entry is shown alone, and hidden likewise", async () => {
  const { code, body } = await get("/katalog/website/raw")
  expect(code).toBe(200)
  expect(body).toHaveProperty("operatorBox")
  expect(JSON.stringify(body)).not.toContain("hunter2")
})

test("an entry that the document does not have is 404", async () => {
  const bare = createApp(fakeView({ documents: { raw: {}, enriched: {} } }))
  expect((await bare(new Request("http://localhost/katalog/website/enriched"))).status).toBe(404)
})

test("a document of text is refused: it cannot be searched for secrets", async () => {
  const text = createApp(fakeView({ documents: { raw: "data: hunter2", enriched: {} } }))
  const response = await text(new Request("http://localhost/katalog/raw"))
  expect(response.status).toBe(500)
  expect(await response.text()).not.toContain("hunter2")
})

test("metrics are the text of the view, in the format that Prometheus asks for", async () => {
  const response = await app(new Request("http://localhost/metrics"))
  expect(response.headers.get("content-type")).toBe("text/plain; version=0.0.4; charset=utf-8")
  expect(await response.text()).toBe("controller_queue_depth 1\n")
})
