/**
 * How a container of the default image misbehaves, told by the pod's annotations (`slipway.dev/sandbox-<name>`, read live) or by
 * environment variables (`SLIPWAY_<NAME>`); the annotation wins.
 *
 * | name | value | effect |
 * |---|---|---|
 * | `start-delay-ms` | number | the container starts so much later |
 * | `ready-delay-ms` | number | not ready for so long after its start |
 * | `never-ready` | `true` | runs and answers, but is never ready |
 * | `crash-after-ms` | number | exits with `exit-code` (default 1) so long after its start |
 * | `fail-rate` | 0 to 1 | this share of requests is answered with `fail-code` (default 500) |
 * | `delay-ms` | number | answers so much later |
 */
import type { Container, Pod } from "../controllers/kinds.ts";

export const behaviourPrefix = "slipway.dev/sandbox-";

export interface Behaviour {
  readonly startDelayMs: number | undefined;
  readonly readyDelayMs: number | undefined;
  readonly neverReady: boolean;
  readonly crashAfterMs: number | undefined;
  readonly exitCode: number;
  readonly failRate: number;
  readonly failCode: number;
  readonly delayMs: number;
}

export function behaviourOf(pod: Pod, container: Container): Behaviour {
  const environment = new Map((container.env ?? []).map(({ name, value }) => [name, value]));
  const text = (name: string): string | undefined =>
    pod.metadata.annotations?.[`${behaviourPrefix}${name}`] ?? environment.get(`SLIPWAY_${name.replaceAll("-", "_").toUpperCase()}`);
  const number = (name: string): number | undefined => {
    const value = Number(text(name) ?? Number.NaN);
    return Number.isFinite(value) && value >= 0 ? value : undefined;
  };
  return {
    startDelayMs: number("start-delay-ms"),
    readyDelayMs: number("ready-delay-ms"),
    neverReady: text("never-ready") === "true",
    crashAfterMs: number("crash-after-ms"),
    exitCode: number("exit-code") ?? 1,
    failRate: number("fail-rate") ?? 0,
    failCode: number("fail-code") ?? 500,
    delayMs: number("delay-ms") ?? 0,
  };
}
