import { afterAll, beforeAll, describe, expect, test } from "bun:test"
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { completionScript, shells } from "../../../src/cli/completion.ts"
import { commands } from "../../support/commands.ts"

let folder = ""
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "ork-completion-"))
  await mkdir(join(folder, "katalogs"))
  await writeFile(join(folder, "katalog.yaml"), "")
  await writeFile(join(folder, "kata log.yaml"), "")
  for (const shell of shells) await writeFile(join(folder, shell), completionScript(shell, commands))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

async function run(command: readonly string[]): Promise<{ readonly code: number; readonly out: string }> {
  const child = Bun.spawn([...command], { cwd: folder, stdout: "pipe", stderr: "pipe", timeout: 10_000 })
  const [out, errors, code] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited])
  return { code, out: out + errors }
}

/** What bash offers when the cursor is at the end of the last word. */
async function offered(...words: readonly string[]): Promise<readonly string[]> {
  const script =
    'source ./bash || exit 9; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _ork; printf "%s\\n" "${COMPREPLY[@]}"'
  const { code, out } = await run(["bash", "--norc", "-uc", script, "bash", "ork", ...words])
  if (code !== 0) throw new Error(out)
  return out.split("\n").filter((line) => line !== "")
}

describe.skipIf(Bun.which("bash") === null)("bash", () => {
  test("the script parses, and loading it prints nothing and registers ork", async () => {
    expect(await run(["bash", "-n", "./bash"])).toEqual({ code: 0, out: "" })
    const { out } = await run(["bash", "--norc", "-uc", "source ./bash; complete -p ork"])
    expect(out).toBe("complete -F _ork ork\n")
  })

  const cases: readonly (readonly [readonly string[], readonly string[]])[] = [
    [[""], ["run", "generate", "completion", "validate"]],
    [["ru"], ["run"]],
    [["--"], ["--help"]],
    [["run", "--lo"], ["--log-format"]],
    [
      ["run", "-"],
      ["-f", "--file", "--port", "--log-format", "--data", "--takeover", "-h", "--help"],
    ],
    [["run", ""], []],
    [
      ["run", "--log-format", ""],
      ["text", "json"],
    ],
    [["run", "--log-format", "j"], ["json"]],
    [
      ["run", "--log-format", "="],
      ["text", "json"],
    ],
    [["run", "--log-format", "=", "j"], ["json"]],
    [["run", "--port", ""], []],
    [["run", "-f", "katalog."], ["katalog.yaml"]],
    [["run", "--data", "kat"], ["katalogs"]],
    [
      ["generate", ""],
      ["rbac", "bundle"],
    ],
    [["generate", "rbac", "--d"], ["--dry-run"]],
    [
      ["completion", ""],
      ["bash", "zsh", "fish"],
    ],
    [["validate", "katalog."], ["katalog.yaml"]],
    [["nonsense", "x"], []],
  ]
  test.each(cases)("after %p come %p", async (words, expected) => {
    expect(await offered(...words)).toEqual([...expected])
  })

  test("a flag's value is not taken for a command", async () => {
    expect(await offered("generate", "--for", "rbac", "--")).toEqual(["--for", "--help"])
    expect(await offered("generate", "--for", "=", "rbac", "--")).toEqual(["--for", "--help"])
    expect(await offered("generate", "rbac", "--")).toEqual(["--dry-run", "--help"])
  })

  test("a file name with a space is one offer", async () => {
    expect(await offered("run", "-f", "kata ")).toEqual(["kata log.yaml"])
  })
})

test.skipIf(Bun.which("zsh") === null)("the zsh script parses", async () => {
  expect(await run(["zsh", "-n", "./zsh"])).toEqual({ code: 0, out: "" })
})

test.skipIf(Bun.which("fish") === null)("the fish script parses", async () => {
  expect(await run(["fish", "--no-execute", "./fish"])).toEqual({ code: 0, out: "" })
})

describe("every shell", () => {
  test.each(shells)("%s knows each command and flag", (shell) => {
    const script = completionScript(shell, commands)
    for (const word of ["run", "rbac", "takeover", "log-format", "json", "help"]) expect(script).toContain(word)
  })

  test.each(shells)("%s refuses a word that its shell would read as code", (shell) => {
    const bad = [{ name: "run", summary: "", flags: [], args: [{ name: "x", values: ["$(id)"], summary: "" }] }]
    expect(() => completionScript(shell, bad)).toThrow("not a plain word")
  })
})
