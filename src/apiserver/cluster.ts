import { type Clock, type Logger, type Random, Scope, secretToken, type Transport } from "../base/mod.ts"
import { accountOf, requestToken } from "./account-tokens.ts"
import { webhookAdmission } from "./admission.ts"
import type { Api } from "./api.ts"
import { decide } from "./authorizer.ts"
import { bootstrap } from "./bootstrap.ts"
import { storeRecorded } from "./bootstrap-objects.ts"
import { builtinResources } from "./builtin.ts"
import { withoutContainers } from "./connect.ts"
import { type ControllerDeps, runControllers } from "./controllers.ts"
import { webhookConversion } from "./conversion.ts"
import { crdController, serveCrds } from "./crd-controller.ts"
import { specOf, textAt } from "./fields.ts"
import { garbageCollector } from "./gc.ts"
import { gvrs } from "./gvrs.ts"
import { namespaceController } from "./namespaces.ts"
import { OwnedIndex } from "./owned.ts"
import { handleDiscovery } from "./pages.ts"
import { builtinAdmission } from "./plugins/all.ts"
import type { User } from "./ports.ts"
import { pretendControllers } from "./pretend/all.ts"
import { protectionController } from "./protection.ts"
import { quotaController } from "./quota-controller.ts"
import { reviews } from "./reviews.ts"
import { roleAggregation } from "./role-aggregation.ts"
import { type ApiServer, createApiServer } from "./server.ts"
import { namespaceDefaults } from "./service-accounts.ts"
import type { Storage } from "./storage.ts"
import { MemoryStorage } from "./storage-memory.ts"
import type { WebhookSend, WebhookService } from "./webhook-client.ts"

/** The ports of a cluster. */
export interface ClusterDeps {
  readonly clock: Clock
  readonly random: Random
  readonly log: Logger
}

/** How a cluster is made. */
export interface ClusterOptions {
  /** Memory, unless told otherwise; closed with the cluster. */
  readonly storage?: Storage
  /** True: stand-ins for nodes, schedulers and the controllers of workloads. */
  readonly pretend: boolean
  /** The authority that signed the server's certificate, PEM: for `kube-root-ca.crt`. */
  readonly authority: string
  /** Where it is served on 127.0.0.1, for the Service `kubernetes`. */
  readonly port: number
  /** How webhooks are reached; without it calls of them fail. */
  readonly webhooks?: WebhookSend
  /** True: roles and bindings decide about requests. They are answered about in any case. */
  readonly enforceRbac?: boolean
  /** Who a bearer token belongs to, for token reviews. */
  readonly userOf?: (token: string) => User | undefined
  /** What signs tokens of ServiceAccounts; one that ends with the cluster, unless told. */
  readonly secret?: string
  /** YAML to a value, for bodies that are YAML. Throws for text that is none. */
  readonly parseYaml?: (text: string) => unknown
}

/** A running cluster: the API server with its controllers. */
export interface Cluster {
  /** Answers one request; without a user it comes from an administrator. */
  readonly fetch: (request: Request, user?: User) => Promise<Response>
  /** The same as a transport, for clients in this process. */
  readonly transport: Transport
  readonly api: Api
  /** Who a bearer token belongs to: one that was told, or a ServiceAccount. */
  readonly userOf: (token: string) => User | undefined
  /** Stops the controllers, ends all watches, closes the storage. */
  readonly close: () => Promise<void>
}

/** Starts the server with everything that a cluster has, and resolves once it can be used. */
export async function startCluster(deps: ClusterDeps, options: ClusterOptions): Promise<Cluster> {
  const { clock, random, log } = deps
  const { storage = new MemoryStorage(), pretend, authority, port, parseYaml, secret = secretToken() } = options
  const yaml = parseYaml ? { parseYaml } : {}
  const tokens = { clock, random, secret, ...yaml }
  const userOf = (token: string) => options.userOf?.(token) ?? accountOf(server.api, token, tokens)
  const serviceUrl = (service: WebhookService) => externalUrl(server.api, service)
  const webhooks = { send: options.webhooks ?? nowhere, serviceUrl, clock, random }
  const later = () => server.api
  storeRecorded(storage, deps)
  const server: ApiServer = createApiServer({
    ...{ clock, random, log, resources: builtinResources(), pages: [handleDiscovery] },
    connect: {
      ...withoutContainers,
      ...reviews({ userOf, ...yaml }),
      "serviceaccounts/token": requestToken(tokens),
    },
    ...(options.enforceRbac === true ? { authorize: (wish) => decide(server.api, wish.user, wish) } : {}),
    storage,
    ...yaml,
    admission: builtinAdmission(
      { api: later, clock, enforceRbac: options.enforceRbac === true },
      webhookAdmission({ ...webhooks, api: later }),
    ),
  })
  const { api } = server
  const scope = new Scope({ log })
  const served = serveCrds(server, { convert: webhookConversion(webhooks) })
  scope.defer(() => served[Symbol.dispose]())
  const owned = new OwnedIndex()
  const controllers: ControllerDeps = { api, owned, clock, random, log }
  await bootstrap(api, { nowMs: clock.nowMs(), pretend, port })
  runControllers(
    controllers,
    [
      crdController(api),
      garbageCollector(api, owned),
      namespaceController(api),
      roleAggregation(api),
      protectionController(api),
      quotaController(api),
      namespaceDefaults(api, { authority }),
      ...(pretend ? pretendControllers(controllers) : []),
    ],
    scope,
  )
  return {
    fetch: server.fetch,
    transport: (request) => server.fetch(request),
    api,
    userOf,
    close: async () => {
      await scope.stop()
      await server.close()
    },
  }
}

const nowhere: WebhookSend = () => Promise.reject(new Error("webhooks cannot be reached from here"))

// No Pods run here: of Services only those with an external name lead anywhere.
function externalUrl(api: Api, { namespace, name, port }: WebhookService): string | undefined {
  const service = api.get(gvrs.services, { namespace, name })
  const host = service && textAt(specOf(service), "externalName")
  return host ? `https://${host}:${port}` : undefined
}
