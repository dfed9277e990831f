import { isRecord, type KubeObject, matches, type Selector } from "../../kube/mod.ts"
import { type Core, served } from "../core.ts"
import { type FieldTerm, matchesFields, parseFieldSelector } from "../field-selector.ts"
import { jsonProblem } from "../go-json.ts"
import { keyOfObject } from "../history.ts"
import { type Moment, momentAt } from "../moment.ts"
import { badRequest, Refusal, unreadableList } from "../refusal.ts"
import type { Resource } from "../resource.ts"
import { parseSelector } from "../selector-parser.ts"

/** What a list or watch selects. */
export interface Selection {
  readonly labels: Selector
  readonly fields: readonly FieldTerm[]
}

/** Reads the selectors of a request; refuses what cannot be read. */
export function selectionOf(resource: Resource, query: URLSearchParams): Selection {
  const labels = parseSelector(query.get("labelSelector") ?? "")
  if (!labels.ok) throw badRequest(labels.error)
  return { labels: labels.value, fields: parseFieldSelector(query.get("fieldSelector") ?? "", resource) }
}

/** True when everything is selected. */
export function selectsAll({ labels, fields }: Selection): boolean {
  return labels.length === 0 && fields.length === 0
}

/** True when an object is selected. */
export function selects(selection: Selection, object: KubeObject, resource: Resource): boolean {
  return matches(selection.labels, object.metadata.labels) && matchesFields(selection.fields, object, resource)
}

/** What a list asks for. */
export interface ListOptions {
  readonly resource: Resource
  readonly namespace: string
  readonly selection: Selection
  readonly limit: number
  readonly token: string
  /** "" is the newest. */
  readonly resourceVersion: string
  readonly match: string
}

/** One page. */
export interface Page {
  readonly items: readonly KubeObject[]
  readonly metadata: Readonly<Record<string, unknown>>
}

/** Objects that a list looks at before others get a turn. */
const lookedMax = 5_000

interface Start {
  readonly revision: number
  /** Everything up to this key has been sent. */
  readonly after: string
  readonly isInconsistent: boolean
}

/** Lists objects, a page at a time, each list from one moment. */
export async function list(core: Core, options: ListOptions): Promise<Page> {
  const { resource, limit, token } = options
  if (token !== "" && options.resourceVersion !== "" && options.resourceVersion !== "0") {
    throw badRequest("specifying resource version is not allowed when using continue")
  }
  let start = token === "" ? firstPage(core, options) : nextPage(core, token)
  // What is taken from the cache of a real server, since any version will do, comes in one piece.
  const isWhole = limit <= 0 || (options.resourceVersion === "0" && token === "")
  const atMost = isWhole ? Number.POSITIVE_INFINITY : limit
  let found = await selected(core, options, { start, atMost, atOnceMax: lookedMax })
  if (found === undefined) {
    if (token === "") start = firstPage(core, options)
    found = await selected(core, options, { start, atMost, atOnceMax: Number.POSITIVE_INFINITY })
  }
  const { items = [], rest } = found ?? {}
  const metadata = {
    resourceVersion: String(start.revision),
    ...(rest === undefined ? {} : { continue: encodeToken(start.revision, rest.after) }),
    ...(rest?.count === undefined ? {} : { remainingItemCount: rest.count }),
  }
  try {
    return { items: await served(resource, items), metadata }
  } catch (error) {
    throw error instanceof Refusal ? unreadableList(resource, await failedAmong(resource, items)) : error
  }
}

/** Those that cannot be converted, each asked about alone, and why. */
async function failedAmong(resource: Resource, items: readonly KubeObject[]) {
  const failed: { readonly object: KubeObject; readonly why: string }[] = []
  for (const object of items) {
    try {
      await served(resource, [object])
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      failed.push({ object, why: error.message })
    }
  }
  return failed
}

interface Selected {
  readonly items: readonly KubeObject[]
  /** What did not fit: where it begins, and how much it is where everything is selected. */
  readonly rest?: { readonly after: string; readonly count: number | undefined }
}

