import type { Span } from "../base/mod.ts"
import { parsePath } from "../kube/mod.ts"
import { type Canonical, writtenPath } from "./legacy-rewrite.ts"
import type { Spans } from "./spec.ts"
import type { YamlDocument } from "./yaml.ts"

/** How canonical paths differ from written ones. */
export type Moves = Pick<Canonical, "moved" | "keys">

const nothingMoved: Moves = { moved: new Map(), keys: new Map() }

/** Spans of a document; canonical paths of moved values lead to where the author wrote them. */
export function spansOf(document: YamlDocument | undefined, { moved, keys }: Moves = nothingMoved): Spans {
  const steps = (path: string) => parsePath(writtenPath(parsePath(path), moved))
  return {
    locate(path, part) {
      const key = part === "key" ? keys.get(path) : undefined
      return key === undefined ? document?.locate(steps(path), part) : document?.locate(parsePath(key), "value")
    },
    locateIn: (path, start, end) => document?.locateIn(steps(path), start, end),
  }
}

/** What to mark for a mistake in the value at `path`: the value, or its key where the value takes several lines. */
export function markOf(spans: Spans, path: string, part: "key" | "value" = "value"): Span | undefined {
  const value = spans.locate(path, part)
  const isLong = value === undefined || value.file.text.slice(value.start, value.end).trimEnd().includes("\n")
  return isLong ? (spans.locate(path, "key") ?? value) : value
}
