/** `npm run bench`: every file under tests/bench, one after the other; `npm run bench -- NAME` runs those whose path holds NAME. */
import { build, nodeBinaries } from "../tests/cluster/build.ts"
import { bun, root, run } from "./command.ts"

const wanted = process.argv.slice(2)
const files = [...new Bun.Glob("tests/bench/**/*.bench.ts").scanSync({ cwd: root })]
  .filter((file) => wanted.length === 0 || wanted.some((name) => file.includes(name)))
  .sort()
if (files.length === 0) {
  console.error("no benchmark fits")
  process.exit(1)
}
await build(nodeBinaries, (line) => console.error(line))
for (const file of files) {
  console.log(`\n${file}`)
  if ((await run([bun, "run", file])) !== 0) process.exitCode = 1
}
