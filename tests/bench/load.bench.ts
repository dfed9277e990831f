import { join } from "node:path"
import type { FileSystem } from "../../src/base/mod.ts"
import { renderDiagnostic } from "../../src/base/mod.ts"
import { load } from "../../src/katalog/mod.ts"
import { build } from "../../src/plan/mod.ts"
import { memoryFiles } from "../support/files.ts"
import { entriesText, kindNames } from "../support/kinds.ts"

const linesWanted = 2_000
const rounds = 20

const header = `apiVersion: orkestra.orkspace.io/v1
kind: Katalog
metadata: { name: large }
notes:
  functions:
    - { name: fullName, expression: '{{ printf "%s-%s" .metadata.namespace .metadata.name }}' }
spec:
  crds:
`

const motif = `apiVersion: orkestra.orkspace.io/v1
kind: Motif
metadata: { name: cache, version: v1.0.0 }
inputs:
  - { name: memory, type: string, default: 64Mi }
resources:
  configMaps:
    - name: "{{ .metadata.name }}-cache"
      data: { memory: "{{ .inputs.memory }}", owner: "{{ .metadata.name }}" }
`

const status = `fields:
  - { path: phase, value: Ready, when: [{ field: spec.on, equals: true }] }
  - { path: name, value: "{{ fullName | upper }}" }
`

const text = "{ type: string }"
const open = "{ type: object, x-kubernetes-preserve-unknown-fields: true }"
const properties = [
  ...["image", "memory", "text", "security", "probe", "policy", "scaling", "size", "nothing"].map(
    (name) => `${name}: ${text}`,
  ),
  ...["replicas", "port"].map((name) => `${name}: { type: integer }`),
  ...["list", "namespaces"].map((name) => `${name}: { type: array, items: ${text} }`),
  ...["on: { type: boolean }", `env: { type: object, additionalProperties: ${text} }`],
]

function crd(index: number): string {
  return `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: { name: website${index}s.demo.example }
spec:
  group: demo.example
  scope: Namespaced
  names: { kind: Website${index}, plural: website${index}s, singular: website${index}, listKind: Website${index}List }
  versions:
    - name: v1
      served: true
      storage: true
      subresources: { status: {} }
      schema:
        openAPIV3Schema:
          type: object
          properties:
            spec: { type: object, properties: { ${properties.join(", ")} } }
            status: ${open}
`
}

function operator(index: number): string {
  const lists = kindNames.map((kind) => `          ${kind}:\n${indented(pointed(entriesText(kind)), 12)}`)
  return `    website${index}:
      crdFile: crd${index}.yaml
      workers: 2
      imports:
        - motif: ./cache.yaml
          with: { memory: "{{ .spec.memory }}" }
      operatorBox:
        onReconcile:
          when:
            - { field: spec.on, equals: true }
            - { field: spec.replicas, gt: 0 }
${lists.join("")}        onDelete:
          configMaps:
            - name: "{{ .metadata.name }}-first"
        status:
          include: status.yaml
`
}

// A Service of its own Katalog may leave out the selector; among several workloads it says which.
function pointed(entries: string): string {
  return entries.replace(/^- port: 80$/m, "- port: 80\n  selector: { app: shop }")
}

function indented(lines: string, by: number): string {
  return lines.replace(/^(?=.)/gm, " ".repeat(by))
}

/** A Katalog of at least 2,000 lines with every kind of entry, conditions, CRDs, a Motif and an include. */
function largeKatalog(): { readonly files: FileSystem; readonly lines: number } {
  const operators: string[] = []
  const lines = () => operators.join("").split("\n").length
  while (lines() < linesWanted) operators.push(operator(operators.length))
  const crds = operators.map((_, index) => [`crd${index}.yaml`, crd(index)] as const)
  const texts = { "katalog.yaml": header + operators.join(""), "cache.yaml": motif, "status.yaml": status }
  return { files: memoryFiles({ ...texts, ...Object.fromEntries(crds) }), lines: lines() }
}

interface Sample {
  readonly load: number
  readonly build: number
  readonly total: number
}

/** One load and build, in milliseconds. */
export function measure(files: FileSystem): Sample {
  const startedMs = performance.now()
  const { spec, spans, diagnostics } = load(files, "katalog.yaml")
  const loadedMs = performance.now()
  const built = spec && build(spec, spans)
  const builtMs = performance.now()
  const wrong = [...diagnostics, ...(built?.diagnostics ?? [])].filter(({ severity }) => severity === "error")
  if (!built?.plan) throw new Error(wrong.map(renderDiagnostic).join("\n"))
  return { load: loadedMs - startedMs, build: builtMs - loadedMs, total: builtMs - startedMs }
}

function median(samples: readonly Sample[]): Sample {
  const middle = (pick: (sample: Sample) => number) =>
    samples.map(pick).sort((a, b) => a - b)[Math.floor(samples.length / 2)] ?? Number.NaN
  return { load: middle((s) => s.load), build: middle((s) => s.build), total: middle((s) => s.total) }
}

function rounded({ load, build, total }: Sample): Sample {
  const to = (ms: number) => Math.round(ms * 10) / 10
  return { load: to(load), build: to(build), total: to(total) }
}

function inFreshProcess(): Sample {
  const child = Bun.spawnSync([process.execPath, "run", join(import.meta.dir, "load.bench.ts"), "--once"])
  if (!child.success) throw new Error(child.stderr.toString())
  return JSON.parse(child.stdout.toString())
}

if (import.meta.main) {
  const { files, lines } = largeKatalog()
  if (process.argv.includes("--once")) await Bun.write(Bun.stdout, JSON.stringify(measure(files)))
  else {
    const cold = median(Array.from({ length: 5 }, inFreshProcess))
    const warm = median(Array.from({ length: rounds }, () => measure(files)))
    const result = { benchmark: "load", lines, coldMs: rounded(cold), warmMs: rounded(warm) }
    await Bun.write(Bun.stdout, `${JSON.stringify(result)}\n`)
  }
}
