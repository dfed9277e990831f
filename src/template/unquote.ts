import { syntaxProblem } from "./problem.ts"

const simple: Readonly<Record<string, string>> = {
  a: "\x07",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
  "\\": "\\",
  '"': '"',
  "'": "'",
}

/** The text behind the inside of a quoted Go string; `offset` is where it stands. Throws `SyntaxProblem`. */
export function unquote(body: string, offset: number): string {
  if (!body.includes("\\")) return body
  let out = ""
  for (let at = 0; at < body.length; at++) {
    const c = body.charAt(at)
    if (c !== "\\") {
      out += c
      continue
    }
    const pattern = /\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-7]{3}))/y
    pattern.lastIndex = at
    const coded = pattern.exec(body)
    const code = coded ? codePoint(coded) : -1
    const plain = simple[body.charAt(at + 1)]
    if (coded && code >= 0 && code <= 0x10ffff) {
      out += String.fromCodePoint(code)
      at += coded[0].length - 1
    } else if (!coded && plain !== undefined) {
      out += plain
      at++
    } else {
      syntaxProblem(
        `unknown escape ${JSON.stringify(body.slice(at, at + 2))} in a text`,
        offset + at,
        offset + at + 2,
        "use back-ticks for text without escapes",
      )
    }
  }
  return out
}

function codePoint(match: RegExpExecArray): number {
  const hex = match[1] ?? match[2] ?? match[3]
  return hex === undefined ? Number.parseInt(match[4] ?? "", 8) : Number.parseInt(hex, 16)
}
