/** Writes src/apiserver/data: what a real API server serves, and the schemas and table columns of it. */
import { rmSync } from "node:fs"
import { join } from "node:path"
import { kubernetesVersion } from "../tests/cluster/build.ts"
import { ControlPlane, stopControlPlane } from "../tests/cluster/control-plane.ts"
import { readBootstrap } from "./apiserver-bootstrap.ts"
import { type Known, learnDefaults } from "./apiserver-defaults.ts"
import { readResources } from "./apiserver-resources.ts"
import {
  definitionOf,
  descriptionsOf,
  type Json,
  reachable,
  readDefinitions,
  renderSchemas,
  type Schema,
  sorted,
} from "./openapi.ts"

const folder = join(import.meta.dir, "../src/apiserver/data")

async function writeSchemas(
  plane: ControlPlane,
  kindsByVersion: ReadonlyMap<string, readonly string[]>,
): Promise<Pick<Known, "definitions" | "kinds">> {
  let all: Schema = {}
  const kinds: Record<string, Json> = {}
  for (const [version, names] of kindsByVersion) {
    const definitions = await readDefinitions(plane, version)
    all = { ...all, ...definitions }
    for (const kind of names) {
      const found = definitionOf(definitions, version, kind)
      if (found !== undefined) kinds[`${version}/${kind}`] = found
    }
  }
  const definitions = reachable(all, Object.values(kinds).map(String), { keepsBeside: true })
  const text = renderSchemas(kubernetesVersion, sorted(kinds), definitions)
  await Bun.write(join(folder, "schemas.json"), text)
  // Compressed and as text: half a megabyte of prose that only `kubectl explain` wants.
  const prose = JSON.stringify(descriptionsOf(all, Object.keys(definitions)))
  await Bun.write(join(folder, "descriptions.txt"), Buffer.from(Bun.gzipSync(prose)).toString("base64"))
  console.log(
    `${Object.keys(kinds).length} kinds, ${Object.keys(definitions).length} definitions, ${text.length} bytes`,
  )
  return { definitions, kinds }
}

async function writeDefaults(plane: ControlPlane, known: Known): Promise<void> {
  const { text, problems, answers } = await learnDefaults(plane, known)
  if (problems.length > 0)
    throw new Error(`what the server does with these has no explanation:\n${problems.join("\n")}`)
  await Bun.write(join(folder, "defaults.json"), text)
  const lines = answers.map((answer) => JSON.stringify(answer))
  await Bun.write(join(import.meta.dir, "../tests/unit/apiserver/builtin-answers.json"), `[\n${lines.join(",\n")}\n]\n`)
}

const plane = await ControlPlane.startOwned({})
try {
  await Bun.write(join(folder, "bootstrap.json"), await readBootstrap(plane))
  const served = await readResources(plane)
  await Bun.write(join(folder, "resources.json"), served.text)
  const known = await writeSchemas(plane, served.kindsByVersion)
  await writeDefaults(plane, { ...known, paths: served.paths })
} finally {
  await stopControlPlane(plane.dir)
  rmSync(plane.dir, { recursive: true, force: true })
}
