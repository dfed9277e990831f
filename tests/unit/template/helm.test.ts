import { expect, test } from "bun:test"
import { compile } from "../../../src/template/mod.ts"
import { errorsOf, fails, type Row, refuses, rendered, table } from "./support.ts"

const regex: readonly Row[] = [
  ['{{ regexMatch "^n" .spec.image }}', true],
  ['{{ .spec.image | regexFind "[a-m]" }}', "g"],
  ['{{ regexFind "[0-9]" .spec.image }}', ""],
  ['{{ regexFindAll "[nx]" .spec.image 2 }}', ["n", "n"]],
  ['{{ regexReplaceAll "(?P<first>n)(g)" .spec.image "${2}${first}$$" }}', "gn$inx"],
  ['{{ regexReplaceAll "n" .spec.image "$9" }}', "gix"],
  ['{{ regexReplaceAllLiteral "n" .spec.image "$1" }}', "$1gi$1x"],
  ['{{ regexSplit "[0-9]" "a1b2c" 2 }}', ["a", "b2c"]],
  ['{{ regexQuoteMeta "a.b" }}', "a\\.b"],
  ['{{ regexMatch "(a" "a" }}', fails("template/function")],
  ['{{ regexMatch "(?=a)" "a" }}', fails("template/function")],
  ["{{ regexMatch .spec.missing .spec.missing }}", true],
]

const dates: readonly Row[] = [
  ['{{ date "2006-01-02 15:04:05" "2026-03-04T05:06:07Z" }}', "2026-03-04 05:06:07"],
  ['{{ now | date "Monday" }}', "Friday"],
  ["{{ now | unixEpoch }}", "1767323045"],
  ['{{ dateInZone "15:04 -07:00" 0 "Asia/Kolkata" }}', "05:30 +05:30"],
  ['{{ dateInZone "15:04" 0 "Mars/Olympus" }}', fails("template/function")],
  ['{{ date "2006" "yesterday" }}', fails("template/type")],
  ['{{ date "Z07:00 .000 002 PM" 0 }}', "Z .000 001 AM"],
  ['{{ toDate "2006-01-02" "2026-02-30" }}', fails("template/type")],
  ['{{ toDate "2006-01-02" "2026-2-3" }}', fails("template/type")],
  ['{{ toDate "02 Jan 06 15:04 -0700" "03 Feb 26 01:00 +0200" }}', "2026-02-02T23:00:00Z"],
  ['{{ now | dateModify "-24h" }}', "2026-01-01T03:04:05Z"],
  ['{{ now | dateModify "soon" }}', fails("template/type")],
  ['{{ ago "2026-01-02T03:00:00Z" }}', "4m5s"],
]

const schedules: readonly Row[] = [
  ['{{ nextCron "*/10 * * * *" }}', "2026-01-02T03:10:00Z"],
  ['{{ nextCron "4 3 2 1 *" }}', "2027-01-02T03:04:00Z"],
  ['{{ nextCron "0 0 29 2 *" }}', "2028-02-29T00:00:00Z"],
  ['{{ nextCron "0 0 13 * fri" }}', "2026-01-09T00:00:00Z"],
  ['{{ nextCron "0 0 * * 7" }}', "2026-01-04T00:00:00Z"],
  ['{{ nextCron "0 0 30 2 *" }}', ""],
  ['{{ nextCron "5/15 3 * * *" }}', "2026-01-02T03:05:00Z"],
  ['{{ nextCron "hourly" }}', fails("template/function")],
  ['{{ cronDescribe "* * * * *" }}', "every minute"],
  ['{{ cronDescribe "*/5 * * * *" }}', "every 5 minutes"],
  ['{{ cronDescribe "15 * * * *" }}', "at minute 15 of every hour"],
  ['{{ cronDescribe "0 */2 * * *" }}', "at minute 0 of every 2 hours"],
  ['{{ cronDescribe "0 8,20 1 1-3 *" }}', "at 08:00 and 20:00 on day 1 of the month in January to March"],
  ['{{ cronDescribe "@weekly" }}', "at 00:00 on Sunday"],
  ['{{ cronDescribe "often" }}', "often"],
]

