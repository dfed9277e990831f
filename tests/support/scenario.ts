import { OrkError, onAbort } from "../../src/base/mod.ts"
import type { KubeObject, ObjectKey, ResourceInfo } from "../../src/kube/mod.ts"
import type {
  ApplyOptions,
  CallOptions,
  Client,
  DeleteOptions,
  ListOptions,
  ObjectList,
  PatchType,
  WatchEvent,
  WatchOptions,
  WriteOptions,
} from "../../src/runtime/client/api.ts"

/** The calls that are answered once; watches are streams. */
export type Verb = "get" | "list" | "create" | "update" | "patch" | "apply" | "delete" | "deleteCollection" | "raw"

/** One call as it arrived. */
export interface Call {
  readonly verb: Verb | "watch"
  readonly resource: ResourceInfo | undefined
  readonly key: ObjectKey | undefined
  readonly object: KubeObject | undefined
  readonly body: unknown
  readonly options: ListOptions & WatchOptions & WriteOptions
  readonly signal: AbortSignal | undefined
}

/** What a script answers: a value, an error to throw, or a function that says which. */
export type Answer = OrkError | ((call: Call) => unknown)

/** One watch that was opened; the test says what comes down it. */
class ScriptedStream implements AsyncIterable<WatchEvent> {
  readonly options: WatchOptions
  readonly #arrived: (WatchEvent | { readonly type: "end" } | { readonly type: "fail"; readonly error: unknown })[] = []
  #wake: () => void = () => undefined
  #closed = false

  constructor(options: WatchOptions) {
    this.options = options
  }

  /** True once the reader has gone, or has read the end. */
  get closed(): boolean {
    return this.#closed
  }

  send(...events: readonly WatchEvent[]): void {
    this.#arrived.push(...events)
    this.#wake()
  }

  added(...objects: readonly KubeObject[]): void {
    this.send(...objects.map((object) => ({ type: "ADDED", object }) as const))
  }

  modified(...objects: readonly KubeObject[]): void {
    this.send(...objects.map((object) => ({ type: "MODIFIED", object }) as const))
  }

  deleted(...objects: readonly KubeObject[]): void {
    this.send(...objects.map((object) => ({ type: "DELETED", object }) as const))
  }

  bookmark(resourceVersion: string, initialEventsEnd = false): void {
    this.send({ type: "BOOKMARK", resourceVersion, initialEventsEnd })
  }

  /** The server ends the stream in good order. */
  end(): void {
    this.#arrived.push({ type: "end" })
    this.#wake()
  }

  fail(error: unknown): void {
    this.#arrived.push({ type: "fail", error })
    this.#wake()
  }

  async *[Symbol.asyncIterator](): AsyncIterator<WatchEvent> {
    using _link = onAbort(this.options.signal, () => this.#wake())
    try {
      for (;;) {
        this.options.signal?.throwIfAborted()
        const next = this.#arrived.shift()
        if (next === undefined) await this.#more()
        else if (next.type === "end") return
        else if (next.type === "fail") throw next.error
        else yield next
      }
    } finally {
      this.#closed = true
    }
  }

  #more(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve
    })
  }
}

/**
 * A client whose server is the test: answers are scripted, watches are streams in the test's hand.
 *
 * A call takes the next answer queued for its verb (`next`), else the standing one (`always`), else it fails as an
 * unreachable server would. As promised by the port, every call ends promptly when its signal aborts.
 */
export class ScriptedClient implements Client {
  readonly calls: Call[] = []
  readonly streams: ScriptedStream[] = []
  readonly #next = new Map<Verb | "watch", Answer[]>()
  readonly #always = new Map<Verb | "watch", Answer>()

  /** Answers the next call of `verb`; several wait in line. For a watch only errors make sense. */
  next(verb: Verb | "watch", ...answers: readonly Answer[]): void {
    this.#next.set(verb, [...(this.#next.get(verb) ?? []), ...answers])
  }

  /** Answers every call of `verb` for which nothing is in line. */
  always(verb: Verb | "watch", answer: Answer): void {
    this.#always.set(verb, answer)
  }

