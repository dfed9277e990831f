import { afterAll, beforeAll, describe, expect, test } from "bun:test"
import {
  builtinSchemas,
  coerce,
  covers,
  gvkOf,
  isKubeObject,
  type KubeObject,
  prune,
  validate,
} from "../../src/kube/mod.ts"
import { TestCluster } from "../support/cluster.ts"
import { kindNames, objectsOf } from "../support/kinds.ts"
import { awkward } from "./awkward-objects.ts"

const schemas = builtinSchemas()

if (TestCluster.available()) {
  let cluster: TestCluster

  beforeAll(async () => {
    cluster = await TestCluster.start()
  }, 900_000)

  afterAll(async () => {
    await cluster[Symbol.asyncDispose]()
  })

  /** One server-side apply; what the server makes of the object. */
  const apply = async (object: KubeObject, dryRun: boolean): Promise<KubeObject> => {
    const run = dryRun ? ["--dry-run=server"] : []
    const flags = ["--server-side", "--force-conflicts", "--validate=strict", "-o", "json", ...run]
    const { code, stdout, stderr } = await cluster.kubectlWith(
      { stdin: JSON.stringify(object) },
      "apply",
      ...flags,
      "-f",
      "-",
    )
    if (code !== 0) throw new Error(`${object.kind} ${object.metadata.name}: ${stderr}`)
    const answer: unknown = JSON.parse(stdout)
    if (!isKubeObject(answer)) throw new Error("no object in the answer")
    return answer
  }

  const differences = (live: KubeObject, desired: KubeObject) =>
    covers(live, desired, schemas.root(gvkOf(desired)), schemas)

  // First of all: a quota among the short forms would refuse these Pods.
  describe.each(awkward.map((object) => [`${object.kind} ${object.metadata.name}`, object] as const))(
    "awkward: %s",
    (_, object) => {
      test("is typed, accepted, and covered by what the server makes of it", async () => {
        const schema = schemas.root(gvkOf(object))
        const typed = coerce(object, schema, schemas)
        if (!typed.ok || !isKubeObject(typed.value)) throw new Error(JSON.stringify(typed))
        const live = await apply(typed.value, false)
        expect(differences(live, typed.value)).toEqual([])
        expect(differences(live, live)).toEqual([])
        expect(prune(live, schema, schemas).dropped).toEqual([])
        expect(validate(live, schema, schemas)).toEqual([])
      }, 60_000)
    },
  )

  describe.each([...kindNames])("%s", (kind) => {
    test("are accepted by the API server, in every field", async () => {
      for (const object of objectsOf(kind)) expect(await apply(object, true)).toMatchObject({ kind: object.kind })
    }, 60_000)

    test("are not written again once they are there", async () => {
      for (const object of objectsOf(kind)) {
        const live = await apply(object, false)
        expect([object.metadata.name, differences(live, object)]).toEqual([object.metadata.name, []])
      }
    }, 60_000)
  })
} else test.skip("the short forms against a real API server", () => undefined)
