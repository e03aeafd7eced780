import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fnv1a32, hashPodTemplate, podTemplatesEqual, safeEncode } from "./pod-template.ts";

const template = (labels: object, image = "web:1"): object => ({ metadata: { labels }, spec: { containers: [{ name: "web", image }] } });

describe("pod template hash", () => {
  it("is FNV-1a: the published vectors", () => {
    expect([fnv1a32(""), fnv1a32("a"), fnv1a32("foobar")]).toEqual([0x811c9dc5, 0xe40c292c, 0xbf9cf968]);
  });

  it("uses letters that spell nothing", () => {
    fc.assert(fc.property(fc.object(), (value) => /^[bcdfghjklmnpqrstvwxz2456789]{1,10}$/.test(hashPodTemplate(value))));
    expect(safeEncode("0123456789")).toBe("456789bcdf");
  });

  it("does not change between releases: ReplicaSets are found by it", () => {
    expect(hashPodTemplate(template({ app: "web" }))).toMatchInlineSnapshot(`"794686fc5b"`);
    expect(hashPodTemplate(template({ app: "web" }), 1)).toMatchInlineSnapshot(`"5b454996cb"`);
  });

  it("depends on neither key order nor the hash label, but on all else", () => {
    const hash = hashPodTemplate(template({ app: "web", tier: "a" }));
    expect(hashPodTemplate(template({ tier: "a", app: "web", "pod-template-hash": "x" }))).toBe(hash);
    expect(hashPodTemplate(template({ app: "web", tier: "b" }))).not.toBe(hash);
    expect(hashPodTemplate(template({ app: "web", tier: "a" }, "web:2"))).not.toBe(hash);
    expect(hashPodTemplate(template({ app: "web", tier: "a" }), 1)).not.toBe(hash);
  });
});

describe("podTemplatesEqual", () => {
  it("ignores the hash label, a null creationTimestamp and the emptiness they leave", () => {
    expect(podTemplatesEqual(template({ a: "1" }), template({ a: "1", "pod-template-hash": "x" }))).toBe(true);
    expect(podTemplatesEqual({ spec: {} }, { metadata: { creationTimestamp: null, labels: { "pod-template-hash": "x" } }, spec: {} })).toBe(
      true,
    );
    expect(podTemplatesEqual(template({ a: "1" }), template({ a: "2" }))).toBe(false);
  });

  it("agrees with the hash", () => {
    const some = fc.record({
      metadata: fc.record({ labels: fc.dictionary(fc.constantFrom("a", "pod-template-hash"), fc.constantFrom("1", "2")) }),
      spec: fc.constantFrom({ a: 1 }, { a: 2 }),
    });
    fc.assert(
      fc.property(some, some, (a, b) => {
        expect(hashPodTemplate(a) === hashPodTemplate(b)).toBe(podTemplatesEqual(a, b));
      }),
    );
  });
});
