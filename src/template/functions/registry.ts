import { access, collections } from "./collections.ts"
import { conditional, logic } from "./conditional.ts"
import { cron } from "./cron.ts"
import { encodings } from "./data.ts"
import type { FunctionDef, FunctionDoc } from "./define.ts"
import { math, quantitative } from "./math.ts"
import { network } from "./network.ts"
import { objects, replication } from "./objects.ts"
import { printing } from "./print.ts"
import { randomness } from "./random.ts"
import { strings } from "./strings.ts"
import { time } from "./time.ts"
import { types } from "./types.ts"
import { validation } from "./validation.ts"
import { versions } from "./versions.ts"

const all: readonly FunctionDef[] = [
  ...logic,
  ...access,
  ...printing,
  ...conditional,
  ...types,
  ...strings,
  ...encodings,
  ...math,
  ...quantitative,
  ...collections,
  ...randomness,
  ...validation,
  ...objects,
  ...replication,
  ...cron,
  ...time,
  ...versions,
  ...network,
]

const byName: ReadonlyMap<string, FunctionDef> = new Map(all.map((def) => [def.name, def]))

/** The function of this name, if there is one. */
export function functionByName(name: string): FunctionDef | undefined {
  return byName.get(name)
}

/** All names, in the order of the catalogue. */
export function functionNames(): Iterable<string> {
  return byName.keys()
}

/** Every function of the language: the one source for documents, editors and tests. */
export const functionCatalogue: readonly FunctionDoc[] = all.map(
  ({ name, family, signature, description, purity }) => ({
    name,
    family,
    signature,
    description,
    purity,
  }),
)
