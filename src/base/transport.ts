/** Everything that talks to a server is one of these: a real cluster, the embedded server, a test double. */
export type Transport = (request: Request) => Promise<Response>

/** A layer around a transport. */
export type Middleware = (next: Transport) => Transport

/** Wraps `last` in `layers`; the first layer sees a request first and its answer last. */
export function compose(layers: readonly Middleware[], last: Transport): Transport {
  return layers.reduceRight((next, layer) => layer(next), last)
}
