import type { OrkError } from "../../base/mod.ts"
import { isNews } from "../emit.ts"
import type { Pass } from "../pass.ts"

/** What one look at a group has found. */
export interface Found {
  /** Not gone yet, not at its end yet. */
  readonly waits: string[]
  /** What cannot be done as it is written: a broken template, a kind that is not served. Never waited for beyond the timeout. */
  readonly broken: string[]
  /** Jobs that ended without success. */
  readonly failed: string[]
}

/** What a look at a group needs to know. */
export interface Turn {
  readonly found: Found
  /** Jobs that have run; grows. */
  readonly done: Set<string>
  /** The time is over. */
  readonly isLate: boolean
  /** False when the end does not wait for Jobs any more: a new one would only be removed again. */
  readonly mayMake: boolean
}

/** Why a kind that cannot be listed holds an entry. */
export function unreadable(id: string, error: OrkError): string {
  return `${id}: ${error.message}`
}

/** A Warning about each text, once as long as it stays the same. */
export function tell(pass: Pass, reason: string, texts: readonly string[], consequence: string): void {
  const text = texts.join("; ")
  if (!isNews(pass, `deletion ${reason} ${consequence}`, text === "" ? undefined : text)) return
  const message = `${text}; ${consequence}`
  pass.log.warn("onDelete", { reason, message })
  pass.ports.events.record({ regarding: pass.cr, type: "Warning", reason, action: "Delete", message })
}
