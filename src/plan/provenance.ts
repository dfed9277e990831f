import type { Spans } from "../katalog/mod.ts"
import { formatPath, isRecord, parsePath } from "../kube/mod.ts"
import { withInputs } from "./inputs.ts"
import { elementsOf, type Rendered } from "./render.ts"
import { compileValue, isDerived, isWritten, type Origin, type RenderScope, whereOf } from "./value.ts"

type Steps = readonly (string | number)[]

/** A rendered value, and the document path that it, and each part of it, was written at. */
interface Traced {
  readonly value: unknown
  readonly at: string
  readonly parts: ReadonlyMap<string | number, Traced>
}

/**
 * Where each scalar of an entry's object comes from: path in the object to `katalog.yaml:14:9`. Not part of rendering,
 * which is as fast without it: the tree is walked anew. A value that is computed from several, such as a merged map,
 * points to the one that it equals; one that no author wrote points to its entry. `outer` is what it was rendered from.
 */
export function placesOf({ resource, id }: Rendered, outer: RenderScope): ReadonlyMap<string, string> {
  const scoped = withInputs(resource.inputs, outer)
  const elements = scoped.ok ? elementsOf(resource, scoped.value) : scoped
  if (!scoped.ok || !elements.ok) return new Map()
  const element = elements.value.findLast(({ key }) => key === undefined || id.startsWith(`${resource.id}[${key}]`))
  const scope = { ...scoped.value, data: { ...scoped.value.data, ...element?.data } }
  const { value, at, context } = resource.object.origin
  const traced = trace(value, at, { context, scope })
  const known = new Map<string, string>()
  const places = new Map<string, string>()
  for (const { steps, leaf } of leavesOf(traced, [])) {
    const place = known.get(leaf.at) ?? nearest(context.spans, leaf.at)
    known.set(leaf.at, place)
    places.set(formatPath(steps), place)
  }
  return places
}

/** The place of a path, or of the closest one around it that the author wrote. */
function nearest(spans: Spans, at: string): string {
  for (let steps = parsePath(at); steps.length > 0; steps = steps.slice(0, -1)) {
    const path = formatPath(steps)
    if (spans.locate(path, "value") ?? spans.locate(path, "key")) return whereOf(spans, path)
  }
  return at
}

interface Tracing {
  readonly context: Origin["context"]
  readonly scope: RenderScope
}

function trace(node: unknown, at: string, tracing: Tracing): Traced {
  if (isWritten(node)) return trace(node.value, node.at, tracing)
  if (isDerived(node)) {
    const input = trace(node.input, at, tracing)
    return computed(node.compute(input.value), input, [])
  }
  if (typeof node === "string" && node.includes("{{")) {
    const quiet = { ...tracing.context, report: () => undefined, inspect: () => undefined }
    const rendered = compileValue(node, at, quiet).render(tracing.scope)
    return whole(rendered.ok ? rendered.value : undefined, at)
  }
  const isList = Array.isArray(node)
  if (!isList && !isRecord(node)) return { value: node, at, parts: new Map() }
  const parts = new Map<string | number, Traced>()
  for (const [key, child] of isList ? node.entries() : Object.entries(node)) {
    const part = trace(child, formatPath([...parsePath(at), key]), tracing)
    // As in rendering, what yields nothing is left out, and a list closes up.
    if (part.value !== undefined) parts.set(isList ? parts.size : key, part)
  }
  return { value: valueOfParts(parts, isList), at, parts }
}

function valueOfParts(parts: ReadonlyMap<string | number, Traced>, isList: boolean): unknown {
  const entries = [...parts].map(([key, part]) => [key, part.value] as const)
  return isList ? entries.map(([, value]) => value) : Object.fromEntries(entries)
}

/** A value that one text yields: all of it was written there. */
function whole(value: unknown, at: string): Traced {
  return computed(value, { value: undefined, at, parts: new Map() }, [])
}

/** The parts of a computed value, each with the place of the input that it most likely is. */
function computed(value: unknown, input: Traced, steps: Steps): Traced {
  if (typeof value !== "object" || value === null) {
    return { value, at: likely(value, input, steps)?.at ?? firstOf(input), parts: new Map() }
  }
  const entries = Array.isArray(value) ? [...value.entries()] : Object.entries(value)
  const parts = new Map(entries.map(([key, part]) => [key, computed(part, input, [...steps, key])] as const))
  return { value, at: firstOf(input), parts }
}

/** At the same path with the same value, at the same path, the same value elsewhere, the same key: the last one wins. */
function likely(value: unknown, input: Traced, steps: Steps): Traced | undefined {
  const roots = [input, ...input.parts.values()].reverse()
  const samePath = roots.flatMap((root) => follow(root, steps) ?? [])
  const exact = samePath.find((part) => part.value === value)
  if (exact ?? samePath[0]) return exact ?? samePath[0]
  const leaves = [...leavesOf(input, [])].reverse()
  const key = steps.at(-1)
  const sameValue = leaves.filter(({ leaf }) => leaf.value === value)
  const best = sameValue.find((one) => one.steps.at(-1) === key) ?? sameValue[0]
  return (best ?? leaves.find((one) => one.steps.at(-1) === key))?.leaf
}

function follow(root: Traced, steps: Steps): Traced | undefined {
  let at: Traced | undefined = root
  for (const step of steps) at = at?.parts.get(step)
  return at
}

function firstOf(traced: Traced): string {
  for (const part of traced.parts.values()) return firstOf(part)
  return traced.at
}

function* leavesOf(traced: Traced, steps: Steps): Generator<{ readonly steps: Steps; readonly leaf: Traced }> {
  if (traced.parts.size === 0) yield { steps, leaf: traced }
  for (const [key, part] of traced.parts) yield* leavesOf(part, [...steps, key])
}
