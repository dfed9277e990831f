import type { Span } from "../base/mod.ts"
import { formatPath, parsePath } from "../kube/mod.ts"
import { type Canonical, writtenPath } from "./legacy-rewrite.ts"
import type { Spans } from "./spec.ts"
import type { YamlDocument } from "./yaml-document.ts"

/** How canonical paths differ from written ones. */
export type Moves = Pick<Canonical, "moved" | "keys">

/** What a document must answer to be a source of spans. */
export type Locator = Pick<YamlDocument, "locate" | "locateIn">

const nothingMoved: Moves = { moved: new Map(), keys: new Map() }

/** Spans of a document; canonical paths of moved values lead to where the author wrote them. */
export function spansOf(document: Locator | undefined, { moved, keys }: Moves = nothingMoved): Spans {
  const steps = (path: string) => parsePath(moved.size === 0 ? path : writtenPath(parsePath(path), moved))
  return {
    locate(path, part) {
      const key = part === "key" ? keys.get(path) : undefined
      return key === undefined ? document?.locate(steps(path), part) : document?.locate(parsePath(key), "value")
    },
    locateIn: (path, start, end) => document?.locateIn(steps(path), start, end),
  }
}

/** Where a branch of a document really stands: in another file, or at another path. */
export interface Graft {
  readonly spans: Spans
  readonly path: string
}

/** `base` with branches that stand elsewhere; the longest path that is a graft decides. */
export function grafted(base: Spans, grafts: ReadonlyMap<string, Graft>): Spans {
  const found = (path: string): Graft => {
    // The grafts of Motifs are known later than the spans; most Katalogs have none.
    if (grafts.size === 0) return { spans: base, path }
    for (let end = path.length; end > 0; end--) {
      if (end < path.length && path[end] !== "." && path[end] !== "[") continue
      const graft = grafts.get(path.slice(0, end))
      if (graft === undefined) continue
      const below = path.slice(end)
      return { spans: graft.spans, path: graft.path === "" ? below.replace(/^\./, "") : graft.path + below }
    }
    return { spans: base, path }
  }
  return {
    locate(path, part) {
      const at = found(path)
      return at.spans.locate(at.path, part)
    },
    locateIn(path, start, end) {
      const at = found(path)
      return at.spans.locateIn(at.path, start, end)
    },
  }
}

/** A path and the steps below it. */
export function joinPath(path: string, steps: readonly (string | number)[]): string {
  return formatPath([...parsePath(path), ...steps])
}

/** What to mark for a mistake in the value at `path`: the value, or its key where the value takes several lines. */
export function markOf(spans: Spans, path: string, part: "key" | "value" = "value"): Span | undefined {
  const value = spans.locate(path, part)
  const isLong = value === undefined || value.file.text.slice(value.start, value.end).trimEnd().includes("\n")
  return isLong ? (spans.locate(path, "key") ?? value) : value
}
