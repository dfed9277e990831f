import { afterAll, describe, expect, test } from "bun:test"
import { hasErrors } from "../../../src/base/mod.ts"
import { withRemoteFiles } from "../../../src/cli/remote-files.ts"
import { load } from "../../../src/katalog/mod.ts"
import { memoryFiles } from "../../support/files.ts"
import { memoryTerminal } from "../../support/terminal.ts"
import { websiteCrd } from "../katalog/support.ts"

const katalog = (crdFile: string) =>
  `apiVersion: orkestra.orkspace.io/v1\nkind: Katalog\nspec:\n  crds:\n    website:\n      crdFile: ${crdFile}\n`

async function loaded(path: string, texts: Readonly<Record<string, string>>, remote: Readonly<Record<string, string>>) {
  const asked: string[] = []
  const terminal = await withRemoteFiles(memoryTerminal(memoryFiles(texts)), [path], async (url) => {
    asked.push(url)
    const text = remote[url]
    if (text === undefined) throw new Error(`${url}: no answer`)
    return text
  })
  return { asked, ...load(terminal.files, path) }
}

describe("files behind addresses", () => {
  test("a crdFile is fetched once", async () => {
    const { asked, spec } = await loaded(
      "katalog.yaml",
      { "katalog.yaml": katalog("https://a.example/crd.yaml") },
      { "https://a.example/crd.yaml": websiteCrd },
    )
    expect([asked, spec?.crds[0]?.apiTypes.kind]).toEqual([["https://a.example/crd.yaml"], "Website"])
  })

  test("the files of a fetched Katalog are beside it", async () => {
    const remote = {
      "https://a.example/x/katalog.yaml": katalog("crds/crd.yaml"),
      "https://a.example/x/crds/crd.yaml": websiteCrd,
    }
    const { spec } = await loaded("https://a.example/x/katalog.yaml", {}, remote)
    expect(spec?.crds[0]?.apiTypes.kind).toBe("Website")
  })

  test("what cannot be fetched is a mistake at its line", async () => {
    const { diagnostics } = await loaded("katalog.yaml", { "katalog.yaml": katalog("https://a.example/crd.yaml") }, {})
    expect(diagnostics.map(({ code, path, span }) => [code, path, span !== undefined])).toEqual([
      ["ORK0209", "spec.crds.website.crdFile", true],
    ])
  })

  test("a Katalog without addresses asks nobody", async () => {
    const files = memoryFiles({ "katalog.yaml": katalog("crd.yaml"), "crd.yaml": websiteCrd })
    const terminal = memoryTerminal(files)
    expect(await withRemoteFiles(terminal, ["katalog.yaml"])).toBe(terminal)
  })
})

describe("fetching", () => {
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    fetch(request) {
      const { pathname } = new URL(request.url)
      if (pathname === "/crd.yaml") return new Response(websiteCrd)
      if (pathname === "/moved.yaml") return Response.redirect("/crd.yaml")
      if (pathname === "/away.yaml") return Response.redirect("https://other.example/crd.yaml")
      if (pathname === "/loop.yaml") return Response.redirect("/loop.yaml")
      if (pathname === "/full.yaml")
        return new Response(`${websiteCrd}#${"x".repeat(5 * 1024 * 1024 - websiteCrd.length - 1)}`)
      if (pathname === "/large.yaml") return new Response(`#${"x".repeat(5 * 1024 * 1024)}`)
      return new Response("no", { status: 404 })
    },
  })
  afterAll(() => server.stop(true))

  async function fetched(url: string) {
    const terminal = await withRemoteFiles(memoryTerminal(memoryFiles({ "katalog.yaml": katalog(url) })), [
      "katalog.yaml",
    ])
    return load(terminal.files, "katalog.yaml").diagnostics
  }

  test.each(["crd.yaml", "moved.yaml", "full.yaml"])("%s arrives", async (name) => {
    expect(hasErrors(await fetched(`http://127.0.0.1:${server.port}/${name}`))).toBe(false)
  })

  test.each([
    ["none.yaml", "404"],
    ["away.yaml", "another host"],
    ["loop.yaml", "redirects"],
    ["large.yaml", "exceeds"],
  ])("%s is refused", async (name, why) => {
    const [diagnostic] = await fetched(`http://127.0.0.1:${server.port}/${name}`)
    expect(diagnostic?.code).toBe("ORK0209")
    expect(diagnostic?.message).toContain(why)
  })

  test("plain http to another machine is refused without a call", async () => {
    const [diagnostic] = await fetched("http://a.example/crd.yaml")
    expect(diagnostic?.message).toContain("expected https")
  })
})
