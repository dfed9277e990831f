import type { KubeObject } from "./object.ts"

declare const keyBrand: unique symbol
/** `namespace/name`, or `name` for a cluster-scoped object. Made only here. */
export type ObjectKey = string & { readonly [keyBrand]: true }

/** The key of a name in a namespace ("" or undefined: cluster-scoped). */
export function objectKey(namespace: string | undefined, name: string): ObjectKey {
  return (namespace ? `${namespace}/${name}` : name) as ObjectKey // branded here, its only factory
}

/** The key of a stored object. */
export function keyOf(object: KubeObject): ObjectKey {
  return objectKey(object.metadata.namespace, object.metadata.name ?? "")
}

/** Takes a key apart; `namespace` is undefined for a cluster-scoped object. */
export function splitKey(key: ObjectKey): { readonly namespace: string | undefined; readonly name: string } {
  const slash = key.indexOf("/")
  return slash === -1
    ? { namespace: undefined, name: key }
    : { namespace: key.slice(0, slash), name: key.slice(slash + 1) }
}

/** `Deployment/shop/web`: how messages name an object. */
export function describeObject(object: {
  readonly kind: string
  readonly metadata: { readonly name?: string; readonly namespace?: string }
}): string {
  const { name, namespace } = object.metadata
  return namespace ? `${object.kind}/${namespace}/${name}` : `${object.kind}/${name}`
}