const markup: readonly Row[] = [
  ['{{ asList "- a\\n- b: 1" }}', ["a", { b: 1 }]],
  ['{{ asList "a: 1" }}', []],
  ['{{ asMap "a: [1, x]\\nb: |\\n  text\\n" }}', { a: [1, "x"], b: "text\n" }],
  ['{{ asMap ": : :" }}', {}],
  ['{{ fromYaml "a: &x {b: 1}\\nc: *x" }}', { a: { b: 1 }, c: { b: 1 } }],
  ['{{ fromYaml "[" }}', fails("template/type")],
  ['{{ fromYaml "&a [*a]" }}', fails("template/budget")],
  ['{{ fromYaml "&a [*a]" | len }}', fails("template/budget")],
  ['{{ fromYaml (repeat "[" 5000) }}', fails("template/type")],
  ['{{ fromYaml (repeat "a" 65537) }}', fails("template/budget")],
  ['{{ fromYaml (repeat "a" 65536) | len }}', 65536],
  ['{{ toYaml "a\\nb" }}', "|-\n  a\n  b"],
]

const lists: readonly Row[] = [
  ['{{ join "," .spec.ports }}', "80,443"],
  ['{{ repeat 2 "ab" }}', "abab"],
  ['{{ true | ternary "a" .spec.image }}', "a"],
  ["{{ chunk 0 .spec.ports }}", fails("template/function")],
  ['{{ set .spec.env "C" 3 }}', { A: "one", B: "two", C: 3 }],
  ['{{ $m := dict "a" 1 }}{{ $m = set $m "b" 2 }}{{ $m.b }}', "2"],
  ['{{ $m := dict }}{{ $_ := set $m "b" 2 }}', refuses("ORK0308")],
  ['{{ $m := dict "a" 1 }}{{ $_ := unset $m "a" }}', refuses("ORK0308")],
  [
    '{{ kindIs "int64" .spec.replicas }}{{ kindIs "int" .spec.replicas }}{{ kindIs "float64" .spec.ratio }}',
    "truetruetrue",
  ],
  ["{{ atoi .spec.ports }}", fails("template/type")],
  ['{{ b32dec "A" }}', fails("template/type")],
]

table("regular expressions", regex)
table("dates", dates)
table("schedules", schedules)
table("YAML in texts", markup)
table("lists and maps", lists)

test("functions that would need another world are refused, with what to do instead", () => {
  for (const call of ['include "x" .', 'tpl "x" .', 'env "HOME"', 'genCA "x" 1', 'getHostByName "x"']) {
    const [error] = errorsOf(`{{ ${call} }}`)
    expect(error?.code).toBe("ORK0302")
    expect(error?.help).toBeString()
  }
})

test("a slow expression meets the budget long before it takes a second", () => {
  const startedAt = performance.now()
  for (const pattern of ["a.*b|a", "(?:a?){200}a{200}$", "(x+x+)+y"]) {
    const compiled = compile(
      `{{ regexFindAll "${pattern}" .text -1 | len }}{{ regexReplaceAll "${pattern}" .text "" }}`,
    )
    expect(compiled.ok).toBe(true)
    if (compiled.ok) compiled.value.render({ data: { text: "a".repeat(10_000) }, nowMs: 0, random: { next: () => 0 } })
  }
  expect(performance.now() - startedAt).toBeLessThan(5_000)
})

test("a large expression over a long text costs more than there is", () => {
  const text = "a".repeat(10_000)
  expect(() => rendered(`{{ regexFind "${"(?:a?){30}".repeat(60)}b" .t }}`, { t: text })).toThrow("template/budget")
  expect(rendered('{{ regexFind "^[a-z]{1,63}$" .t }}', { t: "shop" })).toBe("shop")
  const loop = '{{ range until 2000 }}{{ $x := regexMatch "^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$" "shop" }}{{ end }}'
  expect(rendered(loop)).toBe("")
  const many = '{{ range until 90 }}{{ $x := regexMatch (printf "(?:a?){1000}%d" . | repeat 60) "a" }}{{ end }}'
  expect(() => rendered(many)).toThrow("template/budget")
  expect(rendered('{{ regexReplaceAll "[^a-z0-9]+" .t "-" }}', { t: "a b!".repeat(250) })).toHaveLength(1000)
})

test("a text for an expression may be as long as the bound and no longer", () => {
  const code = (length: number) => rendered('{{ regexFind "z" .t }}', { t: "a".repeat(length) })
  expect(code(10_000)).toBe("")
  expect(() => code(10_001)).toThrow("template/budget")
})

test("only the first mistakes of a template get a hint, and the rest is quick", () => {
  const errors = errorsOf("{{ upperr 1 }}".repeat(30))
  expect(errors.map((error) => error.help !== undefined)).toEqual(Array.from({ length: 30 }, (_, i) => i < 10))
})
