import { schemaKinds, schemaText } from "../../katalog/mod.ts"
import type { Command } from "../command.ts"
import type { ArgSpec } from "../command-spec.ts"
import { exit } from "../exit.ts"

const kindArg: ArgSpec = {
  name: "kind",
  values: schemaKinds,
  otherwise: "these are the kinds of files that ork knows",
  summary: "a kind of file; Katalog without it",
}

/** `ork schema`: the JSON Schema of a kind of file, for editors. */
export const schema: Command = {
  spec: {
    name: "schema",
    summary: "print the JSON Schema of a kind of file",
    description: [
      "Editors that know JSON Schema complete and check Katalogs, Motifs and the other files with it. Write it beside your Katalogs and name it in a first line: # yaml-language-server: $schema=katalog.schema.json",
      "The schema describes the canonical form; older layouts run too, and ork fmt rewrites them. ork validate finds more than a schema can say.",
    ],
    examples: [
      { summary: "keep the schema beside your Katalogs", command: "ork schema > katalog.schema.json" },
      { summary: "the same, by name", command: "ork schema Katalog" },
      { summary: "the schema of Motifs", command: "ork schema Motif > motif.schema.json" },
      { summary: "of tests", command: "ork schema E2E > e2e.schema.json" },
    ],
    flags: [],
    args: [kindArg],
  },
  async run(terminal, parsed) {
    const [named] = parsed.positionals
    terminal.out(schemaText(schemaKinds.find((kind) => kind === named) ?? "Katalog"))
    return exit.fine
  },
}
