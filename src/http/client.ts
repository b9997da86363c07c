/** Client of one service over HTTP: guarded, on a node that answers, its errors typed by the caller. */
import { abortReason } from "../core/errors.js";
import { Guard, type GuardOptions, type GuardStatus, type RunOptions, type Verdict } from "../resilience/guard.js";
import { type Answer, discard, toHttpError } from "./answer.js";
import { type ConnectionOptions, Connections } from "./connections.js";
import { isNodeFailure, type Outlook, RedirectError } from "./faults.js";
import { type Node, Nodes } from "./nodes.js";

const MAX_REDIRECTS = 5;

type Headers = Readonly<Record<string, string | undefined>>;

/** The meaning of a failed attempt, in the service's words; `schedule` knows when to try again. */
export type ClassifyFault = (thrown: unknown, outlook: Outlook) => Verdict;

export interface HttpClientOptions extends Omit<GuardOptions, "classify">, ConnectionOptions {
  readonly nodes: readonly Node[];
  /** Of every request to the service's own nodes, and not to where a redirect leads: the place for keys. */
  readonly ownHeaders?: (() => Headers) | undefined;
  /** Where an error's JSON says what is wrong. Default: `error.message`, or `error`. */
  readonly reason?: ((body: unknown) => unknown) | undefined;
  readonly classify: ClassifyFault;
}

export interface HttpRequest {
  readonly method: "GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** Begins with `/`; names in it are escaped. */
  readonly path: string;
  readonly headers?: Headers | undefined;
  /** JSON. */
  readonly body?: string | undefined;
  /** `follow` for GET and HEAD only; `answer`: the redirect itself is wanted. Absent: it is an error. */
  readonly redirect?: "follow" | "answer" | undefined;
}

/** @throws HttpError for a status of 300 or more, and what undici throws */
export type Send = (request: HttpRequest) => Promise<Answer>;

export interface ClientRunOptions extends Omit<RunOptions, "classify"> {
  /** In place of the client's own, where the words depend on what is asked. */
  readonly classify?: ClassifyFault | undefined;
  /** Any node may be asked, not only the one that hears of changes first. */
  readonly spread?: boolean | undefined;
  /** A node that is well answers at once: when it says nothing for a third of the time, another one is asked. */
  readonly quick?: boolean | undefined;
}

export type ClientStatus = GuardStatus & { readonly nodes: readonly string[]; readonly healthy: number };

export class HttpClient {
  readonly #options: HttpClientOptions;
  readonly #nodes: Nodes;
  readonly #guard: Guard;
  readonly #connections: Connections;

  /** Opens nothing. @throws TypeError for a proxy that is not a URL */
  constructor(options: HttpClientOptions) {
    this.#options = options;
    this.#nodes = new Nodes(options.nodes);
    this.#guard = new Guard({ ...options, classify: this.#classifier(options.classify) });
    this.#connections = new Connections(options);
  }

  get status(): ClientStatus {
    return { ...this.#guard.status, nodes: this.#nodes.addresses, healthy: this.#nodes.healthy };
  }

  /**
   * One guarded call, on one node an attempt.
   * @param attempt sends and reads to the end; whatever it throws is classified
   * @throws AppError
   */
  run<T>(attempt: (send: Send) => Promise<T>, options: ClientRunOptions = {}): Promise<T> {
    const { spread = false, quick = false, signal, retry, goesOn, classify } = options;
    return this.#guard.run(
      async (inner) => {
        const node = this.#nodes.pick(spread);
        const { timeoutMs } = this.#options;
        // undefined: the client's own.
        const silenceMs = quick && timeoutMs !== undefined && this.#nodes.hasOther(node) ? timeoutMs / 3 : undefined;
        try {
          const result = await attempt((request) => this.#send(node, request, inner, silenceMs));
          this.#nodes.answered(node);
          return result;
        } catch (error) {
          const isSilent = inner.aborted && abortReason(inner).code === "timeout";
          if (isSilent || (!inner.aborted && isNodeFailure(error))) this.#nodes.failed(node);
          throw error;
        }
      },
      { signal, retry, goesOn, classify: classify && this.#classifier(classify) },
    );
  }

  /** Ends what is under way. */
  close(): Promise<void> {
    return this.#connections.close();
  }

  #classifier(classify: ClassifyFault): GuardOptions["classify"] {
    return (thrown, attempt) =>
      classify(thrown, { attempt, others: this.#nodes.healthy > 0 && this.#nodes.addresses.length > 1 });
  }

  async #send(
    node: Node,
    { method, path, headers, body, redirect }: HttpRequest,
    signal: AbortSignal,
    headersTimeout: number | undefined,
  ): Promise<Answer> {
    let [origin, target] = [node.origin, node.prefix + path];
    for (let hop = 0; ; hop++) {
      const response = await this.#connections.to(origin).request({
        origin,
        path: target,
        method,
        headers: {
          // Compressed answers of some servers come in two segments, and wait 40 ms for an acknowledgement between them.
          "accept-encoding": "identity",
          "content-type": body && "application/json",
          ...headers,
          ...(origin === node.origin ? this.#options.ownHeaders?.() : undefined),
        },
        body,
        headersTimeout,
        signal,
      });
      const { statusCode: status, headers: received } = response;
      const answer = { status, headers: received, body: response.body };
      const isRedirect = status >= 300 && status < 400;
      if (status < 300 || (isRedirect && redirect === "answer")) return answer;
      const url = new URL(target, origin);
      const { location } = received;
      if (!isRedirect || redirect !== "follow" || typeof location !== "string") {
        const { reason = commonReason } = this.#options;
        throw await toHttpError(answer, url.origin + url.pathname, reason);
      }
      await discard(answer);
      if (hop === MAX_REDIRECTS) throw new RedirectError(`it redirects more than ${MAX_REDIRECTS} times`);
      const next = nextUrl(location, url);
      [origin, target] = [next.origin, next.pathname + next.search];
    }
  }
}

/** What was asked for under TLS comes under TLS. @throws RedirectError */
function nextUrl(location: string, from: URL): URL {
  const next = URL.canParse(location, from.href) ? new URL(location, from) : undefined;
  if (next?.protocol === "https:" || (next?.protocol === "http:" && from.protocol === "http:")) return next;
  const where = next?.protocol === "http:" ? "from https to http" : "to no address of the web";
  throw new RedirectError(`it redirects ${where}`);
}

/** As the HTTP interfaces of models word it. */
function commonReason(body: unknown): unknown {
  const { error } = body as { error?: { message?: unknown } | string };
  return typeof error === "object" ? error?.message : error;
}
