/** A bearer token in a file that someone rotates: the projected service account token, `tokenFile`. */
import { readFile } from "node:fs/promises";
import type { Clock } from "@slipway/std";
import { AppError } from "@slipway/std";
import type { Credentials, CredentialSource } from "./cluster-config.ts";

/** The kubelet rotates long before expiry, so a token read this recently still holds (client-go uses the same minute). */
const rereadAfterMs = 60_000;

/** Reads the file at first use, then again once a minute and after a 401. Throws `KUBE_CONFIG` naming the file. */
export function createTokenFileCredentials(path: string, fixed: Credentials, clock: Clock): CredentialSource {
  let cached: { readonly credentials: Credentials; readonly readAtMs: number } | undefined;
  return {
    async current() {
      if (cached !== undefined && clock.now() - cached.readAtMs < rereadAfterMs) return cached.credentials;
      let token: string;
      try {
        token = (await readFile(path, "utf8")).trim();
      } catch (cause) {
        throw new AppError("KUBE_CONFIG", `cannot read the token file ${path}: ${(cause as Error).message}`, { retry: "backoff", cause });
      }
      if (token === "") throw new AppError("KUBE_CONFIG", `the token file ${path} is empty`, { retry: "backoff" });
      cached = { credentials: { ...fixed, token }, readAtMs: clock.now() };
      return cached.credentials;
    },
    invalidate(rejected) {
      if (cached?.credentials === rejected) cached = undefined;
      return true;
    },
  };
}
