import { posix } from "node:path"
import type { Run } from "../run.ts"
import { typeFailure } from "../run.ts"
import { field } from "../values.ts"
import { map, result, str } from "./convert.ts"
import { Family } from "./define.ts"

const family = new Family("path")

family.fixed("base(path) string", "the last part of a path", (run, p) => {
  const path = str(run, p)
  return path === "" ? "." : posix.basename(path) || "/"
})
family.fixed("dir(path) string", "a path without its last part", (run, p) => directory(str(run, p)))
family.fixed("clean(path) string", "a path without . and .. and double slashes", (run, p) => cleaned(str(run, p)))
family.fixed("ext(path) string", "the ending of a path, with its dot", (run, p) => {
  const path = str(run, p)
  const dot = path.lastIndexOf(".")
  return dot > path.lastIndexOf("/") ? path.slice(dot) : ""
})
family.fixed("isAbs(path) bool", "whether a path begins at the root", (run, p) => str(run, p).startsWith("/"))
family.aliases({ osBase: "base", osDir: "dir", osClean: "clean", osExt: "ext", osIsAbs: "isAbs" })

function cleaned(path: string): string {
  const normal = posix.normalize(path)
  return normal.length > 1 && normal.endsWith("/") ? normal.slice(0, -1) : normal
}

function directory(path: string): string {
  const slash = path.lastIndexOf("/")
  return slash === -1 ? "." : cleaned(path.slice(0, slash + 1))
}

family.fixed(
  "urlParse(text) map",
  "scheme, userinfo, host, hostname, path, query, fragment and opaque of a URL",
  (run, s) => parsed(str(run, s)),
)
family.fixed("urlJoin(map) string", "the URL of such a map", (run, m) => joined(run, map(m)))
family.variadic("urlquery(values...) string", "the values, printed and escaped for a query", (run, args) =>
  result(
    run,
    encodeURIComponent(wellFormed(args.map((a) => str(run, a)).join("")))
      .replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`)
      .replaceAll("%20", "+"),
  ),
)

function wellFormed(text: string): string {
  return text.toWellFormed()
}

/** Generic syntax of RFC 3986; every piece is kept as it is written. */
function parsed(spelled: string): Readonly<Record<string, string>> {
  const match = /^(?:([a-zA-Z][\w+.-]*):)?(?:\/\/([^/?#]*))?([^?#]*)(?:\?([^#]*))?(?:#(.*))?$/s.exec(spelled)
  if (match === null || /[\s\x00-\x1f]/.test(spelled.split("#")[0] ?? "")) return typeFailure("expected a URL")
  const [, scheme = "", authority, path = "", query = "", fragment = ""] = match
  const at = (authority ?? "").lastIndexOf("@")
  const host = (authority ?? "").slice(at + 1)
  const opaque = authority === undefined && scheme !== "" && !path.startsWith("/") ? path : ""
  return {
    scheme: scheme.toLowerCase(),
    userinfo: at === -1 ? "" : (authority ?? "").slice(0, at),
    host,
    hostname: host.startsWith("[") ? host.slice(1, host.indexOf("]")) : host.replace(/:\d*$/, ""),
    path: opaque === "" ? path : "",
    query,
    fragment,
    opaque,
  }
}

function joined(run: Run, parts: Readonly<Record<string, unknown>>): string {
  const part = (name: string) => str(run, field(parts, name))
  const wrap = (before: string, text: string, after = "") => (text === "" ? "" : `${before}${text}${after}`)
  const path = part("path")
  const host = part("host")
  const authority = host === "" && part("userinfo") === "" ? "" : `//${wrap("", part("userinfo"), "@")}${host}`
  const way = authority !== "" && path !== "" && !path.startsWith("/") ? `/${path}` : path
  const body = part("opaque") || `${authority}${way}`
  return result(run, `${wrap("", part("scheme"), ":")}${body}${wrap("?", part("query"))}${wrap("#", part("fragment"))}`)
}

/** Functions on paths and URLs. */
export const paths = family.defs
