import type { Diagnostic, Severity, Span } from "../base/mod.ts"

/** What is wrong, before it is known where. */
export interface Fault {
  readonly code: string
  readonly message: string
  readonly help?: string | undefined
}

/** Where something is wrong. */
export interface Place {
  readonly span?: Span | undefined
  readonly path?: string | undefined
}

/** A fault with its place: the value that is shown to the author. */
export function diagnose(fault: Fault, place: Place = {}, severity: Severity = "error"): Diagnostic {
  return {
    severity,
    code: fault.code,
    message: fault.message,
    ...(place.span && { span: place.span }),
    ...(place.path && { path: place.path }),
    ...(fault.help && { help: fault.help }),
  }
}

/** A fault as one text, for a schema library that only carries texts. */
export function packFault(fault: Fault): string {
  return [fault.code, fault.message, fault.help ?? ""].join("\n")
}

/** Reads what `packFault` wrote. */
export function unpackFault(text: string): Fault {
  const [code = "", message = "", help = ""] = text.split("\n")
  return { code, message, help: help || undefined }
}
