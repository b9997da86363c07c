/** Requests to a Qdrant over the HTTP client, counted; results unwrapped from its answers. */
import { AppError } from "../../core/errors.js";
import { readJson } from "../../http/answer.js";
import { type ClientStatus, HttpClient, type HttpClientOptions, type HttpRequest } from "../../http/client.js";
import { parseAddresses } from "../../http/nodes.js";
import { object, type Shape, ShapeError } from "../shapes.js";
import type { Credentials } from "./credentials.js";
import { classify, refusalOf } from "./errors.js";
import type { Json } from "./json.js";

/** The guard's numbers, and where to report what it does. */
type GuardSettings = Pick<
  HttpClientOptions,
  "poolSize" | "maxRetries" | "retryDelayMs" | "failureThreshold" | "resetMs" | "onRetry" | "onBreaker"
>;

export interface TransportOptions extends GuardSettings {
  /** Separated by commas. */
  readonly urls: string;
  readonly timeoutMs: number;
  readonly onRequest?: (ended: EndedRequest) => void;
}

/** A request with its repetitions. */
export interface EndedRequest {
  readonly operation: string;
  readonly status: "ok" | "error";
  /** The HTTP status of a refusal; empty where all was well, or nothing answered. */
  readonly code: string;
  /** Its wait for the pool included. */
  readonly seconds: number;
}

export interface Request<T> extends Pick<HttpRequest, "method" | "path"> {
  /** For metrics: a closed list. */
  readonly operation: string;
  readonly body?: Json;
  /** What is used of the answer's `result`. */
  readonly result: Shape<T>;
  /** Absent: it may be repeated. False where that could do harm, or where the caller looks for itself. */
  readonly retry?: false;
  /** Any node may answer, not only the one that hears of changes first. */
  readonly spread?: true;
  /** The next part of a search: it goes before searches that have not begun. */
  readonly goesOn?: boolean;
  /** The answer is not wrapped: all of it is the result. */
  readonly bare?: true;
}

/** Larger ones are asked for in parts. While JSON is parsed nothing else is heard, for seconds where it is made for that. */
const MAX_ANSWER_BYTES = 8 * 1024 ** 2;
/** Answered at once by a node that is well. */
const QUICK = new Set(["probe", "aliases", "describe", "book", "count", "read", "scroll", "search", "facet"]);

export class Transport {
  readonly #client: HttpClient;
  readonly #onRequest: TransportOptions["onRequest"];

  /** Opens nothing. @throws AppError `config` for a bad address */
  constructor({ urls, onRequest, ...guard }: TransportOptions, credentials: Credentials) {
    this.#onRequest = onRequest;
    this.#client = new HttpClient({
      ...guard,
      name: "Qdrant",
      refusal: "store_down",
      timeoutRemedy: "Try again, or raise QDRANT_POOL_TIMEOUT or QDRANT_POOL_SIZE.",
      nodes: parseAddresses(urls, badAddress),
      ownHeaders: () => credentials.headers,
      certificate: credentials.certificate,
      reason: (body) => (body as { status?: { error?: unknown } }).status?.error,
      classify,
    });
  }

  get status(): ClientStatus {
    return this.#client.status;
  }

  /** The answer's `result`. @throws AppError */
  async call<T>(request: Request<T>, signal?: AbortSignal): Promise<T> {
    const { operation, method, path, body, result: shape, bare, retry, spread, goesOn } = request;
    const began = performance.now();
    const ended = (status: EndedRequest["status"], code = "") =>
      this.#onRequest?.({ operation, status, code, seconds: (performance.now() - began) / 1_000 });
    try {
      const result = await this.#client.run(
        async (send) => {
          const answer = await readJson(await send({ method, path, body }), MAX_ANSWER_BYTES);
          if (bare) return shape(answer, "answer");
          const { result } = object(answer, "answer");
          if (result === undefined) throw new ShapeError("it has no `result`");
          return shape(result, "result");
        },
        { signal, retry, spread, goesOn, quick: QUICK.has(operation) },
      );
      ended("ok");
      return result;
    } catch (error) {
      ended("error", refusalOf(error)?.status.toString());
      throw error;
    }
  }

  close(): Promise<void> {
    return this.#client.close();
  }
}

function badAddress(address: number, wrong: string): AppError {
  return new AppError("config", `QDRANT_URL: address ${address} ${wrong}.`, {
    remedy: "Write http://host:6333, several separated by commas; the key goes into QDRANT_API_KEY.",
  });
}
