/**
 * Interactions that are kept as text, in `scenarios/`:
 *
 *   === what it is about
 *   > METHOD PATH [&label] [said] [-member]
 *   Header: value
 *   the body, on as many lines as it has
 *
 * `{label.metadata.uid}` is a value of the answer to the request with that label. `said` compares only what is said of
 * an object, since controllers of a real cluster write to it meanwhile. What follows a `-` is compared nowhere.
 */
import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import type { Interaction, Step } from "./interaction.ts"

const folder = join(import.meta.dir, "scenarios")

/** Everything in the folder. */
export const scenarioSuite: readonly Interaction[] = readdirSync(folder)
  .sort()
  .flatMap((file) => interactionsOf(readFileSync(join(folder, file), "utf8")))

function interactionsOf(text: string): readonly Interaction[] {
  return text
    .split(/^=== /m)
    .slice(1)
    .map((part) => {
      const [title = "", ...requests] = part.trimEnd().split(/\n> /)
      const labels = requests.map((request) => /^.* &(\w+)/.exec(request)?.[1])
      const numbered = (step: string) =>
        step.replace(/\{([a-z]\w*)\./g, (all, label) => (labels.includes(label) ? `{${labels.indexOf(label)}.` : all))
      return { name: `scenario: ${title}`, steps: requests.map((request) => stepOf(numbered(request))) }
    })
}

function stepOf(request: string): Step {
  const [first = "", ...lines] = request.split("\n")
  const [method = "", path = "", ...words] = first.split(" ")
  const end = lines.findIndex((line) => !/^[A-Z][A-Za-z-]*: /.test(line))
  const heads = new Map(
    lines.slice(0, end === -1 ? undefined : end).map((line) => line.split(": ", 2) as [string, string]),
  ) // a line has both
  const body = end === -1 ? undefined : lines.slice(end).join("\n")
  const ignored = words.find((word) => word.startsWith("-"))
  const [type, accept] = [heads.get("Content-Type"), heads.get("Accept")]
  return {
    ...{ method, path },
    ...(body === undefined ? {} : { body }),
    ...(type === undefined ? {} : { type }),
    ...(accept === undefined ? {} : { accept }),
    ...(/[?&]watch=(?:1|true)|\/watch\//.test(path) ? { isWatch: true } : {}),
    ...(ignored === undefined ? {} : { ignore: ignored.slice(1) }),
    ...(words.includes("said") ? { only: ["code", "reason", "message", "causes"] } : {}),
  }
}
