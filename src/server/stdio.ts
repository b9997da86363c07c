/** The MCP server on stdin and stdout. */
import type { Writable } from "node:stream";
import { serveStdio } from "@modelcontextprotocol/server/stdio";
import type { App } from "../app/app.js";
import { LineTransport } from "./line-transport.js";
import { PendingRequests } from "./pending-requests.js";
import { problemLine } from "./problem-line.js";
import { createServer } from "./server.js";

/**
 * @param open the pipeline, the same one each time; called by tools, resources, completions and the log of protocol problems
 * @param stdout where the protocol goes, and nothing else
 * @param onEnded called when nothing is served any more, whatever the reason; asked: stdin has ended
 * @returns what cancels the calls in flight and waits until each has left its span
 */
export function startStdio(
  boot: App["boot"],
  open: () => Promise<App>,
  stdout: Writable,
  onEnded: (asked: boolean) => void,
): { close(): Promise<void> } {
  const requests = new PendingRequests({ boot, open });
  const onProblem = (problem: string | Error) =>
    void open().then(
      (app) => app.log.warn(`protocol: ${problemLine(problem)}`),
      () => undefined, // requests say why nothing opens
    );
  const connection = serveStdio(() => createServer(boot.version, requests), {
    transport: new LineTransport(process.stdin, stdout, onProblem, onEnded),
    onerror: onProblem,
  });
  return {
    async close() {
      await connection.close();
      await requests.settled();
    },
  };
}
