/**
 * One serving certificate for all replicas, kept in a Secret, renewed before it expires.
 *
 *   tls.crt, tls.key     what every replica serves
 *   ca.crt               what the API server shall trust: the authorities of all certificates that may be served
 *   next.crt, next.key   a renewed pair that is not served yet; annotation `slipway.dev/serve-next-from` says from when
 *
 * A renewal takes two steps, `overlapMs` apart, so that no replica serves what some webhook registration does not trust
 * yet: first the new authority joins `ca.crt` and is registered, then the new pair is served. The old authority stays
 * trusted until it expires. Any replica may take a step: each is one write with the version that was read, so of
 * several that try one succeeds and the others read its work. Authorities sign once and their keys are thrown away.
 *
 * A Secret that is missing, unreadable, expired or made for other names is replaced at once.
 */
import { X509Certificate } from "node:crypto";
import type { KubeClient, KubeObject } from "@slipway/kube";
import { isAlreadyExists, isConflict, isNotFound, resources } from "@slipway/kube";
import type { Clock, Logger } from "@slipway/std";
import { AppError, errorMessage, formatTimestamp } from "@slipway/std";
import type { CertificateOptions, ServingCertificates } from "./certificates.ts";
import { createServingCertificates } from "./certificates.ts";

export interface SharedCertificatesOptions extends CertificateOptions {
  /** Not gated by leadership: a stand-by serves webhooks too. Needs get, create and update of this Secret. */
  readonly client: KubeClient;
  readonly logger: Logger;
  readonly namespace: string;
  /** Name of the Secret. */
  readonly name: string;
  /** Default 90 days. */
  readonly validityMs?: number;
  /** Renewal begins this long before the end, milliseconds. Default a third of the validity. */
  readonly renewBeforeMs?: number;
  /** Between trusting a new authority and serving its certificate, milliseconds. Default 600_000; above `checkMs`. */
  readonly overlapMs?: number;
  /** How often the Secret is looked at, milliseconds. Default 60_000. */
  readonly checkMs?: number;
  /** Told while it looks, so that a stepped clock can wait. */
  readonly activity?: { begin(): () => void };
  /** Times the looks. Default: `clock`. */
  readonly processClock?: Clock;
  /** Told of each change: serve `certificate` and `key`, register `caBundle`. When it throws, it is told again next time. */
  readonly onChange: (certificates: ServingCertificates) => void | Promise<void>;
}

export interface SharedCertificates {
  /** Reads or makes the first ones; `onChange` is not told of those. Throws what the API server answers. */
  start(signal: AbortSignal): Promise<ServingCertificates>;
  stop(): Promise<void>;
}

interface Kept {
  readonly serving: ServingCertificates;
  readonly next: { readonly certificate: string; readonly key: string; readonly fromMs: number } | undefined;
}

const dayMs = 86_400_000;
const nextFrom = "slipway.dev/serve-next-from";
const attempts = 5;

export function createSharedCertificates(options: SharedCertificatesOptions): SharedCertificates {
  return new SecretCertificates(options);
}

class SecretCertificates implements SharedCertificates {
  readonly #options: SharedCertificatesOptions;
  readonly #validityMs: number;
  readonly #stop = new AbortController();
  #told: ServingCertificates | undefined;
  #running: Promise<void> = Promise.resolve();

  constructor(options: SharedCertificatesOptions) {
    this.#options = options;
    this.#validityMs = options.validityMs ?? 90 * dayMs;
  }

