import { nameProblem } from "../../kube/mod.ts"
import { kindOf, text } from "../values.ts"
import { Family } from "./define.ts"

const family = new Family("validation")
const textMax = 4096

function check(name: string, what: string, test: (text: string) => boolean): void {
  family.fixed(`${name}(text) bool`, `whether text is ${what}`, (run, value) => {
    if (kindOf(value) === "list" || kindOf(value) === "map") return false
    const spelled = text(value, run)
    // Nothing that is checked here is longer; the bound keeps the patterns quick.
    return spelled.length <= textMax && test(spelled)
  })
}

const labelName = /^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/
const imageReference =
  /^(?:[a-zA-Z0-9.-]+(?::\d+)?\/)?[a-z0-9]+(?:[._-]+[a-z0-9]+)*(?:\/[a-z0-9]+(?:[._-]+[a-z0-9]+)*)*(?::\w[\w.-]{0,127})?(?:@[a-z0-9]+:[a-fA-F0-9]{32,})?$/

check("isValidEmail", "an e-mail address", (s) => /^[^\s@<>()]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+$/.test(s))
check(
  "isValidURL",
  "a URL with a scheme and a host",
  (s) => /^[a-z][a-z0-9+.-]*:\/\/[^\s/]+/i.test(s) && URL.canParse(s),
)
check("isValidPort", "a port from 1 to 65535", (s) => /^\d{1,5}$/.test(s) && Number(s) >= 1 && Number(s) <= 65_535)
check("isValidJSON", "JSON", (s) => isJson(s))
check("isValidImageRef", "a container image reference", (s) => imageReference.test(s))
check("isValidGitRepository", "the address of a git repository", (s) =>
  /^(?:(?:https?|ssh|git):\/\/[^\s/]+\/\S+|[\w.-]+@[\w.-]+:\S+)$/.test(s),
)
check("isDNS1123Subdomain", "a DNS-1123 subdomain", (s) => nameProblem(s) === undefined)
check("isValidLabelKey", "a label key", (s) => isQualifiedName(s))
check("isValidLabelValue", "a label value", (s) => s === "" || labelName.test(s))
check("isValidAnnotationKey", "an annotation key", (s) => isQualifiedName(s))

function isJson(s: string): boolean {
  try {
    JSON.parse(s)
    return true
  } catch {
    return false // the answer that was asked for
  }
}

function isQualifiedName(s: string): boolean {
  const slash = s.indexOf("/")
  if (slash === -1) return labelName.test(s)
  return nameProblem(s.slice(0, slash)) === undefined && labelName.test(s.slice(slash + 1))
}

/** Functions that say whether a text is well formed. */
export const validation = family.defs
