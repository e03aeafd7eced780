import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { cue } from "./cue.ts";

describe("slipway cue", () => {
  let folder = "";
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "slipway-cue-"));
    writeFileSync(join(folder, "x.cue"), "package x\n\na: 1\nb: a + 1\n");
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  function run(...args: readonly string[]): { readonly status: number; readonly stdout: string; readonly stderr: string } {
    const [stdout, stderr] = [new PassThrough(), new PassThrough()];
    const status = cue(["-C", folder, ...args], { stdout, stderr });
    return { status, stdout: String(stdout.read() ?? ""), stderr: String(stderr.read() ?? "") };
  }

  it("works on the files of this machine", () => {
    expect(run("export", "--out", "yaml")).toEqual({ status: 0, stdout: "a: 1\nb: 2\n", stderr: "" });
    expect(run("export", "-o", "out.yaml")).toMatchObject({ status: 0, stdout: "" });
    expect(readFileSync(join(folder, "out.yaml"), "utf8")).toBe("a: 1\nb: 2\n");
  });

  it("gives the exit status of the command", () => {
    writeFileSync(join(folder, "y.cue"), "package x\n\na: 2\n");
    const { status, stderr } = run("vet");
    expect(status).toBe(1);
    expect(stderr).toContain("conflicting values");
    expect(run("export", "--nope").status).toBe(1);
  });
});
