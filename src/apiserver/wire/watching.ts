import { type Ms, ms } from "../../base/mod.ts"
import { apiVersionOf } from "../../kube/mod.ts"
import { Refusal } from "../refusal.ts"
import { tableOf } from "../table.ts"
import { selectionOf } from "../verbs/list.ts"
import { watch } from "../verbs/watch.ts"
import type { Watcher } from "../watchers.ts"
import { mustBeListOptions } from "./list-options.ts"
import { includeOf, oneBody } from "./objects.ts"
import { booleanOf, integerOf } from "./query.ts"
import { statusOf } from "./reply.ts"
import type { ResourceRequest } from "./request.ts"
import { type EventForm, eventLine, eventStream } from "./stream.ts"

const lastsAtLeastMs = 30 * 60_000
const headers = { "Cache-Control": "no-cache, private", "Content-Type": "application/json" }

/** True when the query turns a list into a watch. */
export function isWatch(query: URLSearchParams): boolean {
  return booleanOf(query, "watch") === true
}

/** Answers a watch with a stream of lines. */
export function answerWatch(request: ResourceRequest): Response {
  const { answering, asked, route, resource, query } = request
  const { core } = answering
  mustBeListOptions(query, true)
  const only = route.name === "" ? "" : `metadata.name=${route.name}`
  if (only !== "")
    query.set("fieldSelector", [query.get("fieldSelector") ?? "", only].filter((x) => x !== "").join(","))
  const seconds = integerOf(query, "timeoutSeconds") ?? 0
  const watching = watch(core, {
    resource,
    namespace: route.namespace,
    selection: selectionOf(resource, query),
    resourceVersion: query.get("resourceVersion") ?? "",
    wantsBookmarks: booleanOf(query, "allowWatchBookmarks") === true,
    wantsInitialEvents: booleanOf(query, "sendInitialEvents"),
  })
  if (watching === "expired")
    return new Response(eventLine("ERROR", expired(query, core.history.floor(resource.prefix))), { headers })
  const form = formOf(request)
  const lasts = seconds > 0 ? seconds * 1000 : lastsAtLeastMs * (1 + core.random.next())
  endLater(request, watching.watcher, ms(lasts))
  asked.request.signal.addEventListener("abort", () => watching.watcher.end(), { once: true })
  return new Response(eventStream(watching, form), { headers })
}

function endLater({ answering }: ResourceRequest, watcher: Watcher, after: Ms): void {
  const { core, scope } = answering
  scope.run("end of a watch", async (signal) => {
    const controller = new AbortController()
    const stop = () => controller.abort()
    signal.addEventListener("abort", stop, { once: true })
    watcher.onEnd(stop)
    try {
      await core.clock.sleep(after, controller.signal)
    } catch {
      // the watch ended first
    } finally {
      signal.removeEventListener("abort", stop)
      watcher.end()
    }
  })
}

function expired(query: URLSearchParams, oldest: number): unknown {
  const version = query.get("resourceVersion") ?? ""
  return statusOf(new Refusal(410, "Expired", `too old resource version: ${version} (${oldest})`))
}

function formOf({ answering, resource, form, query }: ResourceRequest): EventForm {
  const include = includeOf(query)
  const apiVersion = apiVersionOf(resource.gvr)
  return {
    name: `${apiVersion} ${form.as} ${form.version} ${include}`,
    resource,
    lines: answering.lines,
    turn: () => answering.core.clock.turn(),
    beginsApart: form.as === "Table",
    show: (object, isFirst) => {
      const nowMs = answering.core.clock.nowMs()
      const body = oneBody(object, { resource, form, include, nowMs })
      // Only the first table of a watch names its columns.
      return form.as === "Table" && !isFirst ? { ...(body as object), columnDefinitions: null } : body // a table is an object
    },
    bookmark: (revision, endsInitial) => {
      const marks = endsInitial ? { annotations: { "k8s.io/initial-events-end": "true" } } : {}
      const metadata = { resourceVersion: String(revision), ...marks }
      if (form.as === "Table") {
        return {
          ...tableOf(resource, [], { nowMs: 0, include, metadata, version: form.version }),
          columnDefinitions: null,
        }
      }
      if (form.as !== "") return { kind: "PartialObjectMetadata", apiVersion: `meta.k8s.io/${form.version}`, metadata }
      return { kind: resource.kind, apiVersion, metadata }
    },
  }
}
