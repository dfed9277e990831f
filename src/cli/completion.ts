import { assert } from "../base/mod.ts"
import { type CommandSpec, type FlagSpec, flagsOf, helpFlag, spellings, type ValueSpec } from "./command-spec.ts"

/** The shells for which a completion script can be written. */
export const shells = ["bash", "zsh", "fish"] as const

/** One place on the command line: the words that lead there, joined by "/", and what may come next. */
interface Place {
  readonly path: string
  readonly flags: readonly FlagSpec[]
  readonly args: readonly ValueSpec[]
  readonly commands: readonly CommandSpec[]
}

/** A script that completes the commands, flags and values of `ork`, to be evaluated by the shell. */
export function completionScript(shell: (typeof shells)[number], commands: readonly CommandSpec[]): string {
  const root: Place = { path: "", flags: [helpFlag], args: [], commands }
  const places = [root, ...commands.flatMap((command) => placesOf(command, ""))]
  for (const place of places) for (const word of wordsOf(place)) assertPlain(word)
  return { bash, zsh, fish }[shell](places)
}

function placesOf(command: CommandSpec, parent: string): readonly Place[] {
  const path = parent === "" ? command.name : `${parent}/${command.name}`
  const { args = [], subcommands = [] } = command
  const here = { path, flags: flagsOf(command), args, commands: subcommands }
  return [here, ...subcommands.flatMap((sub) => placesOf(sub, path))]
}

function wordsOf(place: Place): readonly string[] {
  const values = [...place.flags, ...place.args].flatMap((spec) => spec.values ?? [])
  return [...place.commands.map((command) => command.name), ...place.flags.flatMap(spellings), ...values]
}

/** Words stand unquoted in the scripts. They are ours, so a special character is our mistake. */
function assertPlain(word: string): void {
  assert(/^[\w.@+/-]+$/.test(word), `not a plain word for a completion script: ${word}`)
}

/** The patterns `path|word` of a shell's `case`, one line per command that leads deeper. */
function steps(places: readonly Place[]): readonly { readonly at: string; readonly to: string }[] {
  return places.flatMap(({ path, commands }) =>
    commands.map(({ name }) => ({ at: `${path}|${name}`, to: path === "" ? name : `${path}/${name}` })),
  )
}

/** The patterns `path|--flag` of each flag that takes a value. */
function valued(places: readonly Place[]): readonly { readonly at: readonly string[]; readonly flag: FlagSpec }[] {
  return places.flatMap(({ path, flags }) =>
    flags.filter((flag) => flag.takesValue).map((flag) => ({ at: spellings(flag).map((s) => `${path}|${s}`), flag })),
  )
}

/** `"run|-f"|"run|--file") body ;;` for bash and zsh. */
function clause(patterns: readonly string[], body: string): string {
  return `    ${patterns.map((pattern) => `"${pattern}"`).join("|")}) ${body} ;;`
}

/** What bash and zsh share: reads the words before the cursor and leaves the command's path in `place`. */
function walk(places: readonly Place[], words: { readonly first: number; readonly end: string; readonly at: string }) {
  const takers = valued(places).flatMap(({ at }) => at)
  return [
    `  for ((i = ${words.first}; i < ${words.end}; i++)); do`,
    `    word="${words.at}"`,
    '    if [[ -n $skip ]]; then [[ $word != "=" ]] && skip=""; continue; fi',
    '    case "$place|$word" in',
    ...(takers.length > 0 ? [clause(takers, 'skip="yes"')] : []),
    ...steps(places).map(({ at, to }) => clause([at], `place="${to}"`)),
    "    esac",
    "  done",
  ]
}

function bash(places: readonly Place[]): string {
  const complete = (spec: ValueSpec) => {
    if (spec.values) return `COMPREPLY=($(compgen -W "${spec.values.join(" ")}" -- "$cur"))`
    return spec.complete ? `_ork_paths ${spec.complete === "file" ? "-f" : "-d"} "$cur"` : ":"
  }
  const lines = [
    "# bash completion for ork. Load it with: source <(ork completion bash)",
    "_ork_paths() {",
    "  local IFS=$'\\n'",
    "  compopt -o filenames 2>/dev/null",
    '  COMPREPLY=($(compgen "$1" -- "$2"))',
    "}",
    "_ork() {",
    '  local cur="${COMP_WORDS[COMP_CWORD]}" prev="${COMP_WORDS[COMP_CWORD-1]}" place="" word="" skip="" i',
    "  COMPREPLY=()",
    "  # bash splits --flag=value at the =",
    '  if [[ $cur == "=" ]]; then cur=""; elif [[ $prev == "=" ]]; then prev="${COMP_WORDS[COMP_CWORD-2]}"; fi',
    ...walk(places, { first: 1, end: "COMP_CWORD", at: "${COMP_WORDS[i]}" }),
    '  case "$place|$prev" in',
    ...valued(places).map(({ at, flag }) => clause(at, `${complete(flag)}; return`)),
    "  esac",
    '  case "$place" in',
    ...places.map((place) => {
      const flags = place.flags.flatMap(spellings).join(" ")
      const words = place.commands.map((command) => command.name)
      const values = place.args.flatMap((arg) => arg.values ?? [])
      const paths = place.args.find((arg) => arg.complete !== undefined)
      const rest = paths ? complete(paths) : complete({ values: [...words, ...values] })
      return `    "${place.path}") if [[ $cur == -* ]]; then ${complete({ values: [flags] })}; else ${rest}; fi ;;`
    }),
    "  esac",
    "}",
    "complete -F _ork ork",
  ]
  return `${lines.join("\n")}\n`
}

