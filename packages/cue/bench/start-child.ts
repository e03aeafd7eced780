/** Prints the milliseconds from the first import to the first result, the engine's text being translated by Node included. */
const began = performance.now();
const { compile } = await import("../src/index.ts");
const imported = performance.now();
const json = compile("a: 1").instance().toJson();
process.stdout.write(JSON.stringify({ imported: imported - began, first: performance.now() - imported, ok: json.ok }));
