/** The MCP server on stdin and stdout. */
import type { Writable } from "node:stream";
import { McpServer } from "@modelcontextprotocol/server";
import { serveStdio } from "@modelcontextprotocol/server/stdio";
import { createTools, INSTRUCTIONS } from "../api/operations.js";
import type { App } from "../app/app.js";
import { bindTool } from "./bind.js";
import { LineTransport } from "./line-transport.js";
import { PendingRequests } from "./pending-requests.js";
import { problemLog } from "./problem-log.js";
import { bindResources } from "./resources.js";
import { SERVER_OPTIONS } from "./server-options.js";

/**
 * @param open the pipeline, the same one each time; called by tools, resources, completions and the log of protocol problems
 * @param stdout where the protocol goes, and nothing else
 * @returns what cancels the calls in flight and waits until each has left its span
 */
export function startStdio(boot: App["boot"], open: () => Promise<App>, stdout: Writable): { close(): Promise<void> } {
  const tools = createTools(boot);
  const requests = new PendingRequests(open);
  // May run more than once on one connection: it only registers.
  const createServer = () => {
    const server = new McpServer(
      { name: "aura-retrieval", title: "Aura Retrieval", version: boot.version },
      { ...SERVER_OPTIONS, instructions: INSTRUCTIONS },
    );
    for (const tool of tools) bindTool(server, tool, requests);
    bindResources(server, requests);
    return server;
  };
  const onProblem = problemLog(
    (line) =>
      void open().then(
        (app) => app.log.warn(`protocol: ${line}`),
        () => undefined, // requests say why nothing opens
      ),
  );
  const connection = serveStdio(createServer, {
    transport: new LineTransport(process.stdin, stdout, onProblem),
    onerror: onProblem,
  });
  return {
    async close() {
      await connection.close();
      await requests.settled();
    },
  };
}
