import type { KubeObject } from "./object.ts"

/** True when `name` holds the object. */
export function hasFinalizer(object: KubeObject, name: string): boolean {
  return object.metadata.finalizers?.includes(name) ?? false
}

/** The object held by `name` as well; the same object when it already is. */
export function withFinalizer(object: KubeObject, name: string): KubeObject {
  if (hasFinalizer(object, name)) return object
  return { ...object, metadata: { ...object.metadata, finalizers: [...(object.metadata.finalizers ?? []), name] } }
}

/** The object no longer held by `name`; the same object when it was not. The list goes with its last entry. */
export function withoutFinalizer(object: KubeObject, name: string): KubeObject {
  if (!hasFinalizer(object, name)) return object
  const { finalizers = [], ...metadata } = object.metadata
  const rest = finalizers.filter((finalizer) => finalizer !== name)
  return { ...object, metadata: rest.length === 0 ? metadata : { ...metadata, finalizers: rest } }
}
