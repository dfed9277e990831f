import { expect, test } from "bun:test"
import { hostOf, isAllowed } from "../../../src/plan/mod.ts"

const isReached = (url: string, ...hosts: readonly string[]) => isAllowed(hostOf(new URL(url)), hosts)

test("a host is allowed by its name, at the port that is said or at all, and by a pattern for what is below", () => {
  expect(isReached("https://api.example.com/x", "api.example.com")).toBe(true)
  expect(isReached("https://api.example.com:8443/x", "api.example.com")).toBe(true)
  expect(isReached("https://api.example.com/x", "api.example.com:443")).toBe(true)
  expect(isReached("http://api.example.com/x", "api.example.com:443")).toBe(false)
  expect(isReached("https://a.b.example.com/", "*.example.com")).toBe(true)
  expect(isReached("https://a.example.com:8443/", "*.example.com:8443")).toBe(true)
  expect(isReached("https://[::1]:8443/", "[::1]:8443")).toBe(true)
})

test("what only looks like an allowed host is not", () => {
  for (const url of [
    "https://example.com/",
    "https://evilexample.com/",
    "https://a.example.com.evil.com/",
    "https://a.example.com@evil.com/",
    "https://evil.com/?a.example.com",
    "https://evil.com#.example.com",
  ]) {
    expect([url, isReached(url, "*.example.com")]).toEqual([url, false])
  }
  expect(isReached("http://10.0.0.1/", "*.0.0.1")).toBe(false)
})
