/**
 * True when `a` is a later version of the same object than `b`.
 *
 * Since Kubernetes 1.35 resource versions are documented as comparable whole numbers (KEP-5504); before that they
 * were so in fact for etcd. Text that is not a number is never newer, so the answer of an odd server is ignored and
 * the watch decides.
 */
export function isNewer(a: string | undefined, b: string | undefined): boolean {
  if (a === undefined || b === undefined || !/^\d+$/.test(a) || !/^\d+$/.test(b)) return false
  return a.length === b.length ? a > b : a.length > b.length
}
