import { isRecord } from "../../kube/mod.ts"
import type { Page } from "../verbs/list.ts"
import { listBody, type Shown } from "./objects.ts"
import { json, streamed } from "./reply.ts"

/** Objects that are written at once; a longer list is written in pieces, and others are answered between them. */
const pieceMax = 500

/** A list as an answer. */
export function listAnswer(
  page: Page,
  shown: Shown,
  { warnings, turn }: { readonly warnings: readonly string[]; readonly turn: () => Promise<void> },
): Response {
  if (page.items.length <= pieceMax) return json(200, listBody(page, shown), warnings)
  return streamed(200, pieces(page, shown, turn), warnings)
}

async function* pieces(page: Page, shown: Shown, turn: () => Promise<void>): AsyncGenerator<string, void> {
  const { items } = page
  for (let at = 0; at < items.length; at += pieceMax) {
    const { frame, member, rows } = framed(listBody({ ...page, items: items.slice(at, at + pieceMax) }, shown))
    const text = JSON.stringify(rows).slice(1, -1)
    if (at > 0) await turn()
    yield at === 0 ? `${JSON.stringify(frame).slice(0, -1)},"${member}":[${text}` : `,${text}`
  }
  yield "]}\n"
}

/** The rows of a table or the items of a list, and what is around them. */
function framed(body: unknown) {
  const whole = isRecord(body) ? body : {}
  const member = "rows" in whole ? "rows" : "items"
  const { [member]: rows, ...frame } = whole
  return { frame, member, rows }
}
