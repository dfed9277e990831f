import { expect, test } from "bun:test"
import { retryable } from "../../../src/base/error.ts"
import { httpStatus } from "../../../src/server/mod.ts"

test("every code answers with an error status", () => {
  expect(Object.keys(httpStatus).toSorted()).toEqual(Object.keys(retryable).toSorted())
  expect(Object.entries(httpStatus).filter(([, status]) => status < 400 || status > 599)).toEqual([])
})
