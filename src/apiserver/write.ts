import { suffix } from "../base/mod.ts"
import { apiVersionOf, type KubeObject, noFields, semanticEqual, update } from "../kube/mod.ts"
import { type Call, type Core, refOf, servedOne, storable, writtenOne } from "./core.ts"
import { deletionOf } from "./deletion.ts"
import {
  carriedOver,
  createProblems,
  metadataWarnings,
  tidied,
  updateProblems,
  withMetadata,
  withOwnersOnce,
  withoutMembers,
} from "./metadata.ts"
import { nameFor } from "./names.ts"
import { alreadyExists, badRequest, conflict, internal, invalid, notFound, Refusal } from "./refusal.ts"
import type { Resource } from "./resource.ts"
import { uuid } from "./uuid.ts"
import { weightOf } from "./weight.ts"

/** Bytes of one stored object beyond this are refused, as etcd does. */
export const objectBytesMax = 1_572_864

/** What only the server sets in metadata, so that a create cannot. */
const serversOwn = [
  "creationTimestamp",
  "deletionGracePeriodSeconds",
  "deletionTimestamp",
  "namespace",
  "resourceVersion",
  "selfLink",
  "uid",
]

/** How often a write that met a newer version is computed again. */
const attemptsMax = 16
const generatedNamesMax = 8
const suffixLength = 5
const generatedBaseMax = 63 - suffixLength

/** Who owns what after a write; apply knows it already. */
export interface Prepared {
  readonly object: KubeObject
  readonly isOwned: boolean
}

/** Creates an object: named, defaulted, owned, admitted, validated, stored. */
export async function createObject(core: Core, call: Call, { object: given, isOwned }: Prepared): Promise<KubeObject> {
  const { resource, context } = call
  const object = withOwnersOnce(given, call.warn)
  const { metadata } = object
  if (/^0*[1-9]\d*$/.test(metadata.resourceVersion ?? "") && !isOwned && !context.dryRun) {
    throw internal("resourceVersion should not be set on objects to be created")
  }
  if (isOwned && !/^\d*$/.test(metadata.resourceVersion ?? "")) {
    throw internal(`strconv.ParseUint: parsing ${JSON.stringify(metadata.resourceVersion)}: invalid syntax`)
  }
  mustHaveNamespace(core, { ...call, name: nameFor(object) })
  const complete = resource.strategy.complete(withMetadata(object, withoutMembers(metadata, serversOwn)))
  const owned = tidied(isOwned ? complete : withOwners(call, complete, { live: undefined, given: object }))
  for (let attempt = 1; ; attempt++) {
    const isGenerated = (metadata.name ?? "") === "" && (metadata.generateName ?? "") !== ""
    const created = await createNamed(core, call, { named: withSystemFields(core, call, owned), isGenerated })
    if (created !== undefined) return created
    if (isGenerated && attempt < generatedNamesMax) continue
    const taken = core.storage.get(refOf(call, nameFor(owned)))
    throw alreadyExists(resource, nameFor(owned), taken?.metadata.deletionTimestamp !== undefined)
  }
}

/** Undefined when the name is taken. */
async function createNamed(
  core: Core,
  call: Call,
  { named, isGenerated }: { readonly named: KubeObject; readonly isGenerated: boolean },
): Promise<KubeObject | undefined> {
  const { resource, context, namespace } = call
  // What only the server gives is given after all who may change the object.
  const draft = withMetadata(named, withoutMembers(named.metadata, isGenerated ? ["name", ...identity] : identity))
  const creation = { ...call, operation: "CREATE", old: undefined } as const
  const drafted = isGenerated ? "" : (named.metadata.name ?? "")
  const mutated = await core.admission?.mutate({ ...creation, name: drafted, object: draft })
  const isSame = mutated === undefined || mutated === draft
  const object = isSame ? named : resource.strategy.complete(withIdentity(mutated, named))
  const name = object.metadata.name ?? ""
  const admission = { ...creation, name }
  const prepared = preparedToCreate(call, object)
  warn(call, prepared, undefined)
  await core.admission?.validate({ ...admission, object: prepared })
  const ref = refOf({ resource, namespace }, name)
  if (context.dryRun) return core.storage.get(ref) === undefined ? prepared : undefined
  const fit = await fitting(resource, prepared)
  const isTaken = resource.strategy.isTaken?.(fit, context) === true
  const stored = core.storage.put(ref, isTaken ? preparedToCreate(call, object) : fit, undefined)
  return stored && (await writtenOne(resource, stored))
}

