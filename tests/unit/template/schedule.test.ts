import { expect, test } from "bun:test"
import { compile } from "../../../src/template/mod.ts"
import { fails, type Row, table } from "./support.ts"

// The clock of the tables stands at Friday 2026-01-02T03:04:05Z.

const time: readonly Row[] = [
  ["{{ now }}", "2026-01-02T03:04:05Z"],
  ['{{ timeAgo "2026-01-02T03:04:00Z" }}', "5s ago"],
  ['{{ timeAgo "2026-01-02T01:04:00Z" }}', "2h ago"],
  ['{{ timeAgo "x" }}', ""],
  ['{{ timeSince "2026-01-02T03:03:05Z" }}', 60],
  ["{{ timeSince .spec.missing }}", 0],
  ['{{ timeUntil "2026-01-02T04:34:05Z" }}', "1h30m0s"],
  ['{{ timeUntil "2025-01-02T04:34:05Z" }}', "0s"],
  ['{{ isExpired "2026-01-01T00:00:00Z" "1d" }}', true],
  ['{{ "2026-01-01T03:04:06Z" | isExpired "1d" }}', false],
  ['{{ timeFormat "2026-01-02T13:04:05Z" "Mon, 02 Jan 2006 15:04 (3PM)" }}', "Fri, 02 Jan 2026 13:04 (1PM)"],
  ["{{ weekday }}{{ weekend }}", "truefalse"],
  ['{{ timeInWindow "03:00" "04:00" }}', true],
  ['{{ timeInWindow "03:00" "03:04" }}', false],
  ['{{ timeInWindow "22:00" "06:00" }}', true],
  ['{{ timeNotInWindow "03:04" "03:05" }}', false],
  ['{{ timeInWindow "3" "4" }}', fails("template/function")],
  ['{{ durationSeconds "1h30m" }}', 5400],
  ['{{ durationAdd "45m" "30m" }}', "1h15m0s"],
  ['{{ durationValid "2w" }}{{ durationValid "x" }}', "truefalse"],
  ['{{ durationSeconds "x" }}', fails("template/type")],
]

const cron: readonly Row[] = [
  ['{{ cronValid "*/5 0-6 1,15 jan-mar mon" }}', true],
  ['{{ cronValid "60 * * * *" }}', false],
  ['{{ cronValid "* * * *" }}', false],
  ['{{ cronValid "@daily" }}', true],
  ['{{ cronNormalize "@hourly" }}', "0 * * * *"],
  ['{{ cronNormalize "bad" }}', "* * * * *"],
  ['{{ cronField "1 2 3 4 5" 3 }}', "4"],
  ['{{ "1 2 3 4 5" | cronField 3 }}', "4"],
  ['{{ cronMinute "1 2 3 4 5" }}{{ cronDow "1 2 3 4 5" }}{{ cronHour "" }}', "15*"],
  ['{{ cronMinute "1 2" }}', fails("template/type")],
  ['{{ cronExpr 0 "" "" "" 1 }}', "0 * * * 1"],
  ['{{ cronFromMap (dict "minute" 5 "hour" 3) }}', "5 3 * * *"],
  ['{{ cronFromMap "x" }}', fails("template/type")],
  ["{{ cronFromAny .spec.missing }}", "* * * * *"],
  ['{{ (cronToMap "1 2 3 4 5").dayOfMonth }}', "3"],
]

const versions: readonly Row[] = [
  ['{{ semverValid "v1.2.3" }}{{ semverValid "1.2" }}', "truefalse"],
  ['{{ semverMajor "v1.2.3" }}.{{ semverMinor "1.2.3" }}.{{ semverPatch "1.2.3-a" }}', "1.2.3"],
  ['{{ semverCompare "1.2.3" "1.10.0" }}', -1],
  ['{{ semverCompare "1.0.0" "1.0.0-rc.1" }}', 1],
  ['{{ semverCompare "1.0.0-rc.2" "1.0.0-rc.10" }}', -1],
  ['{{ semverCompare "x" "1.0.0" }}', 0],
  ['{{ semverBump "v1.2.3-a" "minor" }}', "v1.3.0"],
  ['{{ "1.2.3" | semverBump "patch" }}', "1.2.4"],
  ['{{ semverBump "x" "major" }}', "x"],
  ['{{ semverConstraint "1.4.9" "^1.2" }}', true],
  ['{{ semverConstraint "2.0.0" "^1.2.0" }}', false],
  ['{{ semverConstraint "0.2.9" "^0.2.3" }}{{ semverConstraint "0.3.0" "^0.2.3" }}', "truefalse"],
  ['{{ semverConstraint "1.2.9" "~1.2.3" }}{{ semverConstraint "1.3.0" "~1.2.3" }}', "truefalse"],
  ['{{ semverConstraint "1.5.0" ">=1.2.0, <2.0.0" }}', true],
  ['{{ semverConstraint "1.5.0" ">=1.2.0 <1.5.0" }}', false],
  ['{{ semverConstraint "3.0.0" "1.x || 3.x" }}', true],
  ['{{ semverConstraint "1.5.0-a" "1.x" }}', false],
  ['{{ semverConstraint "1.0.0" "what" }}', fails("template/function")],
]

const network: readonly Row[] = [
  ['{{ cidrContains "10.0.0.0/8" "10.1.2.3" }}', true],
  ['{{ cidrContains "10.0.0.0/8" "11.1.2.3" }}', false],
  ['{{ cidrContains "10.0.0.0/99" "10.1.2.3" }}', false],
  ['{{ cidrContains "fd00::/8" "fd00::1" }}', true],
  ['{{ ipValid "::1" }}{{ ipValid "1.2.3.400" }}', "truefalse"],
  ['{{ ipIsPrivate "192.168.1.1" }}{{ ipIsPrivate "8.8.8.8" }}', "truefalse"],
]

table("time", time)
table("cron", cron)
table("versions", versions)
table("network", network)

test("a template that reads the time says so", () => {
  const purity = (text: string) => {
    const compiled = compile(text, { allowRandom: true })
    return compiled.ok ? compiled.value.impurity : compiled.error
  }
  expect(purity("{{ if weekend }}a{{ end }}")).toBe("clock")
  expect(purity("{{ now }}{{ uuidv4 }}{{ now }}")).toBe("random")
  expect(purity('{{ durationSeconds "1s" }}')).toBe("pure")
})
