/** The MCP server on stdin and stdout. */
import type { Writable } from "node:stream";
import { serveStdio } from "@modelcontextprotocol/server/stdio";
import type { App } from "../app/app.js";
import { LineTransport } from "./line-transport.js";
import { PendingRequests } from "./pending-requests.js";
import { problemLine } from "./problem-line.js";
import { createServer } from "./server.js";

export interface StdioServer {
  /** Whether nothing is being answered. */
  readonly isIdle: boolean;
  /** Whether a client has said anything. */
  readonly hasHeard: boolean;
  /** Cancels the calls in flight and waits until each has left its span. */
  close(): Promise<void>;
}

export interface StdioEvents {
  /** Nothing is served any more, whatever the reason; asked: stdin has ended. */
  onEnded(asked: boolean): void;
  /** An answer has left. */
  onAnswered(): void;
}

/**
 * @param open the pipeline, the same one each time; called by tools, resources, completions and the log of protocol problems
 * @param stdout where the protocol goes, and nothing else
 */
export function startStdio(
  boot: App["boot"],
  open: () => Promise<App>,
  stdout: Writable,
  events: StdioEvents,
): StdioServer {
  const requests = new PendingRequests({ boot, open });
  const onProblem = (problem: string | Error) =>
    void open().then(
      (app) => app.log.warn(`protocol: ${problemLine(problem)}`),
      () => undefined, // requests say why nothing opens
    );
  const transport = new LineTransport(process.stdin, stdout, onProblem, events.onEnded);
  transport.onanswered = events.onAnswered;
  const connection = serveStdio(() => createServer(boot, requests), { transport, onerror: onProblem });
  return {
    get isIdle() {
      return requests.isIdle;
    },
    get hasHeard() {
      return transport.hasHeard;
    },
    async close() {
      await connection.close();
      await requests.settled();
    },
  };
}
