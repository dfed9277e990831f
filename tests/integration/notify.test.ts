import { afterAll, beforeAll, expect, test } from "bun:test"
import { messageSender } from "../../src/cli/notify.ts"
import { systemClock } from "../../src/system.ts"

let server: ReturnType<typeof Bun.serve>
const bodies: unknown[] = []
beforeAll(() => {
  server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    fetch: async (request) => {
      if (new URL(request.url).pathname !== "/secret") return new Response("no", { status: 404 })
      bodies.push([request.method, await request.json()])
      return new Response("ok")
    },
  })
})
afterAll(() => server.stop(true))

const at = (path: string) => `http://127.0.0.1:${server.port}${path}`
const send = (webhook: string, env: Readonly<Record<string, string>> = {}) =>
  messageSender({ env, clock: systemClock })({ webhook, text: "hi" }, new AbortController().signal)

test("a message is posted as Slack takes it, to an address or what the environment names", async () => {
  await send(at("/secret"))
  await send("$HOOK", { HOOK: at("/secret") })
  expect(bodies).toEqual([
    ["POST", { text: "hi" }],
    ["POST", { text: "hi" }],
  ])
})

test("what goes wrong never names the address", async () => {
  const refused = async (webhook: string, env = {}) => String(await send(webhook, env).catch((error: unknown) => error))
  expect(await refused(at("/hidden"))).not.toContain("hidden")
  expect(await refused("$HOOK")).toContain("HOOK")
  expect(await refused("$HOOK", { HOOK: "hidden" })).not.toContain("hidden")
  expect(await refused("ftp://hidden")).not.toContain("hidden")
})
