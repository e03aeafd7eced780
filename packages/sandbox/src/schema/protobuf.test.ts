import { describe, expect, it } from "vitest";
import { messageNames, messageType } from "./message-types.ts";
import { ProtobufError, decodeProtobufBody } from "./protobuf.ts";

const bytes = (value: string): number[] => [...new TextEncoder().encode(value)];
const varint = (value: number): number[] => (value < 128 ? [value] : [(value & 127) | 128, ...varint(value >>> 7)]);
const field = (number: number, body: number[] | string): number[] => {
  const raw = typeof body === "string" ? bytes(body) : body;
  return [...varint((number << 3) | 2), ...varint(raw.length), ...raw];
};
const integer = (number: number, value: number): number[] => [...varint(number << 3), ...varint(value)];
const body = (apiVersion: string, kind: string, raw: number[]): Uint8Array =>
  Uint8Array.from([
    0x6b,
    0x38,
    0x73,
    0,
    ...field(1, [...field(1, apiVersion), ...field(2, kind)]),
    ...field(2, raw),
    ...field(3, ""),
    ...field(4, ""),
  ]);

describe("protobuf bodies", () => {
  it("decodes maps, bytes and metadata", () => {
    const metadata = [...field(1, "s"), ...field(2, ""), ...field(3, "default"), ...field(11, [...field(1, "app"), ...field(2, "web")])];
    const secret = [...field(1, metadata), ...field(2, [...field(1, "key"), ...field(2, "value")])];
    expect(decodeProtobufBody(body("v1", "Secret", secret)).object).toEqual({
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name: "s", namespace: "default", labels: { app: "web" } },
      data: { key: Buffer.from("value").toString("base64") },
    });
  });

  it("keeps a zero that was said and drops one that Go merely encodes", () => {
    const deployment = [...field(2, [...integer(1, 0), ...integer(5, 0)])];
    expect(decodeProtobufBody(body("apps/v1", "Deployment", deployment)).object["spec"]).toEqual({ replicas: 0 });
  });

  it("reads integers and texts of int-or-string, and fields that JSON shows inline", () => {
    const port = [...integer(3, 80), ...field(4, [...integer(1, 0), ...integer(2, 8080)])];
    const named = [...integer(3, 81), ...field(4, [...integer(1, 1), ...field(3, "http")])];
    const service = field(2, [...field(1, port), ...field(1, named)]);
    expect(decodeProtobufBody(body("v1", "Service", service)).object["spec"]).toEqual({
      ports: [
        { port: 80, targetPort: 8080 },
        { port: 81, targetPort: "http" },
      ],
    });
    const volume = [...field(1, "v"), ...field(2, field(2, []))];
    expect(decodeProtobufBody(body("v1", "Pod", field(2, field(1, volume)))).object["spec"]).toEqual({
      volumes: [{ name: "v", emptyDir: {} }],
    });
  });

  it.each([
    ["no prefix", Uint8Array.from([1, 2, 3, 4])],
    ["a length beyond the end", Uint8Array.from([0x6b, 0x38, 0x73, 0, 0x0a, 0x7f])],
    ["an unknown kind", body("example.dev/v1", "Widget", [])],
    ["an endless number", Uint8Array.from([0x6b, 0x38, 0x73, 0, ...Array.from({ length: 12 }, () => 0xff)])],
  ])("refuses %s", (_, input) => {
    expect(() => decodeProtobufBody(input)).toThrow(ProtobufError);
  });

  it("has a table in which every reference leads somewhere and no number is used twice", () => {
    for (const name of messageNames()) {
      const type = messageType(name);
      expect(type?.byNumber.size).toBe(type?.fields.length);
      for (const found of type?.fields ?? []) if (!found.scalar) expect(messageType(found.type), `${name}.${found.name}`).toBeDefined();
    }
  });
});
