/** A short stable hash (base 36) of a text. For names and change detection, not for security. */
export function shortHash(text: string): string {
  let a = 0x811c9dc5
  let b = 0x9e3779b9
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i)
    a = Math.imul(a ^ c, 0x01000193)
    b = Math.imul(b ^ c, 0x85ebca6b) ^ (b >>> 13)
  }
  return ((a >>> 0) * 0x200000 + ((b >>> 0) & 0x1fffff)).toString(36).padStart(11, "0")
}

/** `name`, or its beginning and a hash when it is longer than `limit`: different names stay different. */
export function shortenName(name: string, limit: number): string {
  if (name.length <= limit) return name
  const hash = shortHash(name)
  return `${name.slice(0, limit - hash.length - 1).replace(/[^a-zA-Z0-9]+$/, "")}-${hash}`
}

/** Why `name` cannot name an object, or undefined when it can (a DNS-1123 subdomain). */
export function nameProblem(name: string): string | undefined {
  if (name.length === 0) return "is empty"
  if (name.length > 253) return "is longer than 253 characters"
  if (!/^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/.test(name)) {
    return "must be lower-case letters, digits, '-' and '.', and begin and end with a letter or digit"
  }
  return undefined
}
