import {
  type Clock,
  compose,
  type Logger,
  type Middleware,
  type Ms,
  type Random,
  silent,
  type Transport,
} from "../../base/mod.ts"
import type { Client, Discovery } from "./api.ts"
import { client } from "./client.ts"
import { discovery } from "./discovery.ts"
import type { Endpoint } from "./endpoint.ts"
import { fetchTransport } from "./fetch-transport.ts"
import { type FlightSlots, type FlightSlotsOptions, flightSlots } from "./flight-slots.ts"
import { requestLog } from "./middleware/request-log.ts"
import { retryAfter } from "./middleware/retry-after.ts"
import { type ThrottleOptions, throttle } from "./middleware/throttle.ts"
import { userAgent } from "./middleware/user-agent.ts"

/** The ports of a connection; without a log it is silent. */
export interface ConnectDeps {
  readonly clock: Clock
  readonly random: Random
  readonly log?: Logger
}

/** How a connection behaves. */
export interface ConnectOptions {
  /** The version in the User-Agent header. */
  readonly version: string
  /** Limit for a whole call that is not a watch; 30 s. */
  readonly timeoutMs?: Ms
  /** Off unless given. */
  readonly throttle?: ThrottleOptions
  /** How many requests may be in flight; change `max` only with BUN_CONFIG_MAX_HTTP_REQUESTS. */
  readonly slots?: FlightSlotsOptions
}

/** A client and a discovery of one server, and the names by which a person knows it. Dispose to close idle connections. */
export interface Connection extends Disposable {
  readonly client: Client
  readonly discovery: Discovery
  /** The wire under both, with its middleware. */
  readonly transport: Transport
  /** Requests in flight and waiting; undefined where there is no wire. */
  readonly slots: FlightSlots | undefined
  readonly context: string
  readonly server: string
  /** The context's namespace, `default` where it names none. */
  readonly namespace: string
  readonly user: string
}

/** Everything needed to talk to `endpoint`. Opens no connection yet. */
export function connect(endpoint: Endpoint, deps: ConnectDeps, options: ConnectOptions): Connection {
  const limits = options.timeoutMs === undefined ? {} : { timeoutMs: options.timeoutMs }
  const slots = flightSlots(options.slots)
  const last = fetchTransport(endpoint, { clock: deps.clock, slots }, limits)
  return connectTo(last, endpoint, { deps, options, slots, close: () => last[Symbol.dispose]() })
}

/** The same over a transport that is there already: a server in this process. */
export function connectTo(
  last: Transport,
  names: Pick<Endpoint, "server" | "context" | "user" | "namespace">,
  more: {
    readonly deps: ConnectDeps
    readonly options: ConnectOptions
    readonly slots?: FlightSlots
    readonly close?: () => void
  },
): Connection {
  const { deps, options, slots, close } = more
  const { clock, random, log = silent } = deps
  const layers: readonly Middleware[] = [
    userAgent(`ork/${options.version}`),
    retryAfter({ clock, random }),
    ...(options.throttle ? [throttle({ clock }, options.throttle)] : []),
    requestLog({ clock, log }),
  ]
  const transport = compose(layers, last)
  const { server, context, user } = names
  return {
    client: client({ transport, clock, random }, { server }),
    discovery: discovery({ transport }, { server }),
    transport,
    slots,
    context,
    server,
    namespace: names.namespace ?? "default",
    user,
    [Symbol.dispose]: () => close?.(),
  }
}
