import type { Run } from "../run.ts"
import { functionFailure } from "../run.ts"
import { str } from "./convert.ts"
import { Family } from "./define.ts"

const family = new Family("semver")

interface Version {
  readonly numbers: readonly [number, number, number]
  readonly prerelease: readonly string[]
  readonly isPrefixed: boolean
}

family.fixed(
  "semverValid(text) bool",
  "whether text is a semantic version; a leading v is fine",
  (run, v) => parse(str(run, v)) !== undefined,
)
for (const [i, name] of ["semverMajor", "semverMinor", "semverPatch"].entries()) {
  family.fixed(`${name}(text) string`, "one number of a version as text; empty when text is none", (run, v) =>
    String(parse(str(run, v))?.numbers[i] ?? ""),
  )
}
family.fixed(
  "semverCompare(a, b) any",
  "-1, 0 or 1 as a is older than, equal to or newer than b; 0 when one is no version. As in Helm, where a is a constraint such as >=1.2: whether b fits",
  (run, a, b) => {
    if (/^\s*[<>=!^~]/.test(str(run, a))) {
      const version = parse(str(run, b)) ?? functionFailure("expected a semantic version")
      return fits(version, str(run, a))
    }
    const [left, right] = [parse(str(run, a)), parse(str(run, b))]
    return left && right ? compareVersions(left, right) : 0
  },
)
family.fixed(
  "semverBump(version, part) string",
  "the next major, minor or patch version; text that is no version stays",
  (run, v, part) => bump(run, str(run, v), str(run, part)),
  { piped: "first" },
)
family.fixed(
  "semverConstraint(version, constraint) bool",
  "whether version fits: ^ ~ x and comparisons, comma for and, || for or",
  (run, v, constraint) => {
    const version = parse(str(run, v))
    return version !== undefined && fits(version, str(run, constraint))
  },
  { piped: "first" },
)

family.fixed(
  "semver(text) map",
  "Major, Minor, Patch, Prerelease, Metadata and Original of a version; fails when text is none",
  (run, v) => versionMap(str(run, v)),
)

function versionMap(spelled: string): unknown {
  const match = /^v?(\d{1,15})(?:\.(\d{1,15}))?(?:\.(\d{1,15}))?(?:-([0-9A-Za-z.-]+))?(?:\+([0-9A-Za-z.-]+))?$/.exec(
    spelled.slice(0, 256),
  )
  if (!match) return functionFailure("expected a semantic version")
  const [, major, minor = "0", patch = "0", prerelease = "", metadata = ""] = match
  return {
    Major: Number(major),
    Minor: Number(minor),
    Patch: Number(patch),
    Prerelease: prerelease,
    Metadata: metadata,
    Original: spelled,
  }
}

function parse(spelled: string): Version | undefined {
  const match =
    /^(v?)(0|[1-9]\d{0,14})\.(0|[1-9]\d{0,14})\.(0|[1-9]\d{0,14})(?:-([0-9A-Za-z.-]+))?(?:\+[0-9A-Za-z.-]+)?$/.exec(
      spelled.slice(0, 256),
    )
  if (!match) return undefined
  return {
    numbers: [Number(match[2]), Number(match[3]), Number(match[4])],
    prerelease: match[5]?.split(".") ?? [],
    isPrefixed: match[1] === "v",
  }
}

function compareVersions(a: Version, b: Version): number {
  for (const i of [0, 1, 2] as const) if (a.numbers[i] !== b.numbers[i]) return Math.sign(a.numbers[i] - b.numbers[i])
  if (a.prerelease.length === 0 || b.prerelease.length === 0)
    return Math.sign(b.prerelease.length - a.prerelease.length)
  for (const [i, left] of a.prerelease.entries()) {
    const right = b.prerelease[i]
    if (right === undefined) return 1
    if (left !== right) return compareParts(left, right)
  }
  return a.prerelease.length < b.prerelease.length ? -1 : 0
}

function compareParts(left: string, right: string): number {
  const [a, b] = [/^\d+$/.test(left), /^\d+$/.test(right)]
  if (a && b) return Math.sign(Number(left) - Number(right))
  return a !== b ? (a ? -1 : 1) : left < right ? -1 : 1
}

function bump(_run: Run, spelled: string, part: string): string {
  const version = parse(spelled)
  if (version === undefined) return spelled
  const [major, minor, patch] = version.numbers
  const prefix = version.isPrefixed ? "v" : ""
  if (part === "major") return `${prefix}${major + 1}.0.0`
  if (part === "minor") return `${prefix}${major}.${minor + 1}.0`
  return part === "patch"
    ? `${prefix}${major}.${minor}.${patch + 1}`
    : functionFailure("a part is major, minor or patch")
}

function fits(version: Version, constraint: string): boolean {
  if (constraint.length > 256) return functionFailure("a constraint has at most 256 characters")
  return constraint.split("||").some((all) => {
    const terms = all.split(/,|(?<=[\dxX*])\s+(?=[<>=!^~\dv])/).map((term) => term.trim())
    return terms.every((term) => fitsTerm(version, term))
  })
}

function fitsTerm(version: Version, term: string): boolean {
  const match = /^(\^|~|>=|<=|>|<|=|!=)?\s*v?(\d+|[xX*])(?:\.(\d+|[xX*]))?(?:\.(\d+|[xX*]))?(-[0-9A-Za-z.-]+)?$/.exec(
    term,
  )
  if (!match) return functionFailure(`unknown constraint ${JSON.stringify(term.slice(0, 40))}`)
  const given = [match[2], match[3], match[4]].map((n) => (n === undefined || /[xX*]/.test(n) ? undefined : Number(n)))
  const [major, minor, patch] = given
  if (major === undefined) return version.prerelease.length === 0
  const low = parse(`${major}.${minor ?? 0}.${patch ?? 0}${match[5] ?? ""}`)
  if (low === undefined) return false
  // A version before a release fits only where the constraint names one too.
  if (version.prerelease.length > 0 && match[5] === undefined) return false
  const order = compareVersions(version, low)
  const below = (next: readonly [number, number, number]) => order >= 0 && compareNumbers(version.numbers, next) < 0
  const next: readonly [number, number, number] = minor === undefined ? [major + 1, 0, 0] : [major, minor + 1, 0]
  switch (match[1] ?? "") {
    case "^":
      if (major > 0 || minor === undefined) return below([major + 1, 0, 0])
      return minor > 0 || patch === undefined ? below([0, minor + 1, 0]) : below([0, 0, patch + 1])
    case "~":
      return below(next)
    case ">=":
      return order >= 0
    case "<":
      return order < 0
    case ">":
      return patch === undefined ? compareNumbers(version.numbers, next) >= 0 : order > 0
    case "<=":
      return patch === undefined ? compareNumbers(version.numbers, next) < 0 : order <= 0
    case "!=":
      return patch === undefined ? !below(next) : order !== 0
    default:
      return patch === undefined ? below(next) : order === 0
  }
}

function compareNumbers(a: readonly number[], b: readonly number[]): number {
  for (const [i, n] of a.entries()) if (n !== b[i]) return Math.sign(n - (b[i] ?? 0))
  return 0
}

/** Functions on semantic versions. */
export const versions = family.defs