/** What a list selects of one moment, with a turn for others now and then; undefined when it is forgotten meanwhile. */
async function selected(
  core: Core,
  options: ListOptions,
  { start, atMost, atOnceMax }: { readonly start: Start; readonly atMost: number; readonly atOnceMax: number },
): Promise<Selected | undefined> {
  const { resource, selection } = options
  const all = selectsAll(selection)
  const items: KubeObject[] = []
  let moment: Moment | "expired" = momentOf(core, options, start)
  let key = start.after
  while (moment !== "expired") {
    let [looked, last]: [number, KubeObject | undefined] = [0, undefined]
    for (const object of moment.after(key)) {
      if (all || selects(selection, object, resource)) {
        if (items.length >= atMost) return { items, rest: restOf(items, all ? moment : undefined) }
        items.push(object)
      }
      last = object
      if (++looked >= atOnceMax) break
    }
    if (last === undefined || looked < atOnceMax) return { items }
    key = keyOfObject(last)
    await core.clock.turn()
    moment = momentIn(core, options, start)
  }
  return undefined
}

function restOf(items: readonly KubeObject[], counting: Moment | undefined): NonNullable<Selected["rest"]> {
  const last = items.at(-1)
  const after = last === undefined ? "" : keyOfObject(last)
  return { after, count: counting?.countAfter(after) }
}

function momentIn(core: Core, { resource, namespace }: ListOptions, { revision }: Start): Moment | "expired" {
  const { prefix, namespaced } = resource
  return momentAt(core, { prefix, namespace: namespaced ? namespace : "", revision })
}

function momentOf(core: Core, options: ListOptions, start: Start): Moment {
  const moment = momentIn(core, options, start)
  if (moment !== "expired") return moment
  if (start.after === "") {
    throw new Refusal(410, "Expired", "The resourceVersion for the provided list is too old.")
  }
  throw new Refusal(
    410,
    "Expired",
    "The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.",
    { goOn: encodeToken(-1, start.after) },
  )
}

function firstPage(core: Core, { resourceVersion, match, limit }: ListOptions): Start {
  const newest = core.storage.revision
  const wanted = resourceVersion === "" ? 0 : revisionOf(resourceVersion)
  if (wanted > newest) throw tooNew(wanted, newest)
  const isExact = wanted > 0 && (match === "Exact" || (match === "" && limit > 0))
  return { revision: isExact ? wanted : newest, after: "", isInconsistent: false }
}

function nextPage(core: Core, token: string): Start {
  const { revision, after } = decodeToken(token)
  if (revision < 0) return { revision: core.storage.revision, after, isInconsistent: true }
  if (revision > core.storage.revision) throw tooNew(revision, core.storage.revision)
  return { revision, after, isInconsistent: false }
}

/** Reads a resourceVersion; refuses what is no number. */
export function revisionOf(text: string): number {
  if (/^\d{1,20}$/.test(text)) return Number(text)
  const value = JSON.stringify(text)
  throw badRequest(
    `invalid resource version: resourceVersion: Invalid value: ${value}: strconv.ParseUint: parsing ${value}: invalid syntax`,
  )
}

/** 504: the version has not happened yet. */
export function tooNew(wanted: number, current: number): Refusal {
  const message = `Timeout: Too large resource version: ${wanted}, current: ${current}`
  const cause = { reason: "ResourceVersionTooLarge", message: "Too large resource version" }
  return new Refusal(504, "Timeout", message, { causes: [cause], retryAfterSeconds: 1 })
}

function encodeToken(revision: number, after: string): string {
  const token = JSON.stringify({ v: "meta.k8s.io/v1", rv: revision, start: `${after}\u0000` })
  return Buffer.from(token).toString("base64url")
}

function decodeToken(token: string): { readonly revision: number; readonly after: string } {
  const text = Buffer.from(token, "base64url").toString("utf8")
  const { v, rv, start } = tokenFields(text)
  if (v !== "meta.k8s.io/v1") {
    throw badToken(`server does not recognize this encoded version ${String(v ?? "")}`)
  }
  if (!Number.isInteger(rv) || rv === 0)
    throw badToken("incorrect encoded start resourceVersion (version meta.k8s.io/v1)")
  if (typeof start !== "string" || start === "") throw badToken("encoded start key empty (version meta.k8s.io/v1)")
  return { revision: Number(rv), after: start.replace(/\0$/, "") }
}

function tokenFields(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text)
    return isRecord(value) ? value : {}
  } catch {
    throw badToken(jsonProblem(text))
  }
}

function badToken(why: string): Refusal {
  return badRequest(`invalid continue token: continue key is not valid: ${why}`)
}
