/** One certificate authority per plane and what it signs, so that every connection is verified. ECDSA P-256. */
import "reflect-metadata";
import { webcrypto } from "node:crypto";
import * as x509 from "@peculiar/x509";

export interface KeyPair {
  /** PEM. */
  readonly certificate: string;
  /** PEM, PKCS #8. Secret. */
  readonly key: string;
}

export interface Authority {
  readonly certificate: string;
  /** `group` is the organization, which the API server reads as the user's group. */
  issue(name: string, group?: string): Promise<KeyPair>;
}

const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };

export async function createAuthority(): Promise<Authority> {
  const keys = await generateKeys();
  const nowMs = Date.now();
  const validity = { notBefore: new Date(nowMs - 3_600_000), notAfter: new Date(nowMs + 86_400_000), signingAlgorithm: algorithm };
  const ca = await x509.X509CertificateGenerator.createSelfSigned({
    ...validity,
    name: "CN=slipway-test-ca",
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.digitalSignature, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return {
    certificate: `${ca.toString("pem")}\n`,
    issue: async (name, group) => {
      const own = await generateKeys();
      const certificate = await x509.X509CertificateGenerator.create({
        ...validity,
        subject: group === undefined ? `CN=${name}` : `CN=${name},O=${group}`,
        issuer: ca.subject,
        publicKey: own.publicKey,
        signingKey: keys.privateKey,
        extensions: [
          new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
          new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth, x509.ExtendedKeyUsage.clientAuth]),
          new x509.SubjectAlternativeNameExtension([
            { type: "ip", value: "127.0.0.1" },
            { type: "dns", value: "localhost" },
          ]),
        ],
      });
      return { certificate: `${certificate.toString("pem")}\n`, key: await pem(own.privateKey) };
    },
  };
}

async function pem(key: webcrypto.CryptoKey): Promise<string> {
  const text = Buffer.from(await webcrypto.subtle.exportKey("pkcs8", key)).toString("base64");
  return `-----BEGIN PRIVATE KEY-----\n${text.replace(/.{64}(?=.)/g, "$&\n")}\n-----END PRIVATE KEY-----\n`;
}

function generateKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
}