  async start(signal: AbortSignal): Promise<ServingCertificates> {
    const until = AbortSignal.any([signal, this.#stop.signal]);
    const first = await this.#current(until);
    this.#told = first;
    this.#running = this.#run(until);
    return first;
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  async #run(signal: AbortSignal): Promise<void> {
    const { clock, processClock = clock, checkMs = 60_000, logger, onChange } = this.#options;
    while (!signal.aborted) {
      await processClock.sleep(checkMs, signal).catch(() => undefined);
      if (signal.aborted) return;
      const end = this.#options.activity?.begin();
      try {
        const current = await this.#current(signal);
        if (current.certificate === this.#told?.certificate && current.caBundle === this.#told.caBundle) continue;
        await onChange(current);
        this.#told = current;
        logger.info("webhook certificates changed", { notAfter: formatTimestamp(current.notAfterMs) });
      } catch (error) {
        if (!signal.aborted) logger.warn("webhook certificates not looked at", { error: errorMessage(error) });
      } finally {
        end?.();
      }
    }
  }

  /** What is to be served now, after the step that is due, if one is. */
  async #current(signal: AbortSignal): Promise<ServingCertificates> {
    const { client, namespace, name } = this.#options;
    for (let attempt = 0; attempt < attempts; attempt++) {
      const secret = await client.get(resources.secrets, { namespace, name }, { signal }).catch((error: unknown) => {
        if (isNotFound(error)) return undefined;
        throw error;
      });
      const kept = secret === undefined ? undefined : this.#read(secret);
      const due = await this.#step(kept);
      if (due === undefined && kept !== undefined) return kept.serving;
      if (due === undefined) continue;
      try {
        const object = secretOf(secret ?? { apiVersion: "v1", kind: "Secret", metadata: { namespace, name }, type: "Opaque" }, due);
        if (secret === undefined) await client.create(resources.secrets, object, { signal });
        else await client.replace(resources.secrets, object, { signal });
        return due.serving;
      } catch (error) {
        // Another replica was faster: what it wrote counts.
        if (!isConflict(error) && !isAlreadyExists(error) && !isNotFound(error)) throw error;
      }
    }
    throw new AppError("CERTIFICATE_SECRET", `secret ${namespace}/${name} keeps changing; see who else writes it`);
  }

  /** What must be written now. `undefined`: nothing. */
  async #step(kept: Kept | undefined): Promise<Kept | undefined> {
    const { clock, overlapMs = 600_000, renewBeforeMs = this.#validityMs / 3 } = this.#options;
    const nowMs = clock.now();
    if (kept === undefined) return { serving: await this.#create(), next: undefined };
    const { serving, next } = kept;
    if (next !== undefined && (next.fromMs <= nowMs || serving.notAfterMs <= nowMs)) {
      const { certificate, key } = next;
      return { serving: { ...serving, certificate, key, notAfterMs: endOf(certificate) }, next: undefined };
    }
    if (serving.notAfterMs <= nowMs) return { serving: await this.#create(), next: undefined };
    if (next !== undefined || serving.notAfterMs - nowMs > renewBeforeMs) return undefined;
    const { certificate, key, caBundle } = await this.#create();
    const trusted = certificatesIn(serving.caBundle).filter((pem) => endOf(pem) > nowMs);
    // A certificate that is about to end is replaced sooner.
    const fromMs = nowMs + Math.min(overlapMs, (serving.notAfterMs - nowMs) / 2);
    return { serving: { ...serving, caBundle: caBundle + trusted.join("") }, next: { certificate, key, fromMs } };
  }

  #create(): Promise<ServingCertificates> {
    const { names, clock } = this.#options;
    return createServingCertificates({ names, clock, validityMs: this.#validityMs });
  }

  /** `undefined` when it cannot be used. */
  #read(secret: KubeObject): Kept | undefined {
    const data = (secret["data"] ?? {}) as Readonly<Record<string, string>>;
    const text = (name: string): string => Buffer.from(data[name] ?? "", "base64").toString("utf8");
    try {
      const [certificate, key, caBundle] = [text("tls.crt"), text("tls.key"), text("ca.crt")];
      const parsed = new X509Certificate(certificate);
      const authorities = certificatesIn(caBundle).map((pem) => new X509Certificate(pem));
      const isTrusted = authorities.some((authority) => parsed.verify(authority.publicKey));
      const isNamed = this.#options.names.every((name) => parsed.checkHost(name) !== undefined || parsed.checkIP(name) !== undefined);
      if (key === "" || !isTrusted || !isNamed) return undefined;
      const fromMs = Date.parse(secret.metadata.annotations?.[nextFrom] ?? "");
      const next =
        data["next.crt"] === undefined || Number.isNaN(fromMs)
          ? undefined
          : { certificate: text("next.crt"), key: text("next.key"), fromMs };
      if (next !== undefined) endOf(next.certificate);
      return { serving: { caBundle, certificate, key, notAfterMs: endOf(certificate) }, next };
    } catch {
      this.#options.logger.warn("webhook certificates in the secret cannot be read; they are made anew", { secret: this.#options.name });
      return undefined;
    }
  }
}

function secretOf(secret: KubeObject, { serving, next }: Kept): KubeObject {
  const { [nextFrom]: _before, ...annotations } = secret.metadata.annotations ?? {};
  if (next !== undefined) annotations[nextFrom] = formatTimestamp(next.fromMs);
  const texts: Record<string, string> = { "tls.crt": serving.certificate, "tls.key": serving.key, "ca.crt": serving.caBundle };
  if (next !== undefined) Object.assign(texts, { "next.crt": next.certificate, "next.key": next.key });
  const data = Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, Buffer.from(text).toString("base64")]));
  return { ...secret, metadata: { ...secret.metadata, annotations }, data };
}

function certificatesIn(bundle: string): string[] {
  return (bundle.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []).map((pem) => `${pem}\n`);
}

/** When a certificate ends, milliseconds since the epoch. */
function endOf(pem: string): number {
  return new X509Certificate(pem).validToDate.getTime();
}