const identity = ["creationTimestamp", "uid"]

function withIdentity(object: KubeObject, { metadata: { name, uid, creationTimestamp } }: KubeObject): KubeObject {
  const given = { ...(name === undefined ? {} : { name }), ...object.metadata }
  const own = {
    ...(uid === undefined ? {} : { uid }),
    ...(creationTimestamp === undefined ? {} : { creationTimestamp }),
  }
  return withMetadata(object, { ...given, ...own })
}

function preparedToCreate({ resource, context }: Call, object: KubeObject): KubeObject {
  const { strategy } = resource
  const prepared = strategy.prepareCreate(object, context)
  const causes = [...createProblems(resource, prepared), ...strategy.validate(prepared, undefined, context)]
  if (causes.length > 0) throw invalid(resource, nameFor(prepared), causes)
  return prepared
}

function warn({ resource, warn: say }: Call, object: KubeObject, old: KubeObject | undefined): void {
  for (const text of resource.strategy.warnings(object, old)) say(text)
  if (resource.isCustom) for (const text of metadataWarnings(object, old)) say(text)
}

/** How an update comes to be. */
export interface Change {
  /** Makes the new object from the live one; called again when the live one has changed meanwhile. */
  readonly next: (live: KubeObject) => Promise<Prepared> | Prepared
  /** Where nothing is stored yet: creates, when the request may. */
  readonly create?: () => Promise<KubeObject>
  /** Refuses a live object that is not the expected one. */
  readonly expect?: (live: KubeObject) => void
}

/** What came of an update. */
export interface Updated {
  readonly object: KubeObject
  readonly isCreated: boolean
}

/** Changes an object, or leaves it untouched when nothing differs. An object that nothing holds any more goes. */
export async function updateObject(core: Core, call: Call, change: Change): Promise<Updated> {
  const { resource, namespace, name } = call
  const ref = refOf({ resource, namespace }, name)
  for (let attempt = 0; attempt < attemptsMax; attempt++) {
    const stored = core.storage.get(ref)
    if (stored === undefined) {
      if (change.create === undefined) throw notFound(resource, name)
      return { object: await change.create(), isCreated: true }
    }
    const live = await servedOne(resource, stored)
    change.expect?.(live)
    const object = await changed(core, call, { live, prepared: await change.next(live) })
    if (object !== undefined) return { object, isCreated: false }
  }
  throw new Refusal(409, "Conflict", `too many writes of ${resource.gvr.resource} "${name}" at the same time`)
}

