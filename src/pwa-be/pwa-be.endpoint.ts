/** Where pwa-be is and how we identify ourselves to it. In mock mode it names the bundled sandbox. */
export interface PwaBeEndpoint {
  /** With the `/api` prefix, with or without a trailing slash. */
  readonly baseUrl: string;
  /** HS256 secret of the short-lived user tokens. */
  readonly jwtSecret: string;
  /** Added to every user token; `sub`, `iat` and `exp` are always ours. */
  readonly jwtClaims: Readonly<Record<string, unknown>>;
  /** Milliseconds one upstream request may take. */
  readonly timeoutMs: number;
  /** Mutual TLS, PEM. Without `ca` the system's authorities are trusted. */
  readonly tls?: { readonly cert: string; readonly key: string; readonly ca?: string };
}

/** Injection token of the endpoint. */
export const PWA_BE_ENDPOINT = Symbol('PWA_BE_ENDPOINT');
