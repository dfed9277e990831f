import type { KubeObject } from "../../kube/mod.ts"
import { decodeBody } from "../decode.ts"
import { methodNotAllowed } from "../refusal.ts"
import type { Scale, Verb } from "../resource.ts"
import { mustBePatch, patched } from "../verbs/patch.ts"
import { changeScale, customScaleColumns, getScale, scaleColumns, scaleTarget } from "../verbs/scale.ts"
import { mustHaveName } from "../write.ts"
import { parseBody, readPatch } from "./body.ts"
import { callOf, shownOf } from "./calls.ts"
import { oneBody } from "./objects.ts"
import { booleanOf, fieldValidation } from "./query.ts"
import { json } from "./reply.ts"
import type { ResourceRequest } from "./request.ts"
import { patchTypeOf } from "./writing.ts"

/** Answers a request for `/scale`. */
export async function answerScale(request: ResourceRequest, verb: Verb, scale: Scale): Promise<Response> {
  const { answering, asked, query } = request
  const resource = {
    ...request.resource,
    columns: request.resource.isCustom ? customScaleColumns : scaleColumns,
    kind: "Scale",
  }
  const shown = (object: KubeObject) => json(200, oneBody(object, { ...shownOf(request), resource }), asked.warnings)
  const target = scaleTarget()
  const { parseYaml } = answering
  switch (verb) {
    case "get":
      return shown(await getScale(answering.core, callOf(request, "GetOptions"), scale))
    case "update": {
      const call = callOf(request, "UpdateOptions")
      const validation = fieldValidation(query, "UpdateOptions")
      const { value, text } = await parseBody(asked.request, { parseYaml, kind: target.kind })
      const wanted = decodeBody(value, { target, text, validation, warn: call.warn })
      mustHaveName(call, wanted.metadata.name)
      return shown(await changeScale(answering.core, call, { scale, next: () => wanted }))
    }
    case "patch": {
      const type = patchTypeOf(request)
      // An apply of a scale is a merge: nobody but its manager declares anything else here.
      const call = callOf(request, "PatchOptions")
      const validation = fieldValidation(query, "PatchOptions")
      const { value, text } = await readPatch(asked.request, type, parseYaml)
      const change = {
        type: type === "apply" ? "merge" : type,
        value,
        text,
        validation,
        warn: call.warn,
      } as const
      mustBePatch(change)
      const next = (now: KubeObject) => patched(withoutVersion(now), target, change)
      const apply = type === "apply" ? { force: booleanOf(query, "force") === true } : undefined
      return shown(await changeScale(answering.core, call, { scale, next, apply }))
    }
    default:
      throw methodNotAllowed()
  }
}

/** A scale without its version: only a patch that names one has a precondition. */
function withoutVersion(scale: KubeObject): KubeObject {
  const { resourceVersion: _, ...metadata } = scale.metadata
  return { ...scale, metadata }
}
