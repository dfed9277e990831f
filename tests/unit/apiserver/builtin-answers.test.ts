import { describe, expect, test } from "bun:test"
import { builtinResources, type RequestContext } from "../../../src/apiserver/mod.ts"
import { apiVersionOf, type KubeObject } from "../../../src/kube/mod.ts"
import answers from "./builtin-answers.json" with { type: "json" }

/** What a real server answered to dry runs of creates, written by scripts/generate-apiserver-data.ts. */
const recorded = answers as unknown as readonly { readonly sent: KubeObject; readonly got: KubeObject }[] // our own file

const user = { name: "admin", groups: ["system:masters", "system:authenticated"] }

function created(sent: KubeObject, got: KubeObject): unknown {
  const { strategy } = builtinResources().find(
    ({ gvr, kind }) => kind === sent.kind && apiVersionOf(gvr) === sent.apiVersion,
  )!
  const { uid = "", creationTimestamp = "", namespace } = got.metadata
  const home = namespace === undefined ? {} : { namespace }
  const context: RequestContext = { user, now: creationTimestamp, subresource: "", dryRun: true }
  const object = { ...sent, metadata: { ...sent.metadata, uid, creationTimestamp, ...home } }
  return normal(strategy.prepareCreate(strategy.complete(object), context))
}

/** Without what each server chooses for itself. */
function normal(object: unknown): unknown {
  const text = JSON.stringify(object)
    .replace(/kube-api-access-\w+/g, "kube-api-access")
    .replace(/"10\.\d+\.\d+\.\d+"/g, '"address"')
    .replace(/"(nodePort|healthCheckNodePort)":\d+/g, '"$1":1')
    .replace(/,"extra":\{"authentication[^}]*\}/, "")
  return JSON.parse(text)
}

describe("a created object gets the defaults that a real server gives it", () => {
  test("for enough kinds", () => expect(new Set(recorded.map(({ sent }) => sent.kind)).size).toBeGreaterThan(50))
  for (const [index, { sent, got }] of recorded.entries()) {
    test(`${sent.kind} ${index}`, () => expect(created(sent, got)).toEqual(normal(got)))
  }
})

describe("a complete object", () => {
  test.each(recorded.map(({ sent, got }) => [sent.kind, got] as const))("stays as it is: %s", (kind, got) => {
    const { strategy } = builtinResources().find(
      ({ gvr, kind: own }) => own === kind && apiVersionOf(gvr) === got.apiVersion,
    )!
    expect(strategy.complete(got)).toEqual(got)
  })
})
