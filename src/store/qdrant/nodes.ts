/** The nodes that QDRANT_URL names, asked in turn; one that fails is left out for a while. */
import { Pool } from "undici";
import { AppError } from "../../core/errors.js";

/** How long a node that failed is left out while another one answers. */
const LEFT_OUT_MS = 5_000;
/** The server closes idle connections after 5 s: ours go first. */
const KEEP_ALIVE_MS = 3_000;

export interface Node {
  /** Without credentials: may be shown. */
  readonly origin: string;
  /** In front of every path; "" or `/prefix`. */
  readonly prefix: string;
  readonly pool: Pool;
}

export class Nodes {
  readonly #nodes: readonly Node[];
  readonly #outUntil = new Map<Node, number>();
  #next = 0;

  /** @param urls separated by commas @throws AppError `config` */
  constructor(urls: string, connections: number) {
    const addresses = parseUrls(urls);
    this.#nodes = addresses.map(({ origin, prefix }) => ({
      origin,
      prefix,
      // The guard bounds the time of every call; a second clock would only end some of them with another error.
      pool: new Pool(origin, { connections, keepAliveTimeout: KEEP_ALIVE_MS, headersTimeout: 0, bodyTimeout: 0 }),
    }));
  }

  get origins(): readonly string[] {
    return this.#nodes.map(({ origin, prefix }) => origin + prefix);
  }

  /** Those that are not left out now. */
  get healthy(): number {
    return this.#nodes.filter((node) => !this.#isOut(node)).length;
  }

  /**
   * The first one that is not left out, so that what was done is seen by the next request: in a cluster the others may
   * hear of it a moment later. `spread`: the next one in turn. When all are left out, one of them all the same.
   */
  pick(spread: boolean): Node {
    if (!spread) return this.#nodes.find((node) => !this.#isOut(node)) ?? (this.#nodes[0] as Node);
    const inTurn = this.#nodes.map((_, i) => this.#nodes[(this.#next + i) % this.#nodes.length] as Node);
    const node = inTurn.find((each) => !this.#isOut(each)) ?? (inTurn[0] as Node);
    this.#next = (this.#nodes.indexOf(node) + 1) % this.#nodes.length;
    return node;
  }

  failed(node: Node): void {
    this.#outUntil.set(node, performance.now() + LEFT_OUT_MS);
  }

  answered(node: Node): void {
    this.#outUntil.delete(node);
  }

  async close(): Promise<void> {
    await Promise.allSettled(this.#nodes.map(({ pool }) => pool.destroy()));
  }

  #isOut(node: Node): boolean {
    return (this.#outUntil.get(node) ?? 0) > performance.now();
  }
}

/** Each as origin and path prefix. @throws AppError `config`, which never shows what may be a password */
export function parseUrls(urls: string): { origin: string; prefix: string }[] {
  const parts = urls
    .split(",")
    .map((url) => url.trim())
    .filter(Boolean);
  return parts.map((part, i) => {
    const url = URL.canParse(part) ? new URL(part) : undefined;
    if (url === undefined || !["http:", "https:"].includes(url.protocol))
      throw badUrl(i, "is no http or https address");
    if (url.username !== "" || url.password !== "")
      throw badUrl(i, "holds a user or password, which Qdrant does not use");
    if (url.search !== "" || url.hash !== "") throw badUrl(i, "holds a query or a fragment");
    return { origin: url.origin, prefix: url.pathname.replace(/\/+$/, "") };
  });
}

function badUrl(index: number, what: string): AppError {
  return new AppError("config", `QDRANT_URL: address ${index + 1} ${what}.`, {
    remedy: "Write http://host:6333, several separated by commas; the key goes into QDRANT_API_KEY.",
  });
}
