import { assert, didYouMean } from "../base/mod.ts"
import { describeObject, getPath, type KubeObject, parsePath } from "../kube/mod.ts"
import type { OperatorView, View } from "../manager/view.ts"
import { crDetail, crEvents, crList, isSecret } from "./cr-body.ts"
import { crdHealth, crdInfo } from "./crd-body.ts"
import { katalogSummary } from "./katalog-body.ts"
import { redact } from "./redact.ts"
import { json, listed, problem, text } from "./reply.ts"
import { type Subject, subjectsOf, whyBody } from "./why-body.ts"

/** One question: the path's parameters, already decoded, and the query. */
export interface Ask {
  readonly view: View
  readonly params: Readonly<Record<string, string>>
  readonly query: URLSearchParams
}

/** A path pattern, whose `{name}` segments become parameters, and what answers a GET of it. */
export interface Route {
  readonly path: string
  /** Other published spellings of the same path. */
  readonly aliases?: readonly string[]
  readonly answer: (ask: Ask) => Answer
}

/** The probes: open on a port of their own when asked for. */
export const probeRoutes: readonly Route[] = [
  { path: "/startup", answer: ({ view }) => probe(view, view.probes().started, 503) },
  { path: "/health", aliases: ["/healthz", "/livez"], answer: ({ view }) => probe(view, view.probes().alive, 500) },
  { path: "/ready", aliases: ["/readyz"], answer: ({ view }) => probe(view, view.probes().ready, 503) },
]

/** Every path that is answered. The first match wins. */
export const routes: readonly Route[] = [
  ...probeRoutes,
  {
    path: "/metrics",
    answer: async ({ view }) => text(await view.metrics(), "text/plain; version=0.0.4; charset=utf-8"),
  },
  { path: "/katalog", answer: ({ view }) => json(katalogSummary(view)) },
  { path: "/katalog/raw", answer: ({ view }) => json(documentOf(view, "raw")) },
  { path: "/katalog/enriched", answer: ({ view }) => json(documentOf(view, "enriched")) },
  { path: "/katalog/{crd}", answer: ofCrd(({ view }, operator) => json(crdInfo(view, operator)), "info") },
  { path: "/katalog/{crd}/health", answer: ofCrd(healthAnswer, "health") },
  { path: "/katalog/{crd}/raw", answer: ofCrd(({ view }, operator) => entryAnswer(view, operator, "raw")) },
  { path: "/katalog/{crd}/enriched", answer: ofCrd(({ view }, operator) => entryAnswer(view, operator, "enriched")) },
  { path: "/katalog/{crd}/cr", answer: ofCrd(listAnswer) },
  { path: "/katalog/{crd}/cr/{name}", answer: ofCrd(ofCr(detailAnswer)) },
  { path: "/katalog/{crd}/cr/{name}/events", answer: ofCrd(eventsOrDetailAnswer) },
  { path: "/katalog/{crd}/cr/{name}/why", answer: ofCrd(ofCr(whyAnswer)) },
  { path: "/why", answer: whyOf },
  { path: "/katalog/{crd}/cr/{ns}/{name}", answer: ofCrd(ofCr(detailAnswer)) },
  { path: "/katalog/{crd}/cr/{ns}/{name}/events", answer: ofCrd(ofCr(eventsAnswer)) },
  { path: "/katalog/{crd}/cr/{ns}/{name}/why", answer: ofCrd(ofCr(whyAnswer)) },
]

type Answer = Response | Promise<Response>
type CrdAnswer = (ask: Ask, operator: OperatorView) => Answer
type CrAnswer = (ask: Ask, operator: OperatorView, object: KubeObject) => Answer

function probe(view: View, ok: boolean, codeOfNo: number): Response {
  const status = ok ? 200 : codeOfNo
  return json({ ok, status, why: ok ? "" : view.probes().why }, status)
}

function healthAnswer({ view }: Ask, operator: OperatorView): Response {
  const body = crdHealth(view, operator)
  return json(body, body.status)
}

function documentOf(view: View, form: "raw" | "enriched"): unknown {
  const document = view.documents()[form]
  assert(typeof document !== "string", "documents are values, not text: text cannot be searched for secrets")
  return redact(document)
}

function entryAnswer(view: View, operator: OperatorView, form: "raw" | "enriched"): Response {
  const entry = getPath(documentOf(view, form), ["spec", "crds", operator.name])
  if (entry !== undefined) return json(entry)
  return problem(404, {
    error: `no entry spec.crds.${operator.name}`,
    help: `the whole document is at /katalog/${form}`,
  })
}

const fieldLengthMax = 256
const fieldStepsMax = 32

function listAnswer({ view, query }: Ask, operator: OperatorView): Response {
  const objects = view.list(operator.name)
  const name = query.get("field")
  if (name === null) return json(crList(operator, objects, { nowMs: view.nowMs(), field: undefined }))
  const field = name.length > fieldLengthMax ? [] : parsePath(name)
  if (field.length === 0 || field.length > fieldStepsMax) {
    return problem(400, {
      error: `field is not a path of 1 to ${fieldStepsMax} steps in at most ${fieldLengthMax} characters`,
      help: `name one field, for example /katalog/${operator.name}/cr?field=spec.host`,
    })
  }
  if (objects.some(isSecret)) {
    return problem(403, { error: "values of Secrets are never shown", help: "leave out ?field= to list their names" })
  }
  return json(crList(operator, objects, { nowMs: view.nowMs(), field }))
}

