/**
 * The canary annotations of ingress-nginx, prefix `nginx.ingress.kubernetes.io/`. Pure.
 *
 * Precedence: header, then cookie, then weight. A header with `canary-by-header-value` or `-pattern` that does not match falls through
 * to the cookie; without either, `always` and `never` decide. Weights are out of `canary-weight-total`, never less than 100.
 * Patterns are JavaScript regular expressions here and PCRE in nginx.
 */
import type { RandomSource } from "@slipway/std";
import type { Ingress } from "../../controllers/kinds.ts";

const prefix = "nginx.ingress.kubernetes.io/";

export interface CanaryPolicy {
  readonly header: string | undefined;
  readonly headerValue: string | undefined;
  readonly headerPattern: RegExp | undefined;
  readonly cookie: string | undefined;
  readonly weight: number;
  readonly weightTotal: number;
}

/** `undefined` for an Ingress that is no canary. */
export function canaryPolicyOf(ingress: Ingress): CanaryPolicy | undefined {
  const text = (name: string): string | undefined => {
    const value = ingress.metadata.annotations?.[`${prefix}${name}`];
    return value === "" ? undefined : value;
  };
  if (text("canary") !== "true") return undefined;
  const integer = (name: string): number => (/^\d+$/.test(text(name) ?? "") ? Number(text(name)) : 0);
  const headerValue = text("canary-by-header-value");
  return {
    header: text("canary-by-header")?.toLowerCase(),
    headerValue,
    headerPattern: headerValue === undefined ? pattern(text("canary-by-header-pattern")) : undefined,
    cookie: text("canary-by-cookie"),
    weight: integer("canary-weight"),
    weightTotal: Math.max(100, integer("canary-weight-total")),
  };
}

function pattern(source: string | undefined): RegExp | undefined {
  if (source === undefined) return undefined;
  try {
    return new RegExp(source, "u");
  } catch {
    // nginx logs and goes on without a match; so do we.
    return /(?!)/;
  }
}

export interface RequestTraits {
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

/** Whether this request goes to the canary. Draws from `random` only when the weight decides. */
export function takesCanary(policy: CanaryPolicy, request: RequestTraits, random: RandomSource): boolean {
  const header = policy.header === undefined ? undefined : first(request.headers[policy.header]);
  if (header !== undefined) {
    if (policy.headerValue !== undefined) {
      if (header === policy.headerValue) return true;
    } else if (policy.headerPattern !== undefined) {
      if (policy.headerPattern.test(header)) return true;
    } else if (header === "always") return true;
    else if (header === "never") return false;
  }
  const cookie = policy.cookie === undefined ? undefined : cookieOf(first(request.headers["cookie"]), policy.cookie);
  if (cookie === "always") return true;
  if (cookie === "never") return false;
  return policy.weight > 0 && random.next() * policy.weightTotal < policy.weight;
}

function first(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value;
}

function cookieOf(header: string | undefined, name: string): string | undefined {
  for (const part of (header ?? "").split(";")) {
    const equals = part.indexOf("=");
    if (equals > 0 && part.slice(0, equals).trim() === name) return part.slice(equals + 1).trim();
  }
  return undefined;
}
