/** One request to a Qdrant: guarded, on a node that answers, its errors typed. The only file that speaks HTTP. */
import { abortReason } from "../../core/errors.js";
import { Guard, type GuardOptions, type GuardStatus } from "../../resilience/guard.js";
import { classify, HttpError, isNodeFailure, NotQdrantError } from "./errors.js";
import type { Json } from "./json.js";
import { type Node, Nodes } from "./nodes.js";

type OwnGuardOptions = "classify" | "name" | "refusal" | "timeoutRemedy" | "random";

export interface TransportOptions extends Omit<GuardOptions, OwnGuardOptions> {
  readonly timeoutMs: number;
  /** Separated by commas. */
  readonly urls: string;
  readonly apiKey?: string | undefined;
  readonly onRequest?: (operation: string, status: "ok" | "error") => void;
}

export interface Request {
  /** For metrics: a closed list. */
  readonly operation: string;
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** Begins with `/`; names in it are escaped. */
  readonly path: string;
  readonly body?: Json;
  /** Absent: it may be repeated. False where that could do harm, or where the caller looks for itself. */
  readonly retry?: false;
  /** Any node may answer, not only the one that hears of changes first. */
  readonly spread?: true;
  /** The next part of a search: it goes before searches that have not begun. */
  readonly goesOn?: boolean;
  /** The answer is not wrapped: all of it is the result. */
  readonly bare?: true;
}

const MAX_DETAIL = 300;
/** Answered at once by a node that is well: when it says nothing for a third of the time, another one is asked. */
const QUICK = new Set(["probe", "aliases", "describe", "book", "count", "read", "scroll", "search", "facet"]);

export class Transport {
  readonly #nodes: Nodes;
  readonly #guard: Guard;
  readonly #options: TransportOptions;

  /** Opens nothing. @throws AppError `config` for a bad address */
  constructor(options: TransportOptions) {
    this.#options = options;
    this.#nodes = new Nodes(options.urls, options.poolSize);
    this.#guard = new Guard({
      ...options,
      name: "Qdrant",
      refusal: "store_down",
      timeoutRemedy: "Try again, or raise QDRANT_POOL_TIMEOUT or QDRANT_POOL_SIZE.",
      classify: (thrown, attempt) =>
        classify(thrown, attempt, this.#nodes.healthy > 0 && this.#nodes.origins.length > 1),
    });
  }

  get status(): GuardStatus & { readonly nodes: readonly string[]; readonly healthy: number } {
    return { ...this.#guard.status, nodes: this.#nodes.origins, healthy: this.#nodes.healthy };
  }

  /** The answer's `result`. @throws AppError */
  async call<T>(request: Request, signal?: AbortSignal): Promise<T> {
    const { operation, retry = true, goesOn = false } = request;
    try {
      const result = await this.#guard.run((inner) => this.#ask<T>(request, inner), { signal, retry, goesOn });
      this.#options.onRequest?.(operation, "ok");
      return result;
    } catch (error) {
      this.#options.onRequest?.(operation, "error");
      throw error;
    }
  }

  close(): Promise<void> {
    return this.#nodes.close();
  }

  async #ask<T>(request: Request, signal: AbortSignal): Promise<T> {
    const node = this.#nodes.pick(request.spread ?? false);
    try {
      const result = await this.#send<T>(node, request, signal);
      this.#nodes.answered(node);
      return result;
    } catch (error) {
      const isSilent = signal.aborted && abortReason(signal).code === "timeout";
      if (isSilent || (!signal.aborted && isNodeFailure(error))) this.#nodes.failed(node);
      throw error;
    }
  }

  async #send<T>(node: Node, request: Request, signal: AbortSignal): Promise<T> {
    const { operation, method, path, body, bare } = request;
    const { apiKey, timeoutMs } = this.#options;
    const mayMove = QUICK.has(operation) && this.#nodes.hasOther(node);
    const answer = await node.pool.request({
      method,
      path: node.prefix + path,
      headers: {
        // Compressed answers come in two segments, and wait 40 ms for an acknowledgement between them.
        "accept-encoding": "identity",
        "content-type": body && "application/json",
        "api-key": apiKey,
      },
      body,
      headersTimeout: mayMove ? timeoutMs / 3 : undefined,
      signal,
    });
    const text = await answer.body.text();
    const isJson = /\bjson\b/.test(String(answer.headers["content-type"] ?? ""));
    if (answer.statusCode >= 300) {
      throw new HttpError(answer.statusCode, detailOf(text, isJson), isJson, retryAfter(answer.headers["retry-after"]));
    }
    if (!isJson) throw new NotQdrantError("The server answers with something that is not JSON");
    const parsed = JSON.parse(text) as { result?: T } | null;
    if (bare) return parsed as T;
    if (parsed?.result === undefined) throw new NotQdrantError("The server's JSON has no `result`");
    return parsed.result;
  }
}

/** One line: Qdrant's own message, or the beginning of what something else says. */
function detailOf(text: string, isJson: boolean): string {
  let said: unknown = text;
  if (isJson) {
    try {
      const parsed = JSON.parse(text) as { status?: { error?: unknown } } | string;
      said = typeof parsed === "string" ? parsed : parsed.status?.error;
    } catch {
      // A broken error is still an error: its text is what there is.
    }
  }
  const line = String(said ?? "")
    .replace(/<[^>]*>/g, " ")
    .replace(/\s+/g, " ")
    .trim();
  return line === "" ? "no reason given" : line.slice(0, MAX_DETAIL);
}

/** Milliseconds from seconds or an HTTP date (RFC 9110, 10.2.3). */
function retryAfter(header: string | string[] | undefined): number | undefined {
  if (typeof header !== "string") return undefined;
  const ms = /^\d+$/.test(header.trim()) ? Number(header) * 1_000 : Date.parse(header) - Date.now();
  return Number.isFinite(ms) ? Math.max(0, ms) : undefined;
}