function detailAnswer({ view }: Ask, operator: OperatorView, object: KubeObject): Response {
  const { namespace, name = "" } = object.metadata
  const children = view.children(operator.name, namespace, name)
  return json(crDetail(object, { children, path: pathOf(operator, object) }))
}

function eventsAnswer({ view }: Ask, operator: OperatorView, object: KubeObject): Response {
  const { namespace, name = "" } = object.metadata
  return json(crEvents(object, view.events(operator.name, namespace, name), view.nowMs()))
}

function whyAnswer({ view, query }: Ask, operator: OperatorView, object: KubeObject): Answer {
  return whyReply(view, { operator, cr: object, object }, query)
}

function whyOf({ view, query }: Ask): Answer {
  const [kind = "", name = "", more] = (query.get("object") ?? "").split("/")
  if (kind === "" || name === "" || more !== undefined) {
    return problem(400, { error: "object is not KIND/NAME", help: "ask for example /why?object=website/shop" })
  }
  const namespace = query.get("namespace") ?? undefined
  const found = subjectsOf(view, { kind, name, namespace })
  const [only] = found
  if (only && found.length === 1) return whyReply(view, only, query)
  if (only) {
    const names = found.map(({ object }) => describeObject(object))
    return problem(409, { error: `${found.length} objects fit: ${listed(names)}`, help: "name the namespace too" })
  }
  const names = view.operators().map((operator) => operator.name)
  return problem(404, {
    error: `no ${kind} "${namespace === undefined ? "" : `${namespace}/`}${name}" is known here`,
    help: `ork knows the CRs of ${listed(names) || "no CRD"} and what it made for them; kubectl get knows the rest`,
  })
}

async function whyReply(view: View, subject: Subject, query: URLSearchParams): Promise<Response> {
  const path = query.get("path") ?? undefined
  const steps = path === undefined || path.length > fieldLengthMax ? [] : parsePath(path)
  if (path !== undefined && (steps.length === 0 || steps.length > fieldStepsMax)) {
    return problem(400, {
      error: "path is not a path into the object",
      help: "name one field, for example .spec.replicas",
    })
  }
  return json(await whyBody(view, subject, path))
}

/** `/cr/a/events` is the CR `events` in namespace `a` when there is one, else the events of the CR `a`. */
function eventsOrDetailAnswer(ask: Ask, operator: OperatorView): Answer {
  const namespace = ask.params["name"]
  const object = operator.namespaced ? ask.view.get(operator.name, namespace, "events") : undefined
  return object ? detailAnswer(ask, operator, object) : ofCr(eventsAnswer)(ask, operator)
}

function pathOf(operator: OperatorView, object: KubeObject): string {
  const { namespace, name = "" } = object.metadata
  const steps = ["katalog", operator.name, "cr", ...(namespace ? [namespace] : []), name]
  return `/${steps.map(encodeURIComponent).join("/")}`
}

function ofCrd(answer: CrdAnswer, page?: "info" | "health"): Route["answer"] {
  return (ask) => {
    const name = ask.params["crd"] ?? ""
    const operator = ask.view.operator(name)
    if (operator) return isShown(operator, page) ? answer(ask, operator) : hidden(operator, page)
    const names = ask.view.operators().map((known) => known.name)
    const near = didYouMean(name, names)
    const help = `this Katalog has ${listed(names) || "no CRDs"}${near ? `; did you mean "${near}"?` : ""}`
    return problem(404, { error: `no CRD "${name}" in this Katalog`, help })
  }
}

function isShown({ endpoints }: OperatorView, page: "info" | "health" | undefined): boolean {
  return endpoints.enabled && (page === undefined || endpoints[page])
}

function hidden({ name, endpoints }: OperatorView, page = "info"): Response {
  const key = endpoints.enabled ? page : "enabled"
  const error = `CRD ${name} has no such page: its Katalog says "endpoints.${key}: false"`
  return problem(404, { error, help: "GET /katalog counts every CRD" })
}

function ofCr(answer: CrAnswer): CrdAnswer {
  return (ask, operator) => {
    const { ns, name = "" } = ask.params
    if (ns !== undefined || !operator.namespaced) {
      const object = ns !== undefined && !operator.namespaced ? undefined : ask.view.get(operator.name, ns, name)
      return object ? answer(ask, operator, object) : noCr(ask, operator)
    }
    const sameName = ask.view.list(operator.name).filter((object) => object.metadata.name === name)
    const [only] = sameName
    if (only && sameName.length === 1) return answer(ask, operator, only)
    return sameName.length === 0 ? noCr(ask, operator) : severalCrs(operator, sameName)
  }
}

function noCr({ view, params }: Ask, operator: OperatorView): Response {
  const { ns, name = "" } = params
  const error = `no CR "${ns === undefined ? "" : `${ns}/`}${name}" of CRD ${operator.name}`
  if (ns !== undefined && !operator.namespaced) {
    return problem(404, {
      error,
      help: `${operator.name} is cluster-scoped: leave out the namespace, /katalog/${operator.name}/cr/${name}`,
    })
  }
  const paths = view.list(operator.name).map((object) => pathOf(operator, object))
  return problem(404, { error, help: paths.length === 0 ? "there is no CR of this CRD yet" : `try ${listed(paths)}` })
}

function severalCrs(operator: OperatorView, objects: readonly KubeObject[]): Response {
  return problem(409, {
    error: `${objects.length} CRs of CRD ${operator.name} have this name`,
    help: `name the namespace too: ${listed(objects.map((object) => pathOf(operator, object)))}`,
  })
}
