import { type Clock, Lru, ms } from "../base/mod.ts"

/** Children of which something is remembered; most never are. */
const childrenMax = 1_000
const pathsMax = 20
const windowMs = ms("10m")
/** Somebody who sets the same value again and again is a program that wants it: so often, or for so long. */
const sameValueMax = 20
const slowValueMax = 10
const slowMs = ms("2m")
/** Somebody who always sets another value may be a person who tries things out. */
const anyValueMax = 100

/** One field that was taken back from somebody. */
export interface Correction {
  readonly path: string
  readonly by: string
  /** What they had set. */
  readonly value: string
}

/** A field that two parties want: who the other one is, and how often it was taken back before we gave way. */
export interface Contest {
  readonly by: string
  readonly count: number
  readonly lastedMs: number
}

interface Fight {
  readonly corrections: { readonly atMs: number; readonly by: string; readonly value: string }[]
  readonly lost: Contest | undefined
  /** Since it was lost, their value was seen and left alone: what is ours now is so because they gave it back. */
  isLeft: boolean
}

/**
 * Fields that somebody sets back as often as we set them. After a while we give way, until the declared object changes
 * or the other one does.
 *
 * In memory and bounded: after a restart the fight is counted anew.
 */
export class Contests {
  readonly #clock: Clock
  readonly #children = new Lru<string, { readonly intent: string; readonly fights: Map<string, Fight> }>(childrenMax)

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Notes what was taken back. */
  corrected(child: string, intent: string, corrections: readonly Correction[]): void {
    const known = this.#children.get(child)
    const fights = known?.intent === intent ? known.fights : new Map<string, Fight>()
    const nowMs = this.#clock.steadyMs()
    for (const { path, by, value } of corrections) {
      const before = fights.get(path)?.corrections.filter(({ atMs }) => atMs > nowMs - windowMs) ?? []
      const all = [...before, { atMs: nowMs, by, value }].slice(-anyValueMax)
      const same = all.filter((one) => one.by === by && one.value === value)
      const sameMs = nowMs - (same[0]?.atMs ?? nowMs)
      const isWanted = same.length >= sameValueMax || (same.length >= slowValueMax && sameMs >= slowMs)
      const count = isWanted ? same.length : all.length >= anyValueMax ? all.length : 0
      const lost = count > 0 ? { by, count, lastedMs: nowMs - (all[0]?.atMs ?? nowMs) } : undefined
      if (fights.has(path) || fights.size < pathsMax) fights.set(path, { corrections: all, lost, isLeft: false })
    }
    this.#children.set(child, { intent, fights })
  }

  /** The contested ones among `paths`, which differ now. One that was left to them and does not differ is settled. */
  of(child: string, intent: string, paths: readonly string[]): ReadonlyMap<string, Contest> {
    const known = this.#children.get(child)
    if (!known) return new Map()
    if (known.intent !== intent) this.#children.delete(child)
    if (known.intent !== intent) return new Map()
    for (const [path, { isLeft }] of known.fights) if (isLeft && !paths.includes(path)) known.fights.delete(path)
    const contested = new Map<string, Contest>()
    for (const path of paths) {
      const fight = known.fights.get(path)
      if (!fight?.lost) continue
      fight.isLeft = true
      contested.set(path, fight.lost)
    }
    return contested
  }
}
