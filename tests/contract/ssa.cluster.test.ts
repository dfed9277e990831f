import { afterAll, beforeAll, describe, expect, test } from "bun:test"
import { join } from "node:path"
import { builtinSchemas } from "../../src/kube/mod.ts"
import structs from "../../src/kube/ssa/struct-members.json" with { type: "json" }
import { askCluster } from "../support/ask.ts"
import { TestCluster } from "../support/cluster.ts"
import { type Ask, type Recording, record } from "./ssa-recorded/record.ts"
import { replay } from "./ssa-recorded/replay.ts"
import { builtinScenarios } from "./ssa-recorded/scenarios-builtin.ts"
import { customScenarios } from "./ssa-recorded/scenarios-custom.ts"
import { kindScenarios } from "./ssa-recorded/scenarios-kinds.ts"
import { widgetCrd } from "./ssa-recorded/widget.ts"

const scenarios = [...customScenarios, ...builtinScenarios, ...kindScenarios]
const recordedPath = join(import.meta.dir, "ssa-recorded/recorded.json")

if (TestCluster.available()) {
  let cluster: TestCluster
  let openApi: Readonly<Record<string, OpenApiSchema>> = {}
  const recordings = new Map<string, Recording>()

  beforeAll(async () => {
    cluster = await TestCluster.start()
    const ask = await askCluster(cluster)
    await establish(ask)
    openApi = await definitionsOf(ask)
    const queue = [...scenarios.entries()]
    const worker = async () => {
      for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
        const [index, scenario] = next
        recordings.set(scenario.name, await record(scenario, `s-${index}`, { ask, pause: () => Bun.sleep(100) }))
      }
    }
    await Promise.all(Array.from({ length: 8 }, worker))
    if (process.env["UPDATE_RECORDED"] === "1") await Bun.write(recordedPath, render(recordings))
  }, 900_000)

  afterAll(async () => {
    await cluster[Symbol.asyncDispose]()
  })

  test("the structs of the server's types are those that we know", () => {
    const known = builtinSchemas()
    const isStruct = (name: string) => known.resolve({ $ref: name }).type === "object"
    const found = Object.entries(openApi).flatMap(([name, { properties = {} }]) => {
      if (!isStruct(name)) return []
      const members = Object.entries(properties).filter(([, property]) => isZeroStruct(property, isStruct))
      return members.length === 0 ? [] : [[name, members.map(([key]) => key).sort()] as const]
    })
    expect(found.length).toBeGreaterThan(50)
    expect(Object.fromEntries(found)).toEqual(structs)
  })

  describe.each(scenarios.map((scenario) => [scenario.name, scenario] as const))("%s", (name, scenario) => {
    test("goes on a real API server as the pure functions say", () => {
      const recording = recordings.get(name)
      expect(recording?.steps.length).toBe(scenario.steps.length)
      const found = (recording?.steps ?? []).flatMap((step, index) =>
        replay(step, recording?.refilled ?? []).map((difference) => `step ${index}: ${difference}`),
      )
      expect(found).toEqual([])
    })
  })
} else test.skip("server-side apply against a real API server", () => undefined)

interface OpenApiSchema {
  readonly default?: unknown
  readonly allOf?: readonly { readonly $ref?: string }[]
  readonly properties?: Readonly<Record<string, OpenApiSchema>>
}

// A struct that is no pointer has the empty default.
function isZeroStruct({ default: zero, allOf }: OpenApiSchema, isStruct: (name: string) => boolean): boolean {
  const name = allOf?.[0]?.$ref?.split("/").at(-1)
  return name !== undefined && JSON.stringify(zero) === "{}" && isStruct(name)
}

async function definitionsOf(ask: Ask): Promise<Readonly<Record<string, OpenApiSchema>>> {
  const groups = ["apps", "apiextensions.k8s.io", "batch", "coordination.k8s.io", "networking.k8s.io", "policy"]
  const others = ["rbac.authorization.k8s.io", "scheduling.k8s.io", "storage.k8s.io"]
  const paths = ["api/v1", "apis/autoscaling/v2", ...[...groups, ...others].map((group) => `apis/${group}/v1`)]
  const answers = await Promise.all(paths.map((path) => ask({ method: "GET", path: `/openapi/v3/${path}` })))
  // OpenAPI 3, from the server itself.
  const parts = answers.map(({ body }) => (body as { components: { schemas: object } }).components.schemas)
  return Object.assign({}, ...parts)
}

function render(recordings: ReadonlyMap<string, Recording>): string {
  const lines = scenarios.map((scenario) => `  ${JSON.stringify(recordings.get(scenario.name))}`)
  return `[\n${lines.join(",\n")}\n]\n`
}

async function establish(ask: Ask): Promise<void> {
  await ask({ method: "POST", path: "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", body: widgetCrd })
  for (let looks = 0; looks < 100; looks++) {
    const { httpStatus } = await ask({ method: "GET", path: "/apis/test.example/v1/widgets" }).catch(() => ({
      httpStatus: 0,
    }))
    if (httpStatus === 200) return
    await Bun.sleep(100)
  }
  throw new Error("the CRD was not established")
}
