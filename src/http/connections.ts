/** Connections of one client: a pool for each origin, or the proxies that the environment names. */
import { type Dispatcher, EnvHttpProxyAgent, Pool } from "undici";

/** A host that is gone does not even refuse. */
const CONNECT_MS = 5_000;
/** Servers commonly close idle connections after 5 s: ours go first. */
const KEEP_ALIVE_MS = 3_000;

/** What a server that asks for one gets from us; PEM. */
export interface ClientCertificate {
  readonly cert: Buffer;
  readonly key: Buffer;
}

export interface ConnectionOptions {
  /** Most connections to one origin. */
  readonly poolSize: number;
  /** Silence on a connection that ends its request. Absent: never. */
  readonly idleTimeoutMs?: number | undefined;
  /** Present: the proxies that the environment names are used; `https`, where given, in place of its own. */
  readonly proxy?: { readonly https?: string | undefined } | undefined;
  readonly certificate?: ClientCertificate | undefined;
}

export class Connections {
  readonly #options: Pool.Options;
  readonly #pools = new Map<string, Pool>();
  readonly #proxy: Dispatcher | undefined;

  /** Opens nothing. @throws TypeError for a proxy that is not a URL */
  constructor({ poolSize, idleTimeoutMs = 0, proxy, certificate }: ConnectionOptions) {
    this.#options = {
      connections: poolSize,
      connect: { timeout: CONNECT_MS, ...certificate },
      keepAliveTimeout: KEEP_ALIVE_MS,
      headersTimeout: idleTimeoutMs,
      bodyTimeout: idleTimeoutMs,
    };
    if (proxy === undefined) return;
    const https = proxy.https === undefined ? {} : { httpsProxy: proxy.https };
    this.#proxy = new EnvHttpProxyAgent({ ...this.#options, ...https });
  }

  to(origin: string): Dispatcher {
    if (this.#proxy !== undefined) return this.#proxy;
    const known = this.#pools.get(origin);
    if (known !== undefined) return known;
    const pool = new Pool(origin, this.#options);
    this.#pools.set(origin, pool);
    return pool;
  }

  /** Ends what is under way. */
  async close(): Promise<void> {
    await Promise.allSettled([this.#proxy, ...this.#pools.values()].map((each) => each?.destroy()));
  }
}
