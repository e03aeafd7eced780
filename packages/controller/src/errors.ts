/**
 * Codes of the AppErrors that this package throws. What the API server answers keeps its own (`KUBE_API`).
 *
 * - `RECONCILE_DEADLINE`: a reconcile took longer than allowed; its requests are aborted and it is tried again.
 * - `CACHE_BEHIND`: the cache could not be brought to what was just written in time; the reconcile is tried again.
 * - `STOPPED`: the process is ending and may not write any more.
 * - `NOT_LEADER`: another process holds the lease.
 * - `LEADERSHIP_LOST`: the lease was taken or not renewed in time; the process must end.
 * - `SHARD_MOVED`: the object's namespace belongs to another replica now, which looks at it.
 * - `LEASE_REFUSED`: the lease can never be written; names the namespace or the right that is missing.
 * - `LEASE_TIMES`: retry, renew deadline and lease duration do not fit each other.
 * - `CERTIFICATE_SECRET`: another writer keeps changing the Secret with the webhook certificates.
 * - `CRD_NOT_ESTABLISHED`: the API server does not serve these CRDs by the deadline.
 * - `WEBHOOK_LISTEN`: the webhook server's address cannot be used.
 * - `WEBHOOK_REQUEST`: the body sent to a webhook is no review (answered 400).
 * - `WEBHOOK_REGISTRATION`: another writer keeps changing the webhook configurations.
 */
export type ControllerErrorCode =
  | "RECONCILE_DEADLINE"
  | "CACHE_BEHIND"
  | "STOPPED"
  | "NOT_LEADER"
  | "LEADERSHIP_LOST"
  | "SHARD_MOVED"
  | "LEASE_REFUSED"
  | "LEASE_TIMES"
  | "CERTIFICATE_SECRET"
  | "CRD_NOT_ESTABLISHED"
  | "WEBHOOK_LISTEN"
  | "WEBHOOK_REQUEST"
  | "WEBHOOK_REGISTRATION";