function zsh(places: readonly Place[]): string {
  const complete = (spec: ValueSpec) => {
    if (spec.values) return spec.values.length > 0 ? `compadd -- ${spec.values.join(" ")}` : ":"
    return spec.complete ? (spec.complete === "file" ? "_files" : "_files -/") : ":"
  }
  const described = (word: string, summary: string) => quote(`${word.replaceAll(":", "\\:")}:${summary}`)
  const lines = [
    "#compdef ork",
    "# zsh completion for ork. Load it with: source <(ork completion zsh)",
    "_ork() {",
    '  local place="" word="" skip="" prev="${words[CURRENT-1]}" i',
    "  local -a items",
    ...walk(places, { first: 2, end: "CURRENT", at: "${words[i]}" }),
    '  if [[ $PREFIX == --*=* ]]; then prev="${PREFIX%%=*}"; compset -P "*="; fi',
    '  case "$place|$prev" in',
    ...valued(places).map(({ at, flag }) => clause(at, `${complete(flag)}; return`)),
    "  esac",
    '  case "$place" in',
    ...places.flatMap((place) => [
      `    "${place.path}")`,
      "      if [[ $PREFIX == -* ]]; then",
      `        items=(${place.flags.flatMap((flag) => spellings(flag).map((s) => described(s, flag.summary))).join(" ")})`,
      "        _describe -o flag items",
      "      else",
      `        items=(${place.commands.map((command) => described(command.name, command.summary)).join(" ")})`,
      "        (( $#items )) && _describe command items",
      ...place.args.map((arg) => `        ${complete(arg)}`),
      "      fi ;;",
    ]),
    "  esac",
    "}",
    'if [[ $funcstack[1] == _ork ]]; then _ork "$@"; else compdef _ork ork; fi',
  ]
  return `${lines.join("\n")}\n`
}

function fish(places: readonly Place[]): string {
  const takers = valued(places).flatMap(({ at }) => at)
  const at = (place: Place) => `complete -c ork -n "__ork_at '${place.path}'"`
  const value = (spec: ValueSpec) => {
    if (spec.complete === "file") return " -F"
    if (spec.complete === "folder") return " -a '(__fish_complete_directories)'"
    return spec.values ? ` -a ${quote(spec.values.join(" "))}` : ""
  }
  const lines = [
    "# fish completion for ork. Load it with: ork completion fish | source",
    "function __ork_at",
    "  set -l place ''",
    "  set -l skip ''",
    "  set -l tokens (commandline -opc)",
    "  set -e tokens[1]",
    "  for word in $tokens",
    "    if test -n \"$skip\"; set skip ''; continue; end",
    '    switch "$place|$word"',
    ...(takers.length > 0 ? [`      case ${takers.map(quote).join(" ")}`, "        set skip yes"] : []),
    ...steps(places).map((step) => `      case ${quote(step.at)}\n        set place ${quote(step.to)}`),
    "    end",
    "  end",
    '  test "$place" = "$argv[1]"',
    "end",
    "complete -c ork -f",
    ...places.flatMap((place) => [
      ...place.commands.map((command) => `${at(place)} -a ${command.name} -d ${quote(command.summary)}`),
      ...place.flags.map((flag) => {
        const short = flag.short === undefined ? "" : ` -s ${flag.short}`
        // -x: a value, and no file names beside those offered.
        const taken = flag.takesValue ? ` ${flag.complete === "file" ? "-r" : "-x"}${value(flag)}` : ""
        return `${at(place)} -l ${flag.name}${short}${taken} -d ${quote(flag.summary)}`
      }),
      ...place.args.filter((arg) => value(arg) !== "").map((arg) => `${at(place)}${value(arg)}`),
    ]),
  ]
  return `${lines.join("\n")}\n`
}

/** `text` in single quotes, as bash, zsh and fish read them alike. */
function quote(text: string): string {
  assert(!/[\\\n]/.test(text), `not one plain line for a completion script: ${text}`)
  return `'${text.replaceAll("'", "'\\''")}'`
}
