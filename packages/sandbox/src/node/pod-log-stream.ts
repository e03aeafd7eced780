/** Serves `kubectl logs` from the containers' rings. */
import { formatTimestamp } from "@slipway/std";
import type { Clock } from "@slipway/std";
import type { PodLogRequest, PodLogs } from "../server.ts";
import type { ContainerLogs, LogLine } from "./container-logs.ts";

export function createPodLogs(logs: ContainerLogs, clock: Clock): PodLogs {
  return async function* podLogs(request: PodLogRequest) {
    // The log of a container's previous life is not kept.
    if (request.previous) return;
    const since = request.sinceSeconds === undefined ? undefined : clock.now() - request.sinceSeconds * 1000;
    const waiting: LogLine[] = [];
    let wake: () => void = () => {};
    let ended = false;
    const unfollow = request.follow
      ? logs.follow(request, request.container, (line) => {
          if (line === undefined) ended = true;
          else waiting.push(line);
          wake();
        })
      : (): void => {};
    const onAbort = (): void => wake();
    request.signal.addEventListener("abort", onAbort, { once: true });
    let bytesLeft = request.limitBytes ?? Number.POSITIVE_INFINITY;
    const format = (line: LogLine): string => {
      const text = `${request.timestamps ? `${formatTimestamp(line.timeMs)} ` : ""}${line.text}\n`.slice(0, bytesLeft);
      bytesLeft -= text.length;
      return text;
    };
    try {
      let lines = (logs.read(request, request.container) ?? []).filter((line) => since === undefined || line.timeMs >= since);
      if (request.tailLines !== undefined) lines = request.tailLines === 0 ? [] : lines.slice(-request.tailLines);
      if (lines.length > 0) yield lines.map(format).join("");
      while (request.follow && !request.signal.aborted && bytesLeft > 0) {
        const line = waiting.shift();
        if (line !== undefined) yield format(line);
        else if (ended) return;
        else await new Promise<void>((resolve) => (wake = resolve));
      }
    } finally {
      unfollow();
      request.signal.removeEventListener("abort", onAbort);
    }
  };
}
