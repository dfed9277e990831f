/** Writes docs/reference/functions.md from the catalogue of functions. A test sees to it that the page is in step. */
import { join } from "node:path"
import { type CatalogueEntry, functionCatalogue, samples } from "../src/template/mod.ts"

/** The page, whole. */
export function functionsPage(): string {
  const families = Map.groupBy(functionCatalogue, (entry) => entry.family)
  return `# Functions of templates

<!-- Written by scripts/generate-functions.ts from the catalogue that runs them. Do not edit. -->

The ${functionCatalogue.length} functions that a template can call. \`ork notes\` prints the same, \`ork notes search WORD\` finds, \`ork notes show NAME\` explains one.

- **Piped values.** Where a function names its subject first (\`trimSuffix(text, suffix)\`), a piped value is the subject: \`{{ .spec.host | trimSuffix "/" }}\`. In all others it is the last argument, as in Go.
- **Missing values** are nothing: empty as text, an empty list or map where one is expected. A missing number is an error; give it a \`default\`.
- **Purity.** \`clock\` functions read the time, which is the same for one whole pass. \`random\` functions are allowed only where an object is made once.
- **YAML and JSON in texts.** \`fromYaml\`, \`asList\` and \`asMap\` read texts of at most 65,536 characters, within the bounds of nests and aliases.
- **Regular expressions** are RE2, so the time they take is bounded; texts have at most 10,000 characters.
- **Examples** read the objects at the end of this page; the time is 2026-01-02T03:04:05Z.

Families: ${[...families.keys()].map((family) => `[${family}](#${family})`).join(", ")}.

${[...families].map(([family, entries]) => section(family, entries)).join("\n")}
## The objects of the examples

\`\`\`json
${JSON.stringify(samples, null, 2)}
\`\`\`
`
}

function section(family: string, entries: readonly CatalogueEntry[]): string {
  const rows = entries.map((entry) => {
    const meaning = entry.aliasOf === undefined ? entry.description : `the same as \`${entry.aliasOf}\``
    const purity = entry.purity === "pure" ? "" : ` (${entry.purity})`
    return `| ${code(entry.signature)} | ${cell(meaning)}${purity} | ${code(entry.example.template)} | ${code(JSON.stringify(entry.example.result) ?? "nothing")} |`
  })
  return `## ${family}

| function | meaning | example | result |
| --- | --- | --- | --- |
${rows.join("\n")}
`
}

function code(text: string): string {
  return `\`${cell(text)}\``
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|")
}

if (import.meta.main) await Bun.write(join(import.meta.dir, "../docs/reference/functions.md"), functionsPage())
