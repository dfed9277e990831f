import { Why } from "../../server/mod.ts"
import { asker, read } from "../ask.ts"
import type { Command } from "../command.ts"
import { exit, UsageError } from "../exit.ts"
import { table } from "../table.ts"
import { whySpec } from "./why-spec.ts"

/** `ork why`: why an object of a running ork is as it is. */
export const why: Command = {
  spec: whySpec,
  async run(terminal, parsed) {
    const [object = "", path] = parsed.positionals
    if (!/^[^/\s]+\/[^/\s]+$/.test(object))
      throw new UsageError(`KIND/NAME is for example website/hello; found "${object}"`)
    const query = new URLSearchParams({ object })
    const namespace = parsed.text("namespace")
    if (namespace !== undefined) query.set("namespace", namespace)
    if (path !== undefined) query.set("path", path)
    const body = read(Why, await asker(terminal, parsed.text("url"))(`/why?${query}`))
    terminal.out(parsed.text("output") === "json" ? `${JSON.stringify(body, null, 2)}\n` : whyText(body))
    return exit.fine
  },
}

/** The answer as text: the verdict first, then what it waits for, then how it came about. */
export function whyText(body: Why): string {
  return [verdictOf(body), ...fieldLines(body), ...passLines(body)].join("\n")
}

function verdictOf(body: Why): string {
  const name = [body.kind, body.namespace, body.name].filter((part) => part !== "").join("/")
  const state = body.ready ? "is ready" : `is not ready: ${body.reason}`
  const lines = [`${name} ${state}, for ${body.since}`]
  if (body.message !== "" && body.waitsFor.length === 0) lines.push(`  ${body.message}`)
  for (const wait of body.waitsFor) {
    lines.push(`  ${wait.object}: ${wait.why} for ${wait.since}`)
    const causes = wait.causes.map(({ object, why, since }) => `    ${object}: ${why}${since ? ` (${since} ago)` : ""}`)
    lines.push(...causes)
  }
  for (const condition of body.conditions) {
    lines.push(`  ${condition.type} (${condition.reason}) for ${condition.since}: ${condition.message}`)
  }
  const owner = [body.cr.kind, body.cr.namespace, body.cr.name].filter((part) => part !== "").join("/")
  if (owner !== name) lines.push(`made for ${owner}${body.declaredAt ? ` by ${body.declaredAt}` : ""}`)
  lines.push(`next look: ${body.next}`)
  return `${lines.join("\n")}\n`
}

function fieldLines({ field }: Why): readonly string[] {
  if (field === undefined) return []
  const value = field.value === undefined ? "not set" : JSON.stringify(field.value)
  const managers = field.managers.map(({ manager, operation, subresource, age }) => {
    const where = subresource === undefined ? "" : ` of ${subresource}`
    return `  set by ${manager} (${operation}${where}, ${age} ago)`
  })
  const nobody = field.value === undefined ? [] : ["  nobody owns it: a default, or set by the server"]
  return [`${field.path}: ${value}\n${(managers.length > 0 ? managers : nobody).join("\n")}\n`]
}

function passLines({ passes }: Why): readonly string[] {
  if (passes.length === 0) return ["no pass yet\n"]
  const rows = passes.map((pass) => [
    `${pass.age} ago${pass.times > 1 ? ` (${pass.times} times)` : ""}`,
    pass.trigger,
    pass.outcome,
    `${Math.round(pass.durationMs)} ms`,
    [pass.did, pass.why].filter((part) => part !== "").join("; ") || "nothing to do",
  ])
  return [table([["PASS", "TRIGGER", "OUTCOME", "TOOK", "WHAT"], ...rows])]
}
