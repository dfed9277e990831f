/** The rules of the architecture as functions from source files to complaints; simple patterns over formatted code. */

/** A file as the rules see it: `path` is relative to the repository, with slashes. */
export interface Source {
  readonly path: string
  readonly text: string
}

/** One import or re-export. */
export interface Edge {
  readonly from: string
  readonly to: string
  readonly isTypeOnly: boolean
}

const everything = ["*"]

/** Which folders of src a folder may import. */
const layers: Readonly<Record<string, readonly string[]>> = {
  base: [],
  kube: ["base"],
  katalog: ["base", "kube"],
  template: ["base", "kube"],
  runtime: ["base", "kube"],
  apiserver: ["base", "kube"],
  plan: ["base", "kube", "katalog", "template"],
  hooks: ["base", "kube"],
  operator: ["base", "kube", "template", "plan", "hooks", "runtime"],
  manager: ["base", "kube", "katalog", "plan", "operator", "runtime"],
  server: ["base", "kube"],
  cli: everything,
  "main.ts": everything,
  "system.ts": ["base"],
}

/** The one face of a folder besides its mod.ts, for types only. */
const typePorts: readonly { readonly from: string; readonly to: string }[] = [
  { from: "src/server/", to: "src/manager/view.ts" },
]

/** Where a package may be imported; a folder ends with a slash. A package without a home is a complaint. */
const packageHomes: Readonly<Record<string, readonly string[]>> = {
  yaml: ["src/katalog/yaml.ts"],
  valibot: ["src/katalog/shape.ts", "src/server/contract.ts"],
  eta: ["src/template/engine.ts"],
  re2js: ["src/kube/regex.ts"],
  "@marcbachmann/cel-js": ["src/apiserver/cel.ts"],
  "@kubernetes/client-node": ["src/runtime/client/kubeconfig.ts"],
  "prom-client": ["src/runtime/metrics/prometheus.ts"],
  citty: ["src/cli/"],
  diff: ["src/cli/commands/fmt.ts"],
  consola: ["src/cli/"],
  "bun:sqlite": ["src/apiserver/storage-sqlite.ts"],
  "node:fs": ["src/system.ts"],
  "node:fs/promises": ["src/system.ts"],
  "node:process": ["src/main.ts"],
  "node:timers": ["src/system.ts"],
  "node:timers/promises": ["src/system.ts"],
}

