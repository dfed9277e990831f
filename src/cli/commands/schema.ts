import { schemaText } from "../../katalog/mod.ts"
import type { Command } from "../command.ts"
import type { ArgSpec } from "../command-spec.ts"
import { exit } from "../exit.ts"

const kindArg: ArgSpec = {
  name: "kind",
  values: ["Katalog", "Motif"],
  otherwise: "other kinds are not supported yet",
  summary: "a kind of file; Katalog without it",
}

/** `ork schema`: the JSON Schema of a kind of file, for editors. */
export const schema: Command = {
  spec: {
    name: "schema",
    summary: "print the JSON Schema of a kind of file",
    description: [
      "Editors that know JSON Schema complete and check Katalogs and Motifs with it. Write it beside your Katalogs and name it in a first line: # yaml-language-server: $schema=katalog.schema.json",
      "The schema describes the canonical form; older layouts run too, and ork fmt rewrites them. ork validate finds more than a schema can say.",
    ],
    examples: [
      { summary: "keep the schema beside your Katalogs", command: "ork schema > katalog.schema.json" },
      { summary: "the same, by name", command: "ork schema Katalog" },
      { summary: "the schema of Motifs", command: "ork schema Motif > motif.schema.json" },
    ],
    flags: [],
    args: [kindArg],
  },
  async run(terminal, parsed) {
    terminal.out(schemaText(parsed.positionals[0] === "Motif" ? "Motif" : "Katalog"))
    return exit.fine
  },
}
