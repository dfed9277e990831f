import { isNewer, type ObjectKey } from "../kube/mod.ts"

/** What templates see of an Event. */
export type EventValue = Readonly<Record<string, unknown>>

interface Held {
  readonly value: EventValue
  readonly version: string | undefined
  /** In the order of arrival. */
  readonly arrived: number
}

/** Events that are kept for one name and one custom resource; the oldest give way. */
export const heldMax = 100

/** The place of Events that concern every custom resource. */
const everybody = "*"

/**
 * The Events that concern each custom resource, by the name under which the Katalog asks for them, as long as the cluster
 * has them.
 *
 * In memory. Bounded by the custom resources and names, with `heldMax` Events each. After a restart all count as new, so
 * that none is lost.
 */
export class EventShelf {
  readonly #held = new Map<string, Map<string, Map<string, Held>>>()
  readonly #places = new Map<string, string>()
  readonly #passed = new Map<ObjectKey, number>()
  #arrivals = 0

  /** The moment after everything that has arrived, for `passed`. */
  get mark(): number {
    return this.#arrivals
  }

  /** Takes an Event in; `cr` undefined: it concerns all. */
  put(
    name: string,
    { id, version, value }: { readonly id: string; readonly version: string | undefined; readonly value: EventValue },
    cr: ObjectKey | undefined,
  ): void {
    this.drop(name, id)
    const place = cr ?? everybody
    const byPlace = this.#held.get(name) ?? new Map<string, Map<string, Held>>()
    const events = byPlace.get(place) ?? new Map<string, Held>()
    this.#held.set(name, byPlace.set(place, events.set(id, { value, version, arrived: ++this.#arrivals })))
    this.#places.set(`${name} ${id}`, place)
    const [oldest] = events.keys()
    if (events.size > heldMax && oldest !== undefined) this.drop(name, oldest)
  }

  /** Lets an Event go that the cluster no longer has. */
  drop(name: string, id: string): void {
    const place = this.#places.get(`${name} ${id}`)
    if (place === undefined) return
    this.#places.delete(`${name} ${id}`)
    const byPlace = this.#held.get(name)
    const events = byPlace?.get(place)
    events?.delete(id)
    if (events?.size === 0) byPlace?.delete(place)
  }

  /** By name, the newest Event of a custom resource that the cluster has. */
  newest(cr: ObjectKey): Readonly<Record<string, EventValue>> {
    return this.#each(cr, (held) => newestOf(held)?.value)
  }

  /** By name, the newest of those that came since the last pass that succeeded. */
  fresh(cr: ObjectKey): Readonly<Record<string, EventValue>> {
    return this.#each(cr, (held) => newestOf(held.filter((one) => this.#isFresh(cr, one)))?.value)
  }

  /** Each of those by itself, the oldest first. */
  eachFresh(cr: ObjectKey): readonly Readonly<Record<string, EventValue>>[] {
    return [...this.#held.keys()]
      .flatMap((name) => this.#of(name, cr).map((held) => ({ name, held })))
      .filter(({ held }) => this.#isFresh(cr, held))
      .sort((a, b) => a.held.arrived - b.held.arrived)
      .map(({ name, held }) => ({ [name]: held.value }))
  }

  /** A pass that began at `mark` has dealt with all that had arrived. */
  passed(cr: ObjectKey, mark: number): void {
    if (this.#held.size > 0) this.#passed.set(cr, mark)
  }

  /** A custom resource is gone. */
  forget(cr: ObjectKey): void {
    this.#passed.delete(cr)
  }

  #isFresh(cr: ObjectKey, { arrived }: Held): boolean {
    return arrived > (this.#passed.get(cr) ?? 0)
  }

  #of(name: string, cr: ObjectKey): readonly Held[] {
    const byPlace = this.#held.get(name)
    return [cr, everybody].flatMap((place) => [...(byPlace?.get(place)?.values() ?? [])])
  }

  #each(cr: ObjectKey, choose: (held: readonly Held[]) => EventValue | undefined): Record<string, EventValue> {
    const found = [...this.#held.keys()].flatMap((name) => {
      const value = choose(this.#of(name, cr))
      return value === undefined ? [] : [[name, value] as const]
    })
    return Object.fromEntries(found)
  }
}

function newestOf(held: readonly Held[]): Held | undefined {
  return held.reduce<Held | undefined>(
    (best, one) => (best && !isNewer(one.version, best.version) ? best : one),
    undefined,
  )
}
