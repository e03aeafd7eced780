/** Values of Secrets, for actions that use one without showing it to the template. */
import type { KubeClient } from "@slipway/kube";
import { resources } from "@slipway/kube";

/** The decoded data. */
export async function secretData(
  client: KubeClient,
  namespace: string,
  name: string,
  signal: AbortSignal,
): Promise<Readonly<Record<string, string>>> {
  const secret = await client.get(resources.secrets, { namespace, name }, { signal });
  const data = (secret["data"] ?? {}) as Readonly<Record<string, string>>;
  return Object.fromEntries(Object.entries(data).map(([key, value]) => [key, Buffer.from(value, "base64").toString("utf8")]));
}
