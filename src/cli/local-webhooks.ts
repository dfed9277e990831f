import type { WebhookSend } from "../apiserver/mod.ts"
import { type Clock, isOrkError } from "../base/mod.ts"
import { fetchTransport } from "../runtime/mod.ts"

/** Calls the webhooks of a local cluster over HTTPS, with the certificates that their configuration names. */
export function webhookSender(clock: Clock): WebhookSend {
  return async (request, { caBundle }) => {
    const ca = caBundle === undefined ? undefined : Buffer.from(caBundle, "base64").toString()
    const material = { authorization: undefined, headers: {}, ca, cert: undefined, key: undefined }
    using transport = fetchTransport(
      {
        ...{ context: "webhook", server: new URL(request.url).origin, namespace: undefined, user: "" },
        ...{ serverName: undefined, insecure: false, proxy: undefined, renewable: false },
        material: () => Promise.resolve(material),
      },
      { clock },
    )
    try {
      return await transport(request)
    } catch (error) {
      // The client's hint is about API servers.
      throw isOrkError(error, "net/refused")
        ? new Error(`dial tcp ${new URL(request.url).host}: connection refused`)
        : error
    }
  }
}
