import { describe, expect, test } from "bun:test"
import { objectKey } from "../../../../src/kube/mod.ts"
import { WatchBook } from "../../../../src/runtime/mod.ts"

const a = objectKey("default", "a")
const b = objectKey("default", "b")

describe("a watch book", () => {
  test("knows who asks from the moment it is asked", () => {
    const book = new WatchBook()
    book.begin(a).on("x")
    book.begin(b).on("x")
    expect(book.askers("x")).toEqual([a, b])
    expect(book.askers("y")).toEqual([])
  })

  test("forgets what a committed try did not ask again", () => {
    const book = new WatchBook()
    const first = book.begin(a)
    first.on("x")
    first.on("y")
    first.commit()
    const second = book.begin(a)
    second.on("y")
    expect(book.askers("x")).toEqual([a])
    second.commit()
    expect(book.askers("x")).toEqual([])
    expect(book.askers("y")).toEqual([a])
    expect(book.size).toBe(1)
  })

  test("loses nothing by a try that breaks off", () => {
    const book = new WatchBook()
    const first = book.begin(a)
    first.on("x")
    first.commit()
    book.begin(a).on("y")
    expect(book.askersWhere(() => true)).toEqual([a])
    expect(book.askers("x")).toEqual([a])
    expect(book.askers("y")).toEqual([a])
  })

  test("keeps nothing of a key that is gone", () => {
    const book = new WatchBook()
    book.begin(a).on("x")
    book.begin(b).on("x")
    book.forget(a)
    expect(book.askers("x")).toEqual([b])
    book.forget(b)
    expect(book.size).toBe(0)
  })
})
