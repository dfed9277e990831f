import type { Fault } from "./fault.ts"

const words: Readonly<Record<string, Omit<Fault, "code">>> = {
  TAB_AS_INDENT: { message: "tabs cannot indent YAML", help: "indent with spaces" },
  BAD_INDENT: { message: "the indentation does not fit the lines around it", help: "align it with its neighbours" },
  MISSING_CHAR: {
    message: "a character is missing here",
    help: "close the quote or bracket, or put a space after ':'",
  },
  MULTILINE_IMPLICIT_KEY: { message: "a key must stand on one line", help: "check the line above for a missing ':'" },
  BLOCK_AS_IMPLICIT_KEY: {
    message: "nested maps cannot stand on one line",
    help: "put the value in quotes, or indent this line and the next alike",
  },
  BAD_ALIAS: {
    message: "the name of an alias or anchor is not usable here",
    help: "put a text that begins with * or & in quotes",
  },
  BAD_DQ_ESCAPE: {
    message: "unknown escape in a double-quoted text",
    help: "write \\\\ for a backslash, or use single quotes",
  },
  BAD_SCALAR_START: { message: "a plain text cannot begin with this character", help: "put the text in quotes" },
  BLOCK_IN_FLOW: { message: "block style cannot stand inside brackets", help: "use only { } and [ ] inside brackets" },
  BAD_COLLECTION_TYPE: { message: "the tag does not fit the value", help: "remove the tag" },
  TAG_RESOLVE_FAILED: { message: "unknown YAML tag", help: "remove the tag; put a text that begins with ! in quotes" },
}

const openBracket = { message: "this bracket is not closed", help: "close it with ] or }" }
const openQuote = { message: "this quote is not closed", help: "close it at the end of the text" }

const innerQuote = {
  message: "the quote ended inside of a template",
  help: `put single quotes around the template: '{{ .spec.tag | default "latest" }}'`,
}

/** What the parser says, and the part of the line before that place. */
interface Complaint {
  readonly code: string
  readonly message: string
  readonly before: string
}

/** The parser's complaint in our words: code ORK0102. */
export function yamlFault({ code, message, before }: Complaint): Fault {
  const isInTemplate = before.lastIndexOf("{{") > before.lastIndexOf("}}")
  if (code === "UNEXPECTED_TOKEN" && isInTemplate && before.includes('"')) return { code: "ORK0102", ...innerQuote }
  const isBracket = message.includes("must end with") || (code === "BAD_INDENT" && message.startsWith("Flow"))
  const isQuote = message.startsWith("Missing closing")
  const known = isBracket ? openBracket : isQuote ? openQuote : words[code]
  if (known !== undefined) return { code: "ORK0102", ...known }
  const first = message.split("\n")[0] ?? ""
  const said = `${first.charAt(0).toLowerCase()}${first.slice(1).replace(/\.$/, "")}`
  return { code: "ORK0102", message: said, help: "check the quotes, brackets and commas before this place" }
}
