/** Nodes of one service, asked in turn; one that fails is left out for a while. */
import type { AppError } from "../core/errors.js";

/** How long a node that failed is left out while another one answers; twice as long after each further failure. */
const LEFT_OUT_MS = 5_000;
const LONGEST_OUT_MS = 60_000;

export interface Node {
  /** Without credentials: may be shown. */
  readonly origin: string;
  /** In front of every path; "" or `/prefix`. */
  readonly prefix: string;
}

interface Absence {
  readonly failedAt: number;
  readonly ms: number;
  readonly until: number;
}

export class Nodes {
  readonly #nodes: readonly Node[];
  readonly #out = new Map<Node, Absence>();
  #next = 0;

  /** @param nodes at least one */
  constructor(nodes: readonly Node[]) {
    this.#nodes = nodes;
  }

  get addresses(): readonly string[] {
    return this.#nodes.map(({ origin, prefix }) => origin + prefix);
  }

  /** Those that are not left out now. */
  get healthy(): number {
    return this.#nodes.filter((node) => !this.#isOut(node)).length;
  }

  /** Whether another one than this can be asked. */
  hasOther(node: Node): boolean {
    return this.#nodes.some((each) => each !== node && !this.#isOut(each));
  }

  /**
   * The first one that is not left out, so that what was done is seen by the next request: in a cluster the others may
   * hear of it a moment later. `spread`: the next one in turn. When all are left out, one of them all the same.
   */
  pick(spread: boolean): Node {
    const from = spread ? this.#next : 0;
    const inTurn = this.#nodes.map((_, i) => this.#nodes[(from + i) % this.#nodes.length] as Node);
    const node = inTurn.find((each) => !this.#isOut(each)) ?? (inTurn[0] as Node);
    if (spread) this.#next = (this.#nodes.indexOf(node) + 1) % this.#nodes.length;
    // One request tries a node again; the others do not wait for its outcome.
    const out = this.#out.get(node);
    if (out !== undefined) this.#out.set(node, { ...out, until: performance.now() + out.ms });
    return node;
  }

  failed(node: Node): void {
    const now = performance.now();
    const before = this.#out.get(node);
    // Requests that were under way together fail together, and count once.
    if (before !== undefined && now < before.failedAt + before.ms) return;
    const ms = before === undefined ? LEFT_OUT_MS : Math.min(2 * before.ms, LONGEST_OUT_MS);
    this.#out.set(node, { failedAt: now, ms, until: now + ms });
  }

  answered(node: Node): void {
    this.#out.delete(node);
  }

  #isOut(node: Node): boolean {
    return (this.#out.get(node)?.until ?? 0) > performance.now();
  }
}

/**
 * @param list separated by commas
 * @param refused the error for an address, counted from 1; what is wrong never shows what may be a password
 */
export function parseAddresses(list: string, refused: (address: number, wrong: string) => AppError): readonly Node[] {
  const parts = list
    .split(",")
    .map((part) => part.trim())
    .filter(Boolean);
  if (parts.length === 0) throw refused(1, "is missing");
  return parts.map((part, i) => {
    const url = URL.canParse(part) ? new URL(part) : undefined;
    if (url === undefined || !["http:", "https:"].includes(url.protocol)) {
      throw refused(i + 1, "is no http or https address");
    }
    if (url.username !== "" || url.password !== "") throw refused(i + 1, "holds a user or password, which is not used");
    if (url.search !== "" || url.hash !== "") throw refused(i + 1, "holds a query or a fragment");
    return { origin: url.origin, prefix: url.pathname.replace(/\/+$/, "") };
  });
}
