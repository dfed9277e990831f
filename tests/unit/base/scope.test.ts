import { describe, expect, test } from "bun:test"
import { aborted, type LogLevel, logger, ms, onAbort, Scope, Stopped, silent } from "../../../src/base/mod.ts"
import { FakeClock } from "../../support/clock.ts"

interface Line {
  readonly level: LogLevel
  readonly loop: unknown
}

function recorded(): { readonly log: ReturnType<typeof logger>; readonly lines: Line[] } {
  const lines: Line[] = []
  return { log: logger((level, _message, fields) => lines.push({ level, loop: fields["loop"] })), lines }
}

describe("a scope", () => {
  test("gives its loops its signal, and stop waits until all have ended", async () => {
    const clock = new FakeClock()
    const scope = new Scope({ log: silent })
    const ended: string[] = []
    for (const [name, lingerMs] of [
      ["slow", 50],
      ["quick", 1],
    ] as const) {
      scope.run(name, async (signal) => {
        await aborted(signal)
        await clock.sleep(ms(lingerMs))
        ended.push(name)
      })
    }
    let stopped = false
    const stopping = scope.stop().then(() => {
      stopped = true
    })
    await clock.advance(49)
    expect([ended, stopped]).toEqual([["quick"], false])
    await clock.advance(1)
    await stopping
    expect(ended).toEqual(["quick", "slow"])
  })

  test("waits for a loop that another loop starts while it is being stopped", async () => {
    const scope = new Scope({ log: silent })
    let late = false
    scope.run("first", async (signal) => {
      await aborted(signal)
      scope.run("second", async () => {
        await new FakeClock().settle()
        late = true
      })
    })
    await scope.stop()
    expect(late).toBe(true)
  })

  test("reports a loop that fails, once, and leaves the others running", async () => {
    const { log, lines } = recorded()
    const failures: unknown[] = []
    const scope = new Scope({ log }, { onFailure: (error) => failures.push(error) })
    const boom = new Error("boom")
    let other = "running"
    scope.run("other", async (signal) => {
      await aborted(signal)
      other = "stopped"
    })
    scope.run("fails", async () => {
      throw boom
    })
    await new FakeClock().settle()
    expect(lines).toEqual([{ level: "error", loop: "fails" }])
    expect(failures).toEqual([boom])
    expect(scope.firstError).toBe(boom)
    expect([other, scope.signal.aborted]).toEqual(["running", false])
    await scope.stop()
    expect(other).toBe("stopped")
  })

  test("does not report what a loop throws because it was stopped", async () => {
    const { log, lines } = recorded()
    const scope = new Scope({ log })
    scope.run("waits", async (signal) => {
      await aborted(signal)
      throw signal.reason
    })
    await scope.stop()
    expect(lines).toEqual([])
    expect(scope.firstError).toBeUndefined()
  })

  test("cleans up in reverse order after the loops, also when one clean-up fails, and only once", async () => {
    const { log, lines } = recorded()
    const order: string[] = []
    const scope = new Scope({ log })
    scope.defer(() => void order.push("first"))
    scope.defer(() => {
      throw new Error("clean-up")
    })
    scope.defer(async () => void order.push("last"))
    scope.run("loop", async (signal) => {
      await aborted(signal)
      order.push("loop")
    })
    await scope.stop()
    await scope.stop()
    expect(order).toEqual(["loop", "last", "first"])
    expect(lines).toHaveLength(1)
  })

  test("ends with its parent, with the parent's reason", async () => {
    const parent = new AbortController()
    const scope = new Scope({ log: silent }, { parent: parent.signal })
    parent.abort("over")
    expect(scope.signal.reason).toBe("over")
    expect(new Scope({ log: silent }, { parent: parent.signal }).signal.aborted).toBe(true)
    await scope.stop()
  })

  test("is stopped by `await using`", async () => {
    let signal: AbortSignal | undefined
    {
      await using scope = new Scope({ log: silent })
      signal = scope.signal
    }
    expect(signal.reason).toBeInstanceOf(Stopped)
  })
})

describe("onAbort", () => {
  test("calls once: later, at once, or never when disposed or without a signal", () => {
    const controller = new AbortController()
    const calls: string[] = []
    onAbort(controller.signal, (reason) => calls.push(`later ${reason}`))
    onAbort(controller.signal, () => calls.push("disposed"))[Symbol.dispose]()
    onAbort(undefined, () => calls.push("none"))
    controller.abort("why")
    onAbort(controller.signal, (reason) => calls.push(`at once ${reason}`))
    expect(calls).toEqual(["later why", "at once why"])
  })
})
