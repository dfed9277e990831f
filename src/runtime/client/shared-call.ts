import { onAbort } from "../../base/mod.ts"
import type { CallOptions } from "./api.ts"

/** One call for all who ask while it runs. Each may give up alone; the call is aborted when the last one did. */
export function sharedCall<T>(call: (signal: AbortSignal) => Promise<T>): (options?: CallOptions) => Promise<T> {
  interface Running {
    readonly result: Promise<T>
    readonly controller: AbortController
    waiting: number
  }
  let running: Running | undefined

  function start(): Running {
    const controller = new AbortController()
    const started: Running = { result: call(controller.signal), controller, waiting: 0 }
    const forget = () => {
      if (running === started) running = undefined
    }
    started.result.then(forget, forget)
    return started
  }

  return async ({ signal } = {}) => {
    signal?.throwIfAborted()
    running ??= start()
    const joined = running
    joined.waiting++
    return new Promise<T>((resolve, reject) => {
      const link = onAbort(signal, (reason) => {
        joined.waiting--
        reject(reason)
        if (joined.waiting > 0) return
        if (running === joined) running = undefined
        joined.controller.abort(reason)
      })
      const unlink = () => link[Symbol.dispose]()
      joined.result.then(resolve, reject)
      joined.result.then(unlink, unlink)
    })
  }
}
