import type { Gvr, KubeObject } from "../kube/mod.ts"
import { apiVersionOf } from "../kube/mod.ts"
import type { Api, ApiObjectRef, WriteOptions } from "./api.ts"
import { type Call, type Core, contextOf, refOf, systemUser } from "./core.ts"
import { noSuchResource, Refusal } from "./refusal.ts"
import type { Resource } from "./resource.ts"
import { deleteObject } from "./verbs/delete.ts"
import { update } from "./verbs/update.ts"
import { createObject, updateObject } from "./write.ts"

/** The verbs without HTTP, over `core`. */
export function directApi(core: Core): Api {
  const served = (gvr: Gvr): Resource => {
    const resource = core.registry.get(gvr)
    if (resource === undefined) throw noSuchResource()
    return resource
  }
  const call = (resource: Resource, ref: ApiObjectRef, options: WriteOptions): Call => ({
    resource,
    ...ref,
    context: contextOf(core, { user: systemUser, subresource: options.subresource }),
    manager: options.manager,
    options: {},
    warn: () => undefined,
  })
  const shown = (resource: Resource, object: KubeObject): KubeObject => {
    const apiVersion = apiVersionOf(resource.gvr)
    return object.apiVersion === apiVersion ? object : { ...object, apiVersion }
  }
  const admitted: Core = { ...core, admission: undefined }
  const admitting = ({ isAdmitted = false }: { readonly isAdmitted?: boolean }) => (isAdmitted ? admitted : core)
  const refOfObject = ({ metadata }: KubeObject) => ({ namespace: metadata.namespace ?? "", name: metadata.name ?? "" })
  return {
    resources: () => core.registry.all(),
    resource: (gvr) => core.registry.get(gvr),
    get: (gvr, ref) => {
      const resource = served(gvr)
      const object = core.storage.get(refOf({ resource, namespace: ref.namespace }, ref.name))
      return object && shown(resource, object)
    },
    list: (gvr, namespace) => {
      const resource = served(gvr)
      const objects = core.storage.list(resource.prefix, namespace)
      const apiVersion = apiVersionOf(resource.gvr)
      if (objects.every((object) => object.apiVersion === apiVersion)) return objects
      return objects.map((object) => shown(resource, object))
    },
    create: async (gvr, object, options) => {
      const resource = served(gvr)
      const { namespace } = refOfObject(object)
      return createObject(core, call(resource, { namespace, name: "" }, options), { object, isOwned: false })
    },
    update: async (gvr, object, options) => {
      const resource = served(gvr)
      // Nobody owns the choice of a node.
      const next = (live: KubeObject) => {
        const { managedFields = [] } = live.metadata
        return { object: { ...object, metadata: { ...object.metadata, managedFields } }, isOwned: true }
      }
      const own = call(resource, refOfObject(object), options)
      if (options.subresource === "binding") return (await updateObject(admitting(options), own, { next })).object
      return (await update(admitting(options), own, object)).object
    },
    delete: async (gvr, ref, options = {}) => {
      const resource = served(gvr)
      try {
        await deleteObject(admitting(options), call(resource, ref, { manager: "" }), options)
      } catch (error) {
        if (!(error instanceof Refusal && error.code === 404)) throw error
      }
    },
    onChange: (listener) => core.storage.onChange(listener),
  }
}
