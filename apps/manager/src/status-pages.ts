/** What the manager serves over plain HTTP: probes and metrics, each on a port of its own. */
import type { ManagerMetrics } from "./metrics.ts";
import type { Page, StatusServer } from "./status-server.ts";
import { startStatusServer } from "./status-server.ts";

/** `standing by`: another process leads, and this one is as able to serve webhooks as that one. */
export type Readiness = "starting" | "acting" | "standing by" | "stopping";

const readyPages: Readonly<Record<Readiness, Page>> = {
  starting: { status: 503, body: "starting\n" },
  acting: { status: 200, body: "ok\n" },
  "standing by": { status: 200, body: "ok, standing by\n" },
  stopping: { status: 503, body: "stopping\n" },
};

interface Address {
  readonly host: string;
  readonly port: number;
}

/** `/healthz` and `/readyz`. Neither asks the API server: its latency must not restart us. Throws `LISTEN`. */
export function startHealthServer(readiness: () => Readiness, address: Address): Promise<StatusServer> {
  const pages = { "/healthz": () => ({ status: 200, body: "ok\n" }), "/readyz": () => readyPages[readiness()] };
  return startStatusServer(pages, address);
}

/** `/metrics`, Prometheus text. Throws `LISTEN`. */
export function startMetricsServer(metrics: ManagerMetrics, address: Address): Promise<StatusServer> {
  const page = async (): Promise<Page> => ({ status: 200, body: await metrics.text(), contentType: metrics.contentType });
  return startStatusServer({ "/metrics": page }, address);
}