  /** The calls of one verb so far. */
  of(verb: Verb | "watch"): readonly Call[] {
    return this.calls.filter((call) => call.verb === verb)
  }

  /** The newest watch. */
  get stream(): ScriptedStream {
    const stream = this.streams.at(-1)
    if (stream === undefined) throw new Error("no watch was opened")
    return stream
  }

  async get(resource: ResourceInfo, key: ObjectKey, options?: CallOptions): Promise<KubeObject | undefined> {
    return (await this.#answer("get", { resource, key, options })) as KubeObject | undefined // the script decides
  }

  async list(resource: ResourceInfo, options?: ListOptions): Promise<ObjectList> {
    return (await this.#answer("list", { resource, options })) as ObjectList // the script decides
  }

  async create(resource: ResourceInfo, object: KubeObject, options?: WriteOptions): Promise<KubeObject> {
    return (await this.#answer("create", { resource, object, options })) as KubeObject // the script decides
  }

  async update(resource: ResourceInfo, object: KubeObject, options?: WriteOptions): Promise<KubeObject> {
    return (await this.#answer("update", { resource, object, options })) as KubeObject // the script decides
  }

  async patch(
    resource: ResourceInfo,
    key: ObjectKey,
    patch: { readonly type: PatchType; readonly body: unknown },
    options?: WriteOptions,
  ): Promise<KubeObject> {
    return (await this.#answer("patch", { resource, key, body: patch.body, options })) as KubeObject // the script decides
  }

  async apply(
    resource: ResourceInfo,
    object: KubeObject,
    options: ApplyOptions,
  ): Promise<{ readonly object: KubeObject; readonly created: boolean }> {
    const answer = await this.#answer("apply", { resource, object, options })
    return answer as { object: KubeObject; created: boolean } // the script decides
  }

  async delete(resource: ResourceInfo, key: ObjectKey, options?: DeleteOptions): Promise<boolean> {
    return (await this.#answer("delete", { resource, key, options })) as boolean // the script decides
  }

  async deleteCollection(resource: ResourceInfo, options?: ListOptions): Promise<void> {
    await this.#answer("deleteCollection", { resource, options })
  }

  async *watch(resource: ResourceInfo, options: WatchOptions = {}): AsyncIterable<WatchEvent> {
    const call = this.#note("watch", { resource, options })
    const answer = this.#next.get("watch")?.shift() ?? this.#always.get("watch")
    if (answer !== undefined) await decide(answer, call)
    const stream = new ScriptedStream(options)
    this.streams.push(stream)
    yield* stream
  }

  raw(path: string, options?: CallOptions): Promise<unknown> {
    return this.#answer("raw", { body: path, options })
  }

  #note(verb: Verb | "watch", call: Partial<Omit<Call, "verb" | "options">> & { options?: CallOptions | undefined }) {
    const options = call.options ?? {}
    const blank = { resource: undefined, key: undefined, object: undefined, body: undefined }
    const noted: Call = { ...blank, ...call, verb, options, signal: options.signal }
    this.calls.push(noted)
    return noted
  }

  async #answer(
    verb: Verb,
    call: Partial<Omit<Call, "verb" | "options">> & { options?: CallOptions | undefined },
  ): Promise<unknown> {
    const noted = this.#note(verb, call)
    noted.signal?.throwIfAborted()
    const answer = this.#next.get(verb)?.shift() ?? this.#always.get(verb)
    if (answer === undefined) throw new OrkError("net/refused", `${verb}: the script has no answer`)
    const aborted = Promise.withResolvers<never>()
    using _link = onAbort(noted.signal, aborted.reject)
    return await Promise.race([decide(answer, noted), aborted.promise])
  }
}

/** An answer that never comes; the caller's signal is its only end. */
export function hang(): Promise<never> {
  return new Promise(() => undefined)
}

async function decide(answer: Answer, call: Call): Promise<unknown> {
  if (answer instanceof OrkError) throw answer
  return await answer(call)
}
