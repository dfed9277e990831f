/** A value of sixteen digits in a row: what a whole number beyond 2^53 has at least. */
const long = /[:[,]\s*-?[1-9]\d{15}/

/**
 * `JSON.parse`, except that a whole number beyond 2^53, which JavaScript would change, becomes the text of its digits:
 * so it is carried on as it was written, and refused where only a number would do. Throws `SyntaxError`.
 */
export function parseJson(text: string): unknown {
  return long.test(text) ? JSON.parse(text, exact) : JSON.parse(text)
}

function exact(_key: string, value: unknown, { source }: { readonly source?: string } = {}): unknown {
  const isChanged = typeof value === "number" && Number.isInteger(value) && !Number.isSafeInteger(value)
  return isChanged && source !== undefined && /^-?\d+$/.test(source) ? source : value
}
