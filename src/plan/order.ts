import { err, ok, type Result } from "../base/mod.ts"

interface Node {
  readonly name: string
  readonly dependsOn: readonly { readonly name: string }[]
}

/** Dependencies before dependents, else in the given order; or the cycle as a path, its first name repeated at the end. */
export function dependencyOrder<T extends Node>(nodes: readonly T[]): Result<readonly T[], readonly string[]> {
  const byName = new Map(nodes.map((node) => [node.name, node]))
  const done = new Set<T>()
  for (const root of nodes) {
    if (done.has(root)) continue
    // Which dependency of each node on the way comes next. No recursion: a chain of thousands would use up the stack.
    const way = new Map([[root, 0]])
    const stack = [root]
    for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
      const next = way.get(top) ?? 0
      const link = top.dependsOn[next]
      if (link === undefined) {
        done.add(top)
        way.delete(top)
        stack.pop()
        continue
      }
      way.set(top, next + 1)
      const dependency = byName.get(link.name)
      if (dependency === undefined || done.has(dependency)) continue
      if (way.has(dependency)) return err([...stack.slice(stack.indexOf(dependency)), dependency].map(nameOf))
      way.set(dependency, 0)
      stack.push(dependency)
    }
  }
  return ok([...done])
}

function nameOf({ name }: Node): string {
  return name
}
