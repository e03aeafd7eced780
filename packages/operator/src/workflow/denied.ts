/** What a person is told when the cluster does not let us do a step's action: the rule to add, and where. */
import { apiStatusOf } from "@slipway/kube";
import { errorMessage } from "@slipway/std";

/** Label of ClusterRoles that are added to what workflow steps may do. */
export const workflowRightsLabel = "slipway.dev/aggregate-to-workflow";

/** The error's message; for a missing right also the rule that gives `verbs` on the kind that was refused. */
export function describeFailure(error: unknown, verbs: readonly string[]): string {
  const message = errorMessage(error);
  const status = apiStatusOf(error);
  const kind = status?.details?.kind;
  if (status?.code !== 403 || status.reason !== "Forbidden" || kind === undefined) return message;
  // Admission refuses with the same code; only a missing right is told in these words.
  if (!/ cannot \S+ resource /.test(message)) return message;
  const rule = JSON.stringify({ apiGroups: [status.details?.group ?? ""], resources: [kind], verbs });
  return `${message}; to allow it, add the rule ${rule} to a ClusterRole with the label ${workflowRightsLabel}: "true"`;
}
