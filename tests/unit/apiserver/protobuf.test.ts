import { describe, expect, test } from "bun:test"
import { builtinResources } from "../../../src/apiserver/mod.ts"
import { decodeProtobuf } from "../../../src/apiserver/protobuf.ts"
import { apiVersionOf, type KubeObject } from "../../../src/kube/mod.ts"
import answers from "./protobuf-answers.json" with { type: "json" }

/** The same objects as a real server wrote them in both forms. */
const recorded = answers as unknown as readonly { readonly json: KubeObject; readonly bytes: string }[] // our own file

const decoded = (base64: string) => decodeProtobuf(new Uint8Array(Buffer.from(base64, "base64")))

describe("an object in protobuf is the object in JSON", () => {
  test.each(recorded.map(({ json, bytes }) => [json.kind, json, bytes] as const))("%s", (kind, json, bytes) => {
    const { strategy } = builtinResources().find(
      ({ gvr, kind: own }) => own === kind && apiVersionOf(gvr) === json.apiVersion,
    )!
    const { status: _, ...wanted } = json
    const { status: __, ...found } = strategy.complete(decoded(bytes) as KubeObject) // read back from a server
    expect(found).toEqual(wanted)
  })
})

describe("what is no object in protobuf is refused", () => {
  const [first] = recorded
  const bytes = new Uint8Array(Buffer.from(first!.bytes, "base64"))
  test.each([
    ["nothing", new Uint8Array()],
    ["JSON", new TextEncoder().encode("{}")],
    ["an object cut short", bytes.subarray(0, bytes.length - 20)],
    ["an unknown kind", new Uint8Array([...bytes.subarray(0, 4), 10, 4, 18, 2, 65, 65])],
    ["a number without an end", new Uint8Array([...bytes.subarray(0, 4), ...Array(20).fill(0xff)])],
  ])("%s", (_, body) => expect(() => decodeProtobuf(body)).toThrow())
})
