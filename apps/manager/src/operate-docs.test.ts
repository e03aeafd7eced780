/** docs/operate.md says what a manager really serves. */
import { crds } from "@slipway/api";
import { createFakeClient } from "@slipway/controller/testing";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { parse } from "yaml";
import { startManager } from "./manager.ts";

const text = readFileSync(join(import.meta.dirname, "../../../docs/operate.md"), "utf8");
const documented = [...text.matchAll(/^\| `(slipway_\w+)` \| (\w+) \| ([^|]*)\|/gm)].map(([, name = "", type = "", labels = ""]) => ({
  name,
  type,
  labels: [...labels.matchAll(/`(\w+)`/g)].map(([, label]) => label).sort(),
}));

it("lists every metric of the manager with its type and labels", async () => {
  const established = { conditions: [{ type: "Established", status: "True" }] };
  const client = createFakeClient(crds.map((crd) => ({ ...crd, status: established })));
  const manager = await startManager({ client, webhookPort: false, healthPort: false });
  try {
    await manager.acting();
    const page = await (await fetch(`http://127.0.0.1:${manager.ports.metrics}/metrics`)).text();
    const served = [...page.matchAll(/^# TYPE (slipway_\w+) (\w+)$/gm)].map(([, name = "", type = ""]) => ({ name, type }));
    expect(served.map(({ name, type }) => `${name} ${type}`).sort()).toEqual(documented.map(({ name, type }) => `${name} ${type}`).sort());
    for (const [, name = "", inner = ""] of page.matchAll(/^(slipway_\w+?)(?:_bucket|_sum|_count)?\{([^}]*)\}/gm)) {
      const labels = [...inner.matchAll(/(\w+)="/g)].map(([, label]) => label).filter((label) => label !== "le");
      expect(labels.sort(), name).toEqual(documented.find((metric) => metric.name === name)?.labels);
    }
  } finally {
    await manager.stop();
  }
});

it("alerts on metrics and labels that exist", () => {
  const block = /```yaml alerts\n([\s\S]*?)```/.exec(text)?.[1] ?? "";
  const { groups } = parse(block) as { groups: { rules: { alert: string; expr: string; annotations: { summary: string } }[] }[] };
  const rules = groups.flatMap((group) => group.rules);
  expect(rules.length).toBeGreaterThan(3);
  for (const { alert, expr, annotations } of rules) {
    expect(typeof annotations.summary, alert).toBe("string");
    for (const [, name = "", inner = ""] of expr.matchAll(/(slipway_\w+)(?:\{([^}]*)\})?/g)) {
      const metric = documented.find((each) => each.name === name);
      expect(metric, `${alert}: ${name}`).toBeDefined();
      for (const [, label = ""] of inner.matchAll(/(\w+)=/g)) expect(metric?.labels, alert).toContain(label);
    }
  }
});
