/**
 * The webhook server's own certificate authority and serving certificate: ECDSA P-256, X.509 v3.
 *
 * The CA's key is thrown away after it signed the one certificate, so a leaked bundle can sign nothing. Rotation is
 * therefore: create a new pair, register the new CA, then `WebhookServer.replaceCertificates`.
 */
import { webcrypto } from "node:crypto";
import type { Clock } from "@slipway/std";
import { at } from "@slipway/std";

export interface ServingCertificates {
  /** PEM; what clients trust. */
  readonly caBundle: string;
  /** PEM; the serving certificate. */
  readonly certificate: string;
  /** PEM, PKCS #8. Secret. */
  readonly key: string;
  readonly notAfterMs: number;
}

export interface CertificateOptions {
  /** DNS names and IP addresses that clients will connect to. */
  readonly names: readonly string[];
  /** The clock that clients verify by, so the real one outside of tests of rotation. */
  readonly clock: Clock;
  /** Default 365 days. */
  readonly validityMs?: number;
}

const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
const dayMs = 86_400_000;

export async function createServingCertificates(options: CertificateOptions): Promise<ServingCertificates> {
  // Loaded here, not at the top: it takes a tenth of a second, and a manager without webhooks does not need it.
  await import("reflect-metadata");
  const x509 = await import("@peculiar/x509");
  const [authority, serving] = await Promise.all([generateKeys(), generateKeys()]);
  const nowMs = options.clock.now();
  const notAfterMs = nowMs + (options.validityMs ?? 365 * dayMs);
  // An hour back, for clients whose clocks are slow.
  const validity = { notBefore: at(nowMs - 3_600_000), notAfter: at(notAfterMs), signingAlgorithm: algorithm };
  const ca = await x509.X509CertificateGenerator.createSelfSigned({
    ...validity,
    name: "CN=slipway-webhook-ca",
    keys: authority,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.digitalSignature, true),
      await x509.SubjectKeyIdentifierExtension.create(authority.publicKey),
    ],
  });
  const certificate = await x509.X509CertificateGenerator.create({
    ...validity,
    subject: "CN=slipway-webhook",
    issuer: ca.subject,
    publicKey: serving.publicKey,
    signingKey: authority.privateKey,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension(options.names.map((value) => ({ type: isAddress(value) ? "ip" : "dns", value }))),
      await x509.AuthorityKeyIdentifierExtension.create(authority.publicKey),
    ],
  });
  const key = Buffer.from(await webcrypto.subtle.exportKey("pkcs8", serving.privateKey)).toString("base64");
  return {
    caBundle: `${ca.toString("pem")}\n`,
    certificate: `${certificate.toString("pem")}\n`,
    key: `-----BEGIN PRIVATE KEY-----\n${key.replace(/.{64}(?=.)/g, "$&\n")}\n-----END PRIVATE KEY-----\n`,
    notAfterMs,
  };
}

function generateKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
}

function isAddress(name: string): boolean {
  return /^\d+\.\d+\.\d+\.\d+$/.test(name) || name.includes(":");
}
