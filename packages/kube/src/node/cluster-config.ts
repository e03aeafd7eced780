/** How to reach one cluster, and as whom. */

/** What a request proves itself with. Certificate and key are PEM text. */
export interface Credentials {
  readonly token?: string;
  readonly username?: string;
  readonly password?: string;
  readonly certificate?: string;
  readonly key?: string;
  /** Further headers, such as `Impersonate-User`. */
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
}

/** Credentials that change: token files, exec plugins. */
export interface CredentialSource {
  /** The credentials for a request now; calls at the same time share what it takes to get them. Throws `KUBE_CONFIG`. */
  current(): Promise<Credentials>;
  /**
   * The server answered 401 to these: forget them, unless newer ones are cached already. True when `current` may now
   * answer something else.
   */
  invalidate(rejected: Credentials): boolean;
}

export interface TlsConfig {
  /** PEM bundle to trust instead of the system's. */
  readonly ca?: string;
  /** Accept any server certificate. Default false. */
  readonly insecureSkipVerify?: boolean;
  /** Name to verify (and send as SNI) instead of the URL's host. */
  readonly serverName?: string;
}

export interface ClusterConfig {
  /** `https://host:6443`, optionally with a path prefix. */
  readonly server: string;
  readonly tls?: TlsConfig;
  readonly credentials?: Credentials | CredentialSource;
  /** The context's namespace, for callers that need one by default. The client itself never adds it. Default `default`. */
  readonly namespace?: string;
}

export function credentialSource(credentials: Credentials | CredentialSource | undefined): CredentialSource {
  if (credentials !== undefined && "current" in credentials) return credentials;
  return { current: () => Promise.resolve(credentials ?? {}), invalidate: () => false };
}