/** Undefined when somebody was faster, and the new object did not name a version. */
async function changed(
  core: Core,
  call: Call,
  { live, prepared }: { readonly live: KubeObject; readonly prepared: Prepared },
): Promise<KubeObject | undefined> {
  const { resource, context, namespace, name } = call
  const given = withOwnersOnce(prepared.object, call.warn)
  const complete = withReset(resource.strategy.complete(given), given)
  const owned = tidied(prepared.isOwned ? complete : withOwners(call, complete, { live }))
  const admission = { ...call, operation: "UPDATE", old: live } as const
  const mutated = await core.admission?.mutate({ ...admission, object: owned })
  const admitted = mutated === undefined || mutated === owned ? owned : resource.strategy.complete(mutated)
  const version = admitted.metadata.resourceVersion
  mustMatchVersion(call, live, version)
  const carried = withMetadata(admitted, carriedOver(admitted.metadata, live.metadata))
  const next = resource.strategy.prepareUpdate(carried, live, context)
  const causes = [...updateProblems(resource, next, live), ...resource.strategy.validate(next, live, context)]
  if (causes.length > 0) throw invalid(resource, name, causes)
  warn(call, next, live)
  const expected = live.metadata.resourceVersion ?? ""
  const settled = withMetadata(next, { ...next.metadata, resourceVersion: expected })
  await core.admission?.validate({ ...admission, object: settled })
  if (isReleased(call, settled)) return removed(core, call, settled)
  if (context.dryRun) return settled
  const stored = core.storage.get(refOf({ resource, namespace }, name))
  const toStore = await fitting(resource, settled)
  if (stored?.metadata.resourceVersion === expected && semanticEqual(stored, toStore)) return live
  if (resource.strategy.isTaken?.(toStore, context) === true) return undefined
  const put = core.storage.put(refOf({ resource, namespace }, name), toStore, expected)
  return put && writtenOne(resource, put)
}

/** An empty list of owners is a wish to forget them, whatever the kind makes of empty lists. */
function withReset(object: KubeObject, asked: KubeObject): KubeObject {
  const { managedFields } = asked.metadata
  const isReset = managedFields?.length === 0 && object.metadata.managedFields === undefined
  return isReset ? withMetadata(object, { ...object.metadata, managedFields }) : object
}

function mustMatchVersion(call: Call, live: KubeObject, version: string | undefined): void {
  if (version === undefined || version === "" || version === "0" || version === live.metadata.resourceVersion) return
  if (!/^\d+$/.test(version)) {
    throw internal(`strconv.ParseUint: parsing ${JSON.stringify(version)}: invalid syntax`)
  }
  throw modified(call)
}

function modified({ resource, name }: Call): Refusal {
  const why = "the object has been modified; please apply your changes to the latest version and try again"
  return conflict(resource, name, why)
}

/** Whether this write took away the last thing that held a deleted object. */
function isReleased({ resource }: Call, object: KubeObject): boolean {
  const { deletionTimestamp, finalizers = [] } = object.metadata
  if (deletionTimestamp === undefined || finalizers.length > 0) return false
  const { deletionGracePeriodSeconds: grace = 0 } = { deletionGracePeriodSeconds: 0, ...object.metadata }
  return grace === 0 && deletionOf(resource).isHeld?.(object) !== true
}

function removed(core: Core, call: Call, object: KubeObject): KubeObject | undefined {
  if (call.context.dryRun) return object
  const gone = core.storage.remove(refOf(call, call.name), object.metadata.resourceVersion ?? "")
  return gone && object
}

/** The object as it is stored, unless it is too large. */
async function fitting(resource: Call["resource"], object: KubeObject): Promise<KubeObject> {
  const stored = await storable(resource, object)
  if (isLarge(stored)) throw internal("etcdserver: request is too large")
  return stored
}

function isLarge(object: KubeObject): boolean {
  return 6 * weightOf(object) > objectBytesMax && JSON.stringify(object).length > objectBytesMax
}

const zeros = new WeakMap<Resource, Readonly<Record<string, unknown>>>()

/** The members of an empty object of a kind that are no objects: `""` and null are there before anybody writes. */
function zerosOf(resource: Resource): Readonly<Record<string, unknown>> {
  const known = zeros.get(resource)
  if (known !== undefined) return known
  const empty = { apiVersion: apiVersionOf(resource.gvr), kind: resource.kind, metadata: {} }
  const members = Object.entries(resource.strategy.complete(empty))
  const found = Object.fromEntries(members.filter(([, value]) => value === null || value === ""))
  zeros.set(resource, found)
  return found
}

