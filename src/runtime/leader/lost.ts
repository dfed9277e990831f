/** The abort reason when the lease can no longer be trusted: whoever sees it stops writing at once. */
export class LeadershipLost extends Error {
  override readonly name = "LeadershipLost"
}
