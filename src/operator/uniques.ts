import { getPath, type KubeObject, parsePath } from "../kube/mod.ts"
import { uniqueKey } from "../plan/mod.ts"

/** Name of the index over the values at `path` of the custom resources. */
export function uniqueIndex(path: string): string {
  return `unique ${path}`
}

/** The indexes that answer whether a value is unique, by name. */
export function uniqueIndexes(
  paths: readonly string[],
): Readonly<Record<string, (cr: KubeObject) => readonly string[]>> {
  return Object.fromEntries(
    paths.map((path) => {
      const steps = parsePath(path)
      return [uniqueIndex(path), (cr) => [uniqueKey(getPath(cr, steps))].filter((key) => key !== undefined)]
    }),
  )
}
