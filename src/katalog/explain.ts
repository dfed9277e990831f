import type { Diagnostic } from "../base/mod.ts"
import { formatPath } from "../kube/mod.ts"
import { diagnose, unpackFault } from "./fault.ts"
import type { ShapeIssue } from "./shape.ts"
import { markOf } from "./spans.ts"
import type { Spans } from "./spec.ts"

/** A shape's issue as a diagnostic, with the place where the author wrote it. */
export function explain(issue: ShapeIssue, spans: Spans): Diagnostic {
  const path = formatPath(issue.steps)
  return diagnose(unpackFault(issue.packed), { span: markOf(spans, path, issue.part), path })
}
