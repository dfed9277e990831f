/** Renders rows with Go's own text/template and Sprig, where the Go toolchain is at hand. */
import { mkdirSync } from "node:fs"
import { join } from "node:path"

/** A template and the data it reads. */
export interface GoRow {
  readonly template: string
  readonly data: unknown
}

/** What Go made of a row: the text, or why there is none. */
export interface GoAnswer {
  readonly value?: string
  readonly error?: string
}

const folder = import.meta.dir
const program = join(folder, "../../.reports/go-templates")
let built = false

/** Whether Go is there to be asked. */
export function hasGo(): boolean {
  return Bun.which("go") !== null
}

/** Asks Go for all rows at once; answers stand in the order of the rows. */
export async function askGo(rows: readonly GoRow[]): Promise<readonly GoAnswer[]> {
  if (!built) {
    mkdirSync(join(folder, "../../.reports"), { recursive: true })
    await output(["go", "build", "-o", program], "")
    built = true
  }
  const input = rows.map(({ template, data }) => `${JSON.stringify({ template, data })}\n`).join("")
  const lines = (await output([program], input)).trimEnd().split("\n")
  if (lines.length !== rows.length) throw new Error(`${rows.length} rows, ${lines.length} answers`)
  return lines.map((line): GoAnswer => JSON.parse(line))
}

async function output(command: readonly string[], input: string): Promise<string> {
  const child = Bun.spawn([...command], { cwd: folder, stdin: new Blob([input]), stdout: "pipe", stderr: "pipe" })
  const [out, errors, code] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited])
  if (code !== 0) throw new Error(`${command.join(" ")}: ${errors}`)
  return out
}
