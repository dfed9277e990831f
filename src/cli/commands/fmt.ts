import { type Diagnostic, hasErrors, plural } from "../../base/mod.ts"
import { type Formatted, formatKatalog, partsOf } from "../../katalog/mod.ts"
import type { Command } from "../command.ts"
import { outputFlag } from "../command-spec.ts"
import { exit } from "../exit.ts"
import { katalogPaths } from "../katalog.ts"
import { diagnosticsJson, paint, printDiagnostics } from "../print.ts"
import type { Terminal } from "../terminal.ts"
import { fileFlag } from "./validate.ts"

/** `ork fmt`: rewrites older spellings of a Katalog and of its parts into the canonical form. */
export const fmt: Command = {
  spec: {
    name: "fmt",
    summary: "rewrite Katalogs, Motifs and included files into the canonical form",
    description: [
      "The format was published in several layouts, and all of them run. This moves every key to its canonical place and touches nothing else: comments, order, anchors, quotes and blank lines stay. A file that is canonical is not written. The Katalog means the same before and after; where that is not possible, nothing is written.",
      "A file may be a Katalog, a Motif, or one that a Katalog includes. For a folder it is the Katalog in it, with the Motifs and included files of that Katalog that lie in the folder; others are named and left as they are.",
      "Exit code 0: done, or nothing to do. 1: --check found files that would change. 2: a file is none of these or wrong, and no file was written. 64: the command line is wrong.",
    ],
    examples: [
      { summary: "the Katalog in this folder", command: "ork fmt" },
      { summary: "one Motif", command: "ork fmt motifs/web.yaml" },
      { summary: "show what would change", command: "ork fmt --diff -f katalogs/shop" },
      { summary: "rewrite what comes in, as a filter", command: "ork fmt -f - < katalog.yaml" },
      { summary: "fail in a pipeline when something would change", command: "ork fmt --check" },
    ],
    flags: [
      fileFlag,
      { name: "check", takesValue: false, summary: "write nothing; name the files that would change and exit with 1" },
      { name: "diff", takesValue: false, summary: "write nothing; print what would change as a unified diff" },
      outputFlag("text", "json"),
    ],
    args: [{ name: "path", repeatable: true, complete: "file", summary: "the same as --file" }],
  },
  async run(terminal, parsed) {
    const parts = katalogPaths(parsed).map((path) => partsOf(terminal.files, path))
    const paths = [...new Set(parts.flatMap((part) => part.paths))]
    const elsewhere = new Set(parts.flatMap((part) => part.elsewhere).filter((path) => !paths.includes(path)))
    const results = paths.map((path) => formatKatalog(terminal.files, path))
    const problems = results.flatMap((result) => (result.ok ? [] : result.error))
    const files = results.flatMap((result) => (result.ok ? [result.value] : []))
    const changed = files.filter((file) => file.before !== file.after)
    const mode: Mode = { check: parsed.has("check"), diff: parsed.has("diff") }
    const failed = hasErrors(problems)
    if (!failed && !mode.check && !mode.diff)
      for (const file of changed) if (file.path !== "-") terminal.replaceFile(file.path, file.after)
    const diffs = new Map<Formatted, string>()
    if (mode.diff) for (const file of changed) diffs.set(file, await unifiedDiff(file))
    if (parsed.text("output") === "json") {
      terminal.out(`${JSON.stringify(asJson(problems, files, diffs), null, 2)}\n`)
    } else if (failed) terminal.err(printDiagnostics(problems, "text"))
    else if (mode.diff) for (const diff of diffs.values()) terminal.out(diff)
    else if (mode.check) for (const file of changed) terminal.out(`${file.path}\n`)
    else if (files.some(({ path }) => path === "-")) for (const file of files) terminal.out(file.after)
    else report(terminal, changed)
    for (const path of elsewhere)
      terminal.err(`${path} lies in another folder and is not touched; to format it: ork fmt ${path}\n`)
    if (failed) return exit.katalog
    return mode.check && changed.length > 0 ? exit.failed : exit.fine
  },
}

interface Mode {
  readonly check: boolean
  readonly diff: boolean
}

function report(terminal: Terminal, changed: readonly Formatted[]): void {
  const ok = paint("✓", "green", terminal.outColour)
  for (const file of changed) {
    terminal.out(`${ok} ${file.path}: ${plural(file.diagnostics.length, "spelling")} rewritten\n`)
  }
  if (changed.length === 0) terminal.out(`${ok} nothing to rewrite\n`)
}

async function unifiedDiff({ path, before, after }: Formatted): Promise<string> {
  // Loaded when it is asked for: every other command starts without it.
  const { createTwoFilesPatch, FILE_HEADERS_ONLY } = await import("diff")
  const options = { context: 3, headerOptions: FILE_HEADERS_ONLY }
  return createTwoFilesPatch(path, path, before, after, undefined, "canonical", options)
}

function asJson(
  problems: readonly Diagnostic[],
  files: readonly Formatted[],
  diffs: ReadonlyMap<Formatted, string>,
): unknown {
  const asFile = (file: Formatted) => {
    const diff = diffs.get(file)
    return { file: file.path, changed: file.before !== file.after, ...(diff !== undefined && { diff }) }
  }
  return { ...(diagnosticsJson(problems) as object), files: files.map(asFile) } // made by us a line before: an object
}
