import { err, ok, type Result } from "../base/mod.ts"

interface Node {
  readonly name: string
  readonly dependsOn: readonly { readonly name: string }[]
}

/** Dependencies before dependents, else in the given order; or the cycle as a path, its first name repeated at the end. */
export function dependencyOrder<T extends Node>(nodes: readonly T[]): Result<readonly T[], readonly string[]> {
  const byName = new Map(nodes.map((node) => [node.name, node]))
  const done = new Set<string>()
  const ordered: T[] = []
  const visit = (node: T, path: readonly string[]): readonly string[] | undefined => {
    if (done.has(node.name)) return undefined
    if (path.includes(node.name)) return [...path.slice(path.indexOf(node.name)), node.name]
    for (const { name } of node.dependsOn) {
      const dependency = byName.get(name)
      const cycle = dependency && visit(dependency, [...path, node.name])
      if (cycle) return cycle
    }
    done.add(node.name)
    ordered.push(node)
    return undefined
  }
  for (const node of nodes) {
    const cycle = visit(node, [])
    if (cycle) return err(cycle)
  }
  return ok(ordered)
}
