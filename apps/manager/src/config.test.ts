import { spawnSync } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parseConfig } from "./config.ts";

const file = (text: string): string => {
  const path = join(mkdtempSync(join(tmpdir(), "slipway-config-")), "manager.yaml");
  writeFileSync(path, text);
  return path;
};
const config = (args: string[], env: Record<string, string> = {}): unknown => {
  const parsed = parseConfig(args, env);
  return "config" in parsed ? parsed.config : parsed;
};
const problem = (args: string[], env: Record<string, string> = {}): string => {
  try {
    parseConfig(args, env);
  } catch (error) {
    return (error as Error).message;
  }
  return "accepted";
};

describe("configuration", () => {
  it("takes flag over environment over file over default", () => {
    const path = file("healthPort: 1\nmetricsPort: 1\nwebhookPort: 1\nleaderElection: false\n");
    const env = { SLIPWAY_HEALTH_PORT: "2", SLIPWAY_METRICS_PORT: "2", SLIPWAY_CONFIG: path };
    expect(config(["--health-port", "3"], env)).toMatchObject({
      healthPort: 3,
      metricsPort: 2,
      webhookPort: 1,
      leaderElection: false,
      logLevel: "info",
    });
    expect(config(["--no-leader-election"])).toMatchObject({ leaderElection: false });
    expect(config([])).toMatchObject({ leaderElection: true });
  });

  it("takes the standard variable of an endpoint after its own, and no traces without any", () => {
    const standard = { OTEL_EXPORTER_OTLP_ENDPOINT: "http://standard:4318" };
    const own = { ...standard, SLIPWAY_TRACING_ENDPOINT: "http://own:4318", SLIPWAY_TRACING_SAMPLE_RATIO: "0.25" };
    const path = file("tracingEndpoint: http://file:4318\ntracingSampleRatio: 0.5\n");
    expect(config([])).toMatchObject({ tracingEndpoint: "", tracingSampleRatio: 1 });
    expect(config(["--config", path])).toMatchObject({ tracingEndpoint: "http://file:4318", tracingSampleRatio: 0.5 });
    expect(config(["--config", path], standard)).toMatchObject({ tracingEndpoint: "http://standard:4318" });
    expect(config([], own)).toMatchObject({ tracingEndpoint: "http://own:4318", tracingSampleRatio: 0.25 });
    expect(config(["--tracing-endpoint", "", "--tracing-sample-ratio", "0"], own)).toMatchObject({
      tracingEndpoint: "",
      tracingSampleRatio: 0,
    });
  });

  it.each([
    [["--health-port", "99999"], {}, '--health-port is "99999"; it must be a port, 0 to 65535'],
    [[], { SLIPWAY_LOG_LEVEL: "loud" }, 'SLIPWAY_LOG_LEVEL is "loud"; it must be error, warn, info or debug'],
    [["--features", "rollout,rolout"], {}, '--features is "rollout,rolout"; it must be any of rollout,workflow,application'],
    [["--webhook-service", "x"], {}, '--webhook-service is "x"; it must be namespace/name:port'],
    [["--tracing-sample-ratio", "2"], {}, '--tracing-sample-ratio is "2"; it must be a number, 0 to 1'],
    [["--tracing-sample-ratio", "half"], {}, '--tracing-sample-ratio is "half"; it must be a number, 0 to 1'],
    [
      [],
      { OTEL_EXPORTER_OTLP_ENDPOINT: "collector:4318" },
      'OTEL_EXPORTER_OTLP_ENDPOINT is "collector:4318"; it must be an http or https URL without user and password',
    ],
    [
      ["--tracing-endpoint", "https://me:secret@collector"],
      {},
      '--tracing-endpoint is "https://...@collector"; it must be an http or https URL without user and password',
    ],
  ])("refuses %j with %j, naming the source and what is allowed", (args, env, message) => {
    expect(problem(args, env)).toBe(message);
  });

  it("names the file and field that are wrong", () => {
    const path = file("healthPort: high\n");
    expect(problem(["--config", path])).toBe(`${path}: healthPort is "high"; it must be a port, 0 to 65535`);
    expect(problem(["--config", file("helthPort: 1\n")])).toContain("unknown field helthPort");
    expect(problem(["--config", "/nowhere.yaml"])).toContain("cannot read the configuration file /nowhere.yaml");
  });

  it("is a process: help on request, exit 2 with one line for bad configuration", () => {
    const run = (...args: string[]): ReturnType<typeof spawnSync> =>
      spawnSync(process.execPath, [join(import.meta.dirname, "main.ts"), ...args], { encoding: "utf8" });
    const help = run("--help");
    expect([help.status, String(help.stdout)]).toEqual([0, expect.stringContaining("--lease-name <text>")]);
    const bad = run("--kubeconfig", "/nowhere");
    expect([bad.status, String(bad.stderr)]).toEqual([2, expect.stringMatching(/^slipway-manager: .*\/nowhere.*\n$/)]);
  });
});
