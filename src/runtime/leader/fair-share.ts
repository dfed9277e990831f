/** What a process should do: leases to keep, and free ones to try for. What it holds beside these it gives up. */
export interface Share {
  readonly keep: ReadonlySet<string>
  readonly take: ReadonlySet<string>
}

/**
 * The share of `identity` when `leases`, each with who holds it, are spread evenly over `members`; a pure function of
 * what everybody can see.
 *
 * Nobody keeps more than the rounded-up share, and nobody more than the rounded-down one while somebody has less than
 * that. Free leases are tried for in an order of each process's own, so that those who start together do not all run
 * for the same one.
 */
export function fairShare(
  identity: string,
  members: readonly string[],
  leases: ReadonlyMap<string, string | undefined>,
): Share {
  const all = new Set([...members, identity])
  const most = Math.ceil(leases.size / all.size)
  const least = Math.floor(leases.size / all.size)
  const count = new Map([...all].map((member) => [member, 0]))
  for (const holder of leases.values()) {
    if (holder !== undefined && all.has(holder)) count.set(holder, (count.get(holder) ?? 0) + 1)
  }
  const somebodyShort = [...count].some(([member, held]) => member !== identity && held < least)
  const mine = [...leases].filter(([, holder]) => holder === identity).map(([name]) => name)
  const limit = somebodyShort && mine.length > least ? Math.max(least, mine.length - 1) : most
  const keep = new Set(mine.slice(0, Math.min(limit, most)))
  const free = [...leases].filter(([, holder]) => holder === undefined).map(([name]) => name)
  const rank = [...all].sort().indexOf(identity)
  const start = free.length === 0 ? 0 : Math.floor((rank * free.length) / all.size)
  const order = [...free.slice(start), ...free.slice(0, start)]
  return { keep, take: new Set(order.slice(0, Math.max(0, most - keep.size))) }
}
