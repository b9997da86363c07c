/** The MCP server on stdin and stdout. */
import type { Writable } from "node:stream";
import { McpServer } from "@modelcontextprotocol/server";
import { StdioServerTransport, serveStdio } from "@modelcontextprotocol/server/stdio";
import { createOperations, INSTRUCTIONS } from "../api/index.js";
import type { App } from "../compose.js";
import { bindOperation } from "./bind.js";
import { bindResources } from "./resources.js";

/** @param stdout where the protocol goes, and nothing else */
export function startStdio(app: App, stdout: Writable): { close(): Promise<void> } {
  const operations = createOperations(app.config);
  // May run more than once on one connection: it only registers.
  const createServer = () => {
    const server = new McpServer(
      { name: "aura-retrieval", title: "Aura Retrieval", version: app.config.version },
      { instructions: INSTRUCTIONS, capabilities: { tools: {}, resources: {} } },
    );
    for (const operation of operations) bindOperation(server, operation, app);
    bindResources(server, app);
    return server;
  };
  return serveStdio(createServer, {
    transport: new StdioServerTransport(process.stdin, stdout),
    onerror: (error) => app.log.warn(`protocol: ${error.message}`),
  });
}
