import { hpa, node, pvc, warnings } from "./capacity.ts"
import { access, collections } from "./collections.ts"
import { conditional, logic } from "./conditional.ts"
import { cron } from "./cron.ts"
import { encodings } from "./data.ts"
import { dates } from "./dates.ts"
import type { FunctionDef, FunctionDoc } from "./define.ts"
import { type Example, exampleOf } from "./examples.ts"
import { ingress, service } from "./exposure.ts"
import { cronJob, jobs } from "./jobs.ts"
import { math, quantitative } from "./math.ts"
import { network } from "./network.ts"
import { objects, replication } from "./objects.ts"
import { paths } from "./paths.ts"
import { pods } from "./pods.ts"
import { printing } from "./print.ts"
import { randomness } from "./random.ts"
import { regex } from "./regex.ts"
import { prometheus, serve } from "./signals.ts"
import { strings } from "./strings.ts"
import { moreLists, texts } from "./texts.ts"
import { time } from "./time.ts"
import { types } from "./types.ts"
import { validation } from "./validation.ts"
import { versions } from "./versions.ts"
import { container, replicaSet, statefulSet } from "./workloads.ts"

const all: readonly FunctionDef[] = [
  ...logic,
  ...access,
  ...printing,
  ...conditional,
  ...types,
  ...strings,
  ...texts,
  ...regex,
  ...encodings,
  ...math,
  ...quantitative,
  ...collections,
  ...moreLists,
  ...randomness,
  ...validation,
  ...objects,
  ...replication,
  ...replicaSet,
  ...statefulSet,
  ...container,
  ...pods,
  ...jobs,
  ...cronJob,
  ...service,
  ...ingress,
  ...hpa,
  ...pvc,
  ...node,
  ...warnings,
  ...prometheus,
  ...serve,
  ...cron,
  ...time,
  ...dates,
  ...versions,
  ...network,
  ...paths,
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

/** A function as the catalogue shows it. */
export interface CatalogueEntry extends FunctionDoc {
  /** A template over the sample objects, and what it yields. */
  readonly example: Example
}

/** Every function of the language: the one source for documents, editors and tests. */
export const functionCatalogue: readonly CatalogueEntry[] = all.map(
  ({ name, family, signature, description, purity, aliasOf }) => ({
    name,
    family,
    signature,
    description,
    purity,
    ...(aliasOf === undefined ? {} : { aliasOf }),
    // Read when it is asked for: most runs never print the catalogue.
    get example() {
      return exampleOf(name, aliasOf)
    },
  }),
)
