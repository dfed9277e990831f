import type { Client } from "../client/api.ts"
import { LeadershipLost } from "./lost.ts"

/**
 * `client` whose writes fail with `LeadershipLost` unless `isLeader` says yes at that moment; reads always pass.
 *
 * A process that slept through its deadline wakes with work in hand, before any timer has told it that its time is over.
 */
export function leaderClient(client: Client, isLeader: () => boolean): Client {
  const only = <Args extends readonly unknown[], T>(write: (...args: Args) => Promise<T>) => {
    return async (...args: Args): Promise<T> => {
      if (!isLeader()) throw new LeadershipLost("the time of the lease is over")
      return await write(...args)
    }
  }
  return {
    get: client.get.bind(client),
    list: client.list.bind(client),
    watch: client.watch.bind(client),
    raw: client.raw.bind(client),
    create: only(client.create.bind(client)),
    update: only(client.update.bind(client)),
    patch: only(client.patch.bind(client)),
    apply: only(client.apply.bind(client)),
    delete: only(client.delete.bind(client)),
    deleteCollection: only(client.deleteCollection.bind(client)),
  }
}
