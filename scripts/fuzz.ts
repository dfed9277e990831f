/**
 * `npm run fuzz`: every file under tests/fuzz, one after the other, each with its own count and a new seed.
 * `npm run fuzz -- [--count N] [--seed S] [NAME]` runs those whose path holds NAME, with this count and this seed.
 */
import { bun, root, run } from "./command.ts"

const args = process.argv.slice(2)
const passed: string[] = []
const wanted: string[] = []
for (let i = 0; i < args.length; i++) {
  const word = args[i] ?? ""
  if (word !== "--count" && word !== "--seed") wanted.push(word)
  else {
    const value = args[++i] ?? ""
    if (!/^\d+$/.test(value)) {
      console.error(`${word} needs a whole number`)
      process.exit(64)
    }
    passed.push(word, value)
  }
}
const files = [...new Bun.Glob("tests/fuzz/**/*.fuzz.ts").scanSync({ cwd: root })]
  .filter((file) => wanted.length === 0 || wanted.some((name) => file.includes(name)))
  .sort()
if (files.length === 0) {
  console.error("no fuzz file fits")
  process.exit(1)
}
for (const file of files) {
  if ((await run([bun, "run", file, ...passed])) !== 0) process.exitCode = 1
}
