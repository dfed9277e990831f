/** Randomness as an argument. */
export interface Random {
  /** A number in [0, 1). */
  next(): number
}

/** A repeatable generator (mulberry32): the same seed gives the same sequence. Not for secrets. */
export function seeded(seed: number): Random {
  let state = seed >>> 0
  return {
    next() {
      state = (state + 0x6d2b79f5) >>> 0
      let t = state
      t = Math.imul(t ^ (t >>> 15), t | 1)
      t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
      return ((t ^ (t >>> 14)) >>> 0) / 4294967296
    },
  }
}

/** `count` characters of Kubernetes' suffix alphabet (no vowels, no lookalikes). */
export function suffix(random: Random, count: number): string {
  const alphabet = "bcdfghjklmnpqrstvwxz2456789"
  let text = ""
  for (let i = 0; i < count; i++) text += alphabet[Math.floor(random.next() * alphabet.length)]
  return text
}