/** Ambient powers and their homes; `src/system.ts` and `src/main.ts` have them all. */
const globalHomes: readonly { readonly name: string; readonly pattern: RegExp; readonly homes: readonly string[] }[] = [
  { name: "Date.now", pattern: /\bDate\.now\b/, homes: [] },
  { name: "new Date()", pattern: /\bnew Date\(\s*\)/, homes: [] },
  { name: "performance", pattern: /\bperformance\.now\b/, homes: [] },
  { name: "Math.random", pattern: /\bMath\.random\b/, homes: [] },
  { name: "setTimeout", pattern: /\bsetTimeout\b/, homes: [] },
  { name: "setInterval", pattern: /\bsetInterval\b/, homes: [] },
  { name: "randomUUID", pattern: /\brandomUUID\b/, homes: [] },
  { name: "process", pattern: /(?<![\w.$#])process\./, homes: [] },
  { name: "console", pattern: /(?<![\w.$#])console\./, homes: [] },
  { name: "Bun.file", pattern: /\bBun\.(?:file|write|sleep)\b/, homes: [] },
  { name: "Bun.serve", pattern: /\bBun\.serve\b/, homes: ["src/server/listen.ts"] },
  {
    name: "fetch",
    pattern: /(?<![\w.$#])fetch\(|\bglobalThis\.fetch\b|\bBun\.FetchSession\b/,
    homes: ["src/runtime/client/fetch-transport.ts"],
  },
]

/** The source without comments and without the contents of plain strings; lines stay where they are. */
export function codeOf(text: string): string {
  const token = /\/\*[\s\S]*?\*\/|\/\/[^\n]*|"(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\[\s\S])*`/g
  return text.replace(token, (found) => {
    if (found.startsWith("`")) return found
    return found.startsWith('"') ? '""' : found.replace(/[^\n]/g, "")
  })
}

/** All imports and re-exports of a file; relative ones resolved to paths. */
function edgesOf(source: Source): readonly Edge[] {
  const pattern =
    /^(import|export)\s+(type\s)?[^"'`;]*?\bfrom\s+"([^"]+)"|^import\s+"([^"]+)"|\bimport\(\s*"([^"]+)"\s*\)/gm
  return [...source.text.matchAll(pattern)].map((match) => ({
    from: source.path,
    to: resolve(source.path, match[3] ?? match[4] ?? match[5] ?? ""),
    isTypeOnly: match[2] !== undefined,
  }))
}

/** Imports against the layers, or past a folder's mod.ts. */
export function layerComplaints(source: Source): readonly string[] {
  const home = folderOf(source.path)
  const allowed = layers[home]
  if (allowed === undefined) return [`${source.path}: src/${home} is in no layer`]
  return edgesOf(source).flatMap((edge) => {
    const target = folderOf(edge.to)
    if (!edge.to.startsWith("src/") || target === home) return []
    if (typePorts.some((port) => edge.from.startsWith(port.from) && edge.to === port.to)) {
      return edge.isTypeOnly ? [] : [`${edge.from} may import only types from ${edge.to}`]
    }
    if (allowed !== everything && !allowed.includes(target)) return [`${edge.from} must not import ${edge.to}`]
    const isFace = edge.to === `src/${target}/mod.ts` || edge.to === `src/${target}` || !/\.ts$/.test(edge.to)
    return isFace ? [] : [`${edge.from} must import src/${target}/mod.ts, not ${edge.to}`]
  })
}

/** Packages imported away from home. */
export function packageComplaints(source: Source): readonly string[] {
  return edgesOf(source).flatMap(({ to, isTypeOnly }) => {
    if (to.startsWith("src/") || to === "bun") return []
    const name = to.startsWith("node:")
      ? to
      : to
          .split("/")
          .slice(0, to.startsWith("@") ? 2 : 1)
          .join("/")
    const homes = packageHomes[name]
    if (homes === undefined) return name.startsWith("node:") ? [] : [`${source.path}: package ${name} has no home`]
    const isHome = homes.some((home) => (home.endsWith("/") ? source.path.startsWith(home) : source.path === home))
    return isHome || (isTypeOnly && name === "@kubernetes/client-node") ? [] : [`${source.path} must not import ${to}`]
  })
}

/** Import cycles between files, type-only ones included. */
export function cycleComplaints(sources: readonly Source[]): readonly string[] {
  const next = new Map(sources.map((source) => [source.path, edgesOf(source).map((edge) => edge.to)]))
  const finished = new Set<string>()
  const complaints: string[] = []
  const visit = (path: string, trail: readonly string[]): void => {
    if (trail.includes(path)) complaints.push(`cycle: ${[...trail.slice(trail.indexOf(path)), path].join(" → ")}`)
    if (trail.includes(path) || finished.has(path)) return
    for (const to of next.get(path) ?? []) visit(to, [...trail, path])
    finished.add(path)
  }
  for (const path of next.keys()) visit(path, [])
  return complaints
}

/** Ambient powers used away from home. */
export function globalComplaints(source: Source): readonly string[] {
  if (source.path === "src/system.ts" || source.path === "src/main.ts") return []
  const banned = globalHomes.filter(({ homes }) => !homes.includes(source.path))
  return linesOf(codeOf(source.text)).flatMap(([line, number]) =>
    banned
      .filter(({ pattern }) => pattern.test(line))
      .map(({ name }) => `${source.path}:${number} must not use ${name}`),
  )
}

/** Files over 500 lines, functions over 70. */
export function sizeComplaints(source: Source): readonly string[] {
  const lines = codeOf(source.text).split("\n")
  const count = source.text.trimEnd().split("\n").length
  const long = functionsIn(lines)
    .filter(({ first, last }) => last - first + 1 > 70)
    .map(({ first, last }) => `${source.path}:${first + 1} is a function of ${last - first + 1} lines`)
  return count > 500 ? [`${source.path} has ${count} lines`, ...long] : long
}

/** Functions with more than three parameters and one options object. */
export function parameterComplaints(source: Source): readonly string[] {
  const code = codeOf(source.text)
  const starts = [...code.matchAll(/\bfunction\s+\w+(?:<[^(]*>)?\(|\bconstructor\(/g)]
  return starts.flatMap((match) => {
    const count = countParameters(code.slice(match.index + match[0].length))
    const number = code.slice(0, match.index).split("\n").length
    return count > 4 ? [`${source.path}:${number} takes ${count} parameters`] : []
  })
}

/** Exports without a docstring, and forms of export that are not used here. */
export function exportComplaints(source: Source): readonly string[] {
  const lines = source.text.split("\n")
  const declared = /^export (?:async function|function|abstract class|class|const|let|interface|type) (\w+)/
  return linesOf(codeOf(source.text)).flatMap(([line, number]) => {
    const where = `${source.path}:${number}`
    if (/^export \*/.test(line)) return [`${where} exports everything by a star`]
    if (/^export default\b/.test(line)) return [`${where} is a default export`]
    if (/^(?:export )?(?:const )?enum\b/.test(line)) return [`${where} is an enum`]
    const name = declared.exec(line)?.[1]
    if (name === undefined) return []
    const before = lines[number - 2] ?? ""
    const isOverload = declared.exec(before)?.[1] === name
    return isOverload || before.trimEnd().endsWith("*/") ? [] : [`${where} exports ${name} without a docstring`]
  })
}

/** Type assertions without a comment on their line or the line above. */
export function assertionComplaints(source: Source): readonly string[] {
  const lines = source.text.split("\n")
  return linesOf(codeOf(source.text)).flatMap(([line, number]) => {
    const isAssertion = /[\w)\]}"] as (?!const\b)[\w{([]/.test(line)
    const isRename = /^\s*(?:import\b|export\b|(?:type )?\w+ as \w+,?$)/.test(line) && !line.includes("=")
    const isExplained =
      /\/\/|\*\//.test(lines[number - 1] ?? "") || /^\s*(?:\/\/|\*|\/\*)/.test(lines[number - 2] ?? "")
    return isAssertion && !isRename && !isExplained ? [`${source.path}:${number} asserts a type without a comment`] : []
  })
}

/** Top-level folders without a mod.ts that starts with a doc comment. */
export function faceComplaints(sources: readonly Source[]): readonly string[] {
  const folders = new Set(sources.filter(({ path }) => path.split("/").length > 2).map(({ path }) => folderOf(path)))
  return [...folders].flatMap((folder) => {
    const face = sources.find(({ path }) => path === `src/${folder}/mod.ts`)
    if (face === undefined) return [`src/${folder} has no mod.ts`]
    return face.text.startsWith("/**") ? [] : [`${face.path} does not start with a doc comment`]
  })
}

function linesOf(text: string): readonly (readonly [string, number])[] {
  return text.split("\n").map((line, index) => [line, index + 1] as const)
}

function folderOf(path: string): string {
  return path.split("/")[1] ?? ""
}

function resolve(from: string, specifier: string): string {
  if (!specifier.startsWith(".")) return specifier
  const parts = from.split("/").slice(0, -1)
  for (const part of specifier.split("/")) {
    if (part === "..") parts.pop()
    else if (part !== ".") parts.push(part)
  }
  return parts.join("/")
}

/** In formatted code a function ends at the first brace with the indentation of its first line. */
function functionsIn(lines: readonly string[]): readonly { readonly first: number; readonly last: number }[] {
  const starts = [
    /^(\s*)(?:export )?(?:async )?function\b/,
    /^(\s*)(?:export )?const \w+ = (?:async )?(?:<.*>)?\(.*(?:=>.*\{|\()$/,
    /^(\s+)(?:(?:static|async|get|set|private|override) )*(?!(?:if|for|while|switch|catch|return|await)\b)[#\w]+(?:<.*>)?\(.*[{(]$/,
    /^(\s*)(?:test|beforeAll|beforeEach|afterAll|afterEach)\(.*=> \{$/,
  ]
  return lines.flatMap((line, first) => {
    const indent = starts.map((start) => start.exec(line)?.[1]).find((found) => found !== undefined)
    if (indent === undefined || /^\s*describe\(/.test(line)) return []
    const length = lines.slice(first + 1).findIndex((later) => later.startsWith(`${indent}}`))
    return length < 0 ? [] : [{ first, last: first + 1 + length }]
  })
}

function countParameters(text: string): number {
  let depth = 0
  let count = 0
  let hasText = false
  for (const [index, character] of [...text].entries()) {
    if ("([{<".includes(character)) depth++
    else if (character === ">" && text[index - 1] !== "=") depth--
    else if (")]}".includes(character)) depth--
    if (depth < 0) break
    if (depth === 0 && character === ",") {
      count++
      hasText = false
    } else if (/\S/.test(character)) hasText = true
  }
  return hasText ? count + 1 : count
}
