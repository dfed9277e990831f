import type { Call } from "../core.ts"
import { decodeBody } from "../decode.ts"
import { Refusal } from "../refusal.ts"
import { apply } from "../verbs/apply.ts"
import { type PatchType, patch } from "../verbs/patch.ts"
import { mustNameVersion, update } from "../verbs/update.ts"
import { createObject, mustHaveName, placed } from "../write.ts"
import { mediaType, parseBody, readPatch } from "./body.ts"
import { callOf, shownOf } from "./calls.ts"
import { oneBody } from "./objects.ts"
import { booleanOf, fieldValidation, invalidOption, isGiven } from "./query.ts"
import { json } from "./reply.ts"
import type { ResourceRequest } from "./request.ts"

/** Answers a POST with the new object. */
export async function answerCreate(request: ResourceRequest): Promise<Response> {
  const { answering, asked } = request
  const call = callOf(request, "CreateOptions")
  const object = placed(call, await bodyOf(request, call, "CreateOptions"))
  const created = await createObject(answering.core, call, { object, isOwned: false })
  return json(201, oneBody(created, shownOf(request)), asked.warnings)
}

/** Answers a PUT with the object as it is now. */
export async function answerUpdate(request: ResourceRequest): Promise<Response> {
  const { answering, asked } = request
  const call = callOf(request, "UpdateOptions")
  const object = placed(call, await bodyOf(request, call, "UpdateOptions"))
  mustHaveName(call, object.metadata.name)
  mustNameVersion(answering.core, call, object)
  const updated = await update(answering.core, call, object)
  return json(updated.isCreated ? 201 : 200, oneBody(updated.object, shownOf(request)), asked.warnings)
}

async function bodyOf(request: ResourceRequest, { warn }: Call, kind: string) {
  const { answering, resource: target, query, asked } = request
  const validation = fieldValidation(query, kind)
  const { value, text } = await parseBody(asked.request, { parseYaml: answering.parseYaml, kind: target.kind })
  return decodeBody(value, { target, text, validation, warn })
}

const patchTypes: Readonly<Record<string, PatchType | "apply">> = {
  "application/json-patch+json": "json",
  "application/merge-patch+json": "merge",
  "application/strategic-merge-patch+json": "strategic",
  "application/apply-patch+yaml": "apply",
}

/** What kind of patch a request is; refuses what its resource does not take. */
export function patchTypeOf({ asked, resource }: ResourceRequest): PatchType | "apply" {
  const given = mediaType(asked.request)
  const type = Object.hasOwn(patchTypes, given) ? patchTypes[given] : undefined
  if (type === undefined) throw new Refusal(415, "UnsupportedMediaType", "415: Unsupported Media Type", {})
  if (type !== "strategic" || !resource.isCustom) return type
  const accepted = Object.keys(patchTypes).filter((name) => patchTypes[name] !== "strategic")
  const message = `the body of the request was in an unknown format - accepted media types include: ${accepted.join(", ")}`
  throw new Refusal(415, "UnsupportedMediaType", message)
}

/** Answers a PATCH with the object as it is now. */
export async function answerPatch(request: ResourceRequest): Promise<Response> {
  const { answering, query, asked } = request
  const type = patchTypeOf(request)
  mustBePatchOptions(query, type)
  const call = callOf(request, "PatchOptions")
  const validation = fieldValidation(query, "PatchOptions")
  const { value, text } = await readPatch(asked.request, type, answering.parseYaml)
  const { isCreated, object } =
    type === "apply"
      ? await apply(answering.core, call, { value, force: booleanOf(query, "force") === true })
      : await patch(answering.core, call, { type, value, text, validation, warn: call.warn })
  return json(isCreated ? 201 : 200, oneBody(object, shownOf(request)), asked.warnings)
}

function mustBePatchOptions(query: URLSearchParams, type: PatchType | "apply"): void {
  const field = "fieldManager"
  if (type === "apply" && (query.get(field) ?? "") === "") {
    const message = "Required value: is required for apply patch"
    throw invalidOption("PatchOptions", [{ field, reason: "FieldValueRequired", message }])
  }
  if (type !== "apply" && isGiven(query, "force")) {
    const message = "Forbidden: may not be specified for non-apply patch"
    throw invalidOption("PatchOptions", [{ field: "force", reason: "FieldValueForbidden", message }])
  }
}
