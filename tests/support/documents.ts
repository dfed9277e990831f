/** What the pages for readers promise about the tree, as functions from a page to complaints. */

/** Complaints about the code map of src/ARCHITECTURE.md: each of `paths` (below src) stands on it once, and nothing else. */
export function mapComplaints(page: string, paths: readonly string[]): readonly string[] {
  const counts = new Map(paths.map((path) => [path, 0]))
  for (const path of mapped(section(page, "Code map"))) counts.set(path, (counts.get(path) ?? Number.NaN) + 1)
  return [...counts].flatMap(([path, count]) => {
    if (count === 1) return []
    return [`src/${path} stands on the map ${count === 0 ? "nowhere" : count > 1 ? "twice" : "and is no file"}`]
  })
}

/** The files that the map names; a line begins with its folder. */
function mapped(map: string): readonly string[] {
  return map.split("\n").flatMap((line) => {
    const [, folder, names = ""] = /^- .*?`([\w./-]*\/)`(.*)/.exec(line) ?? []
    const home = folder === "./" ? "" : folder
    return [...names.matchAll(/`([a-z0-9-]+)(\.[a-z]+)?`/g)].map(
      ([, name, ending]) => `${home}${name}${ending ?? ".ts"}`,
    )
  })
}

/** The tests that the table of invariants names; a bare name stands in the folder of the one before it. */
export function namedTests(page: string): readonly string[] {
  let folder = ""
  return [...section(page, "Invariants").matchAll(/`([^` ]+\.test\.ts)`/g)].map(([, name = ""]) => {
    if (!name.includes("/")) return folder + name
    folder = name.slice(0, name.lastIndexOf("/") + 1)
    return name
  })
}

function section(page: string, title: string): string {
  return page.split(`\n## ${title}\n`)[1]?.split("\n## ")[0] ?? ""
}

/** The numbers that more than one of the files `0001-some-name.md` has. */
export function sharedNumbers(names: readonly string[]): readonly string[] {
  const numbers = names.map((name) => name.slice(0, 4))
  return numbers.filter((number, index) => numbers.indexOf(number) !== index)
}

/** The relative links of a page, without anchors. */
export function linksOf(page: string): readonly string[] {
  return [...page.matchAll(/\]\((?!https?:|#)([^)#\s]+)[^)]*\)/g)].map(([, link = ""]) => link)
}
