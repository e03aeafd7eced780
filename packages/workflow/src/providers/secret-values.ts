/**
 * Keeps secrets out of what a step tells: messages, waits, logs, debug data. What counts as one: the data of every Secret
 * that the template reads or writes, the values of a config that it creates, and parameters whose name says so.
 *
 * Not covered: what a definition derives by more than putting texts together, and values shorter than four characters.
 */
import type { JsonObject, JsonValue } from "@slipway/std";
import { isJsonObject } from "@slipway/std";
import { decodeBase64, encodeBase64 } from "./base64.ts";

const minLength = 4;
const placeholder = "******";
/** `password`, `clientSecretKey`, `accessToken`; not `secretName`. */
const secretName = /(?:password|passwd|token|secretkey|secret_key|privatekey|private_key|accesskey|access_key|apikey|api_key)$/i;

export class SecretValues {
  readonly #values = new Set<string>();

  /** Takes note of the Secrets in `value`, at any depth, and of fields whose name says that they are secret. */
  learn(value: JsonValue | undefined): void {
    if (Array.isArray(value)) for (const item of value) this.learn(item);
    if (!isJsonObject(value ?? null)) return;
    const object = value as JsonObject;
    const { kind, items } = object;
    if (kind === "Secret") this.#learnSecret(object);
    // Items of a list do not say their kind.
    if (kind === "SecretList" && Array.isArray(items)) for (const item of items) if (isJsonObject(item)) this.#learnSecret(item);
    for (const [name, item] of Object.entries(object)) {
      if (secretName.test(name)) this.learnAll(item);
      this.learn(item);
    }
  }

  /** Takes note of every text in `value`. */
  learnAll(value: JsonValue | undefined): void {
    if (typeof value === "string") this.#add(value);
    else if (Array.isArray(value)) for (const item of value) this.learnAll(item);
    else if (isJsonObject(value ?? null)) for (const item of Object.values(value as JsonObject)) this.learnAll(item);
  }

  #learnSecret({ data, stringData }: JsonObject): void {
    if (isJsonObject(data ?? null)) {
      for (const encoded of Object.values(data as JsonObject)) {
        if (typeof encoded !== "string") continue;
        this.#add(encoded);
        this.#add(decodeBase64(encoded) ?? "");
      }
    }
    this.learnAll(stringData);
  }

  #add(text: string): void {
    if (text.length < minLength || this.#values.has(text)) return;
    this.#values.add(text);
    this.#values.add(JSON.stringify(text).slice(1, -1));
    const trimmed = text.trim();
    if (trimmed.length >= minLength) this.#values.add(trimmed).add(encodeBase64(trimmed));
    this.#values.add(encodeBase64(text));
    // Documents in Secrets, e.g. of an image registry, hold the secret itself.
    if (!trimmed.startsWith("{")) return;
    try {
      this.learnAll(JSON.parse(trimmed) as JsonValue);
    } catch {
      // any other text
    }
  }

  /** The text with asterisks where a secret stood. */
  hide(text: string): string {
    let hidden = text;
    for (const value of [...this.#values].sort((a, b) => b.length - a.length)) hidden = hidden.replaceAll(value, placeholder);
    return hidden;
  }

  /** `value` with every text in it hidden. */
  hideIn(value: JsonValue): JsonValue {
    if (typeof value === "string") return this.hide(value);
    if (Array.isArray(value)) return value.map((item) => this.hideIn(item));
    if (!isJsonObject(value)) return value;
    return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, this.hideIn(item)]));
  }
}
