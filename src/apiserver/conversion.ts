import type { Random } from "../base/mod.ts"
import { formatGvk, gvkOf, isKubeObject, isRecord, type KubeObject } from "../kube/mod.ts"
import type { Convert, CrdDeps } from "./crd.ts"
import { internal, type Refusal } from "./refusal.ts"
import { uuid } from "./uuid.ts"
import { postReview, type WebhookDeps, WebhookFailure } from "./webhook-client.ts"

/** What conversion by webhooks stands on. */
export interface ConversionDeps extends WebhookDeps {
  readonly random: Random
}

const timeoutSeconds = 30

/** Converts the objects of CRDs by the webhooks that they name. What cannot be converted fails as a whole. */
export function webhookConversion(deps: ConversionDeps): NonNullable<CrdDeps["convert"]> {
  return (crd) => {
    const spec = isRecord(crd["spec"]) ? crd["spec"] : {}
    const conversion = isRecord(spec["conversion"]) ? spec["conversion"] : {}
    const { webhook } = conversion
    return isRecord(webhook) ? (objects, apiVersion) => convert(deps, webhook, { objects, apiVersion }) : undefined
  }
}

interface Wish {
  readonly objects: readonly KubeObject[]
  readonly apiVersion: string
}

async function convert(
  deps: ConversionDeps,
  webhook: Readonly<Record<string, unknown>>,
  { objects, apiVersion }: Wish,
): ReturnType<Convert> {
  const others = objects.filter((object) => object.apiVersion !== apiVersion)
  const [first] = others
  if (first === undefined) return objects
  const fail = (why: string): Refusal => internal(`conversion webhook for ${formatGvk(gvkOf(first))} ${why}`)
  const answered = await answerOf(deps, webhook, { objects: others, apiVersion, fail })
  const converted = answered.map((object, i) => withOldMetadata(object, others[i] ?? first, { apiVersion, fail }))
  const queue = [...converted]
  return objects.map((object) => (object.apiVersion === apiVersion ? object : (queue.shift() ?? object)))
}

type Fail = (why: string) => Refusal

async function answerOf(
  deps: ConversionDeps,
  webhook: Readonly<Record<string, unknown>>,
  { objects, apiVersion, fail }: Wish & { readonly fail: Fail },
): Promise<readonly unknown[]> {
  const versions = Array.isArray(webhook["conversionReviewVersions"]) ? webhook["conversionReviewVersions"] : []
  const version = versions.find((one) => one === "v1" || one === "v1beta1") ?? "v1"
  const uid = uuid(deps.random)
  const request = { uid, desiredAPIVersion: apiVersion, objects }
  const review = { kind: "ConversionReview", apiVersion: `apiextensions.k8s.io/${version}`, request }
  let body: Readonly<Record<string, unknown>>
  try {
    body = await postReview(deps, webhook["clientConfig"], { review, timeoutSeconds })
  } catch (error) {
    if (error instanceof WebhookFailure) throw fail(`failed: ${error.message}`)
    throw error
  }
  const { response } = body
  if (!isRecord(response)) throw fail("returned no response")
  const { result, convertedObjects } = response
  if (response["uid"] !== uid) {
    throw fail(
      `returned an invalid response: expected response.uid=${JSON.stringify(uid)}, got ${JSON.stringify(response["uid"] ?? "")}`,
    )
  }
  if (!isRecord(result) || result["status"] !== "Success") {
    const message = isRecord(result) && typeof result["message"] === "string" ? result["message"] : ""
    throw fail(`failed: ${message === "" ? "response.result.status was not Success" : message}`)
  }
  if (!Array.isArray(convertedObjects) || convertedObjects.length !== objects.length) {
    const count = Array.isArray(convertedObjects) ? convertedObjects.length : 0
    throw fail(`returned ${count} objects, expected ${objects.length}`)
  }
  return convertedObjects
}

// A conversion may change labels and annotations; the rest of the metadata is the server's.
function withOldMetadata(
  converted: unknown,
  original: KubeObject,
  { apiVersion, fail }: { readonly apiVersion: string; readonly fail: Fail },
): KubeObject {
  if (!isKubeObject(converted)) throw fail("returned an object without a header")
  if (converted.apiVersion !== apiVersion || converted.kind !== original.kind) {
    const got = `${converted.apiVersion}, Kind=${converted.kind}`
    throw fail(`returned invalid converted object: expected ${apiVersion}, Kind=${original.kind}, got ${got}`)
  }
  for (const key of ["name", "namespace", "uid"] as const) {
    if (converted.metadata[key] !== original.metadata[key]) {
      throw fail(`returned invalid metadata: metadata.${key} of the object was changed`)
    }
  }
  const { labels: _labels, annotations: _annotations, ...metadata } = original.metadata
  const { labels, annotations } = converted.metadata
  const given = { ...(labels ? { labels } : {}), ...(annotations ? { annotations } : {}) }
  return { ...converted, metadata: { ...metadata, ...given } }
}
