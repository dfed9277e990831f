/** Calls `handler` once when `signal` aborts (at once if it already has); dispose to forget the handler. */
export function onAbort(signal: AbortSignal | undefined, handler: (reason: unknown) => void): Disposable {
  if (signal === undefined) return { [Symbol.dispose]() {} }
  if (signal.aborted) {
    handler(signal.reason)
    return { [Symbol.dispose]() {} }
  }
  const listener = () => handler(signal.reason)
  signal.addEventListener("abort", listener, { once: true })
  return { [Symbol.dispose]: () => signal.removeEventListener("abort", listener) }
}

/** Resolves when `signal` aborts. For one wait at the end of a life, never inside a loop. */
export function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => onAbort(signal, () => resolve()))
}

/** The reason of an ordinary stop: whoever sees it stops quietly. */
export class Stopped extends Error {
  override readonly name = "Stopped"
}