/** An empty list that somebody gives is theirs, though it is stored as none. */
function zerosBeside(given: KubeObject, resource: Resource): Readonly<Record<string, unknown>> {
  const all = zerosOf(resource)
  if (!Object.keys(all).some((name) => Array.isArray(given[name]))) return all
  return Object.fromEntries(Object.entries(all).filter(([name]) => !Array.isArray(given[name])))
}

/** `object` with managedFields after this write. */
function withOwners(
  { resource, manager, context }: Call,
  object: KubeObject,
  { live, given }: { readonly live: KubeObject | undefined; readonly given?: KubeObject },
): KubeObject {
  const { schema, set } = resource
  const { subresource, now } = context
  const reset = resource.reset(subresource) ?? noFields
  const through = subresource === "" ? {} : { subresource }
  const empty = given === undefined || resource.isCustom ? {} : { zeros: zerosBeside(given, resource) }
  return update({ live, object, manager, schema, set, now, reset, ...through, ...empty }).object
}

function withSystemFields(core: Core, { resource, namespace, context }: Call, object: KubeObject): KubeObject {
  const { metadata } = object
  const generateName = metadata.generateName ?? ""
  const isGenerated = (metadata.name ?? "") === "" && generateName !== ""
  // A range without a name is named by its identity.
  const isNameless = !isGenerated && resource.prefix === "limitranges" && (metadata.name ?? "") === ""
  const name = isNameless
    ? uuid(core.random)
    : isGenerated
      ? `${generateName.slice(0, generatedBaseMax)}${suffix(core.random, suffixLength)}`
      : metadata.name
  // The text that the namespace itself has: a hundred thousand objects share it.
  const space = core.storage.get({ prefix: "namespaces", namespace: "", name: namespace })
  const home = resource.namespaced ? { namespace: space?.metadata.name ?? namespace } : {}
  const identity = { uid: uuid(core.random), creationTimestamp: context.now }
  return withMetadata(object, { ...metadata, ...(name === undefined ? {} : { name }), ...home, ...identity })
}

/** Refuses what would be made in a namespace that is not there or is going away. */
function mustHaveNamespace(core: Core, { resource, namespace, name }: Call): void {
  if (!resource.namespaced) return
  const spaces = { prefix: "namespaces", namespace: "", name: namespace }
  const found = core.storage.get(spaces)
  if (found === undefined) {
    const known = core.registry.find("v1", "namespaces")
    if (known !== undefined) throw notFound(known, namespace)
    return
  }
  if (found.metadata.deletionTimestamp === undefined) return
  const { group, resource: plural } = resource.gvr
  const subject = `${plural}${group === "" ? "" : `.${group}`} "${name}"`
  const why = `unable to create new content in namespace ${namespace} because it is being terminated`
  const cause = {
    reason: "NamespaceTerminating",
    message: `namespace ${namespace} is being terminated`,
    field: "metadata.namespace",
  }
  throw new Refusal(403, "Forbidden", `${subject} is forbidden: ${why}`, {
    name,
    group,
    kind: plural,
    causes: [cause],
  })
}

/** The object of a request with the namespace and name of its address; refuses when it says otherwise. */
export function placed(call: Call, object: KubeObject): KubeObject {
  const { resource, namespace, name } = call
  const given = object.metadata.namespace ?? ""
  const home = resource.namespaced ? namespace : ""
  if (given !== "" && given !== home && resource.namespaced) {
    throw badRequest("the namespace of the provided object does not match the namespace sent on the request")
  }
  const called = object.metadata.name ?? ""
  if (name !== "" && called !== "" && called !== name) {
    throw badRequest(`the name of the object (${called}) does not match the name on the URL (${name})`)
  }
  if (given === home) return object
  return withMetadata(object, { ...object.metadata, namespace: home })
}

/** Refuses a new version of an object that has no name. */
export function mustHaveName({ name }: Call, given: string | undefined): void {
  if (given !== undefined && given !== "") return
  throw badRequest(`the name of the object (${name} based on URL) was undeterminable: name must be provided`)
}
