/** What a browser loads: the entry without the packages of the second tier, and the whole one, minified and compressed. */
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

export interface BundleSize {
  readonly minified: number;
  readonly gzipped: number;
  /** Bytes of the output by source folder or package, largest first. */
  readonly parts: readonly (readonly [string, number])[];
}

export async function bundleSize(): Promise<{ readonly core: BundleSize; readonly all: BundleSize }> {
  return { core: await sizeOf("core.ts"), all: await sizeOf("index.ts") };
}

async function sizeOf(entry: string): Promise<BundleSize> {
  const result = await build({
    entryPoints: [join(import.meta.dirname, "../src", entry)],
    bundle: true,
    minify: true,
    write: false,
    format: "esm",
    platform: "neutral",
    mainFields: ["module", "main"],
    conditions: ["import"],
    target: "es2023",
    metafile: true,
    logLevel: "error",
  });
  const contents = result.outputFiles[0]?.contents ?? new Uint8Array();
  const parts = new Map<string, number>();
  for (const output of Object.values(result.metafile.outputs))
    for (const [path, input] of Object.entries(output.inputs)) {
      const part = /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? /src\/(\w[\w-]*)\//.exec(path)?.[1] ?? "src";
      parts.set(part, (parts.get(part) ?? 0) + input.bytesInOutput);
    }
  return {
    minified: contents.length,
    gzipped: gzipSync(contents, { level: 9 }).length,
    parts: [...parts].sort((a, b) => b[1] - a[1]),
  };
}
