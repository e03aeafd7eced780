/**
 * Before every test file: property tests draw from one fixed seed, so that a run repeats. `PROPERTY_SEED=<number>` draws from
 * another, `PROPERTY_SEED=random` from a new one each time; a counterexample found so is kept in the test's `examples`.
 */
import fc from "fast-check";

const seed = process.env["PROPERTY_SEED"] ?? "20260101";
if (seed !== "random") fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: Number(seed) });
