/** The names under which loopback may be asked. */
export const loopbackHosts: readonly string[] = ["127.0.0.1", "localhost", "[::1]"]

/**
 * True when the request's `Host` is one of `hosts`, with any port. A page of another site whose name was rebound to
 * loopback sends that site's name, and is refused. Only programs leave `Host` out; they are not rebound.
 */
export function isAllowedHost(host: string | null, hosts: readonly string[]): boolean {
  if (host === null) return true
  const name = host.replace(/:\d{0,5}$/, "").toLowerCase()
  return hosts.includes(name)
}
