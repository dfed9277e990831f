import { isRecord } from "../kube/mod.ts"
import { katalog } from "./format.ts"
import { issuesOf } from "./shape.ts"

type Steps = readonly (string | number)[]

const roundsMax = 5
/** With more mistakes than this there is enough to mend first. */
const issuesMax = 50

/**
 * The part of a document whose shape is right, so that what it says can be judged although other parts are wrong.
 *
 * Whatever stays keeps its address. Undefined when nothing is left.
 */
export function salvage(document: unknown): unknown {
  let left = document
  for (let round = 0; round < roundsMax; round++) {
    const issues = issuesOf(katalog, left)
    if (issues.length === 0) return left
    if (issues.length > issuesMax) return undefined
    for (const { steps } of issues) left = without(left, steps)
  }
  return undefined
}

// An element cannot leave its list: the others would change their addresses. The list goes with it.
function without(value: unknown, steps: Steps): unknown {
  const [step, ...rest] = steps
  if (step === undefined || Array.isArray(value)) return undefined
  if (!isRecord(value) || !Object.hasOwn(value, step)) return value
  const { [step]: before, ...others } = value
  const child = rest.length === 0 ? undefined : inside(before, rest)
  return child === undefined ? others : { ...value, [step]: child }
}

function inside(value: unknown, steps: Steps): unknown {
  if (!Array.isArray(value)) return without(value, steps)
  const [index, ...rest] = steps
  const element: unknown = rest.length === 0 ? undefined : inside(value[Number(index)], rest)
  return element === undefined ? undefined : value.with(Number(index), element)
}
