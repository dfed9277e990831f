/** What proves who we are, read anew when it may have changed. Secret: never logged, never printed. */
export interface Material {
  /** The whole value of the Authorization header. */
  readonly authorization: string | undefined
  /** Further headers of the identity, such as Impersonate-User. */
  readonly headers: Readonly<Record<string, string>>
  /** PEM; undefined: the certificates that the system trusts. */
  readonly ca: string | undefined
  readonly cert: string | undefined
  readonly key: string | undefined
}

/** One server and one identity: what a kubeconfig context, or a Pod's service account, comes to. */
export interface Endpoint {
  /** The context's name; `in-cluster` for a service account. */
  readonly context: string
  /** Base URL without a slash at its end; may have a path. */
  readonly server: string
  /** The namespace that the context names, if it names one. */
  readonly namespace: string | undefined
  /** The user's name in the kubeconfig; no proof, only a name. */
  readonly user: string
  /** The name in the server's certificate, where it differs from the URL's. */
  readonly serverName: string | undefined
  /** True: the server's certificate is not checked. */
  readonly insecure: boolean
  readonly proxy: string | undefined
  /** True when `material({ rejected })` can give something new after a 401. */
  readonly renewable: boolean
  /**
   * The material of this moment; throws `OrkError` "config/kubeconfig", "net/timeout" or "api/unauthorized".
   * `rejected` is what a server has just refused: it is not given out of a cache again.
   */
  material(options?: MaterialOptions): Promise<Material>
}

/** How material is asked for. */
export interface MaterialOptions {
  readonly signal?: AbortSignal
  readonly rejected?: Material
}

/** No proof and no certificates: a plain server, as in tests. */
export const noMaterial: Material = {
  authorization: undefined,
  headers: {},
  ca: undefined,
  cert: undefined,
  key: undefined,
}

/** An endpoint from fixed material: for servers that need no kubeconfig. */
export function fixedEndpoint(server: string, material: Partial<Material> = {}): Endpoint {
  const whole = { ...noMaterial, ...material }
  return {
    context: "fixed",
    server: server.replace(/\/+$/, ""),
    namespace: undefined,
    user: "fixed",
    serverName: undefined,
    insecure: false,
    proxy: undefined,
    renewable: false,
    material: () => Promise.resolve(whole),
  }
}
