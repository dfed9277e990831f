import { expect, test } from "bun:test"
import { builtinResources } from "../../../src/apiserver/mod.ts"

const find = (group: string, resource: string, version = "v1") =>
  builtinResources().find(({ gvr }) => gvr.group === group && gvr.resource === resource && gvr.version === version)!

test("a Deployment is served with what kubectl asks of it", () => {
  const deployment = find("apps", "deployments")
  expect(deployment).toMatchObject({
    kind: "Deployment",
    listKind: "DeploymentList",
    singular: "deployment",
    shortNames: ["deploy"],
    categories: ["all"],
    namespaced: true,
    isCustom: false,
  })
  expect(deployment.subresources.map(({ name }) => name)).toEqual(["scale", "status"])
  expect(deployment.verbs).toEqual(["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"])
  expect(deployment.columns.map(({ name }) => name)).toContain("Up-to-date")
})

test("every resource that can be stored has a schema and columns", () => {
  const stored = builtinResources().filter(({ verbs }) => verbs.includes("watch"))
  expect(stored.length).toBeGreaterThan(50)
  expect(stored.filter(({ schema, columns }) => schema === undefined || columns.length === 0)).toEqual([])
})

test("no two resources are the same", () => {
  const names = builtinResources().map(({ gvr }) => `${gvr.group}/${gvr.version}/${gvr.resource}`)
  expect(new Set(names).size).toBe(names.length)
})
