/** The floor of everything that goes over stdio: a server on the same SDK whose one tool does nothing. */
import { McpServer } from "@modelcontextprotocol/server";
import { serveStdio } from "@modelcontextprotocol/server/stdio";
import { z } from "zod";

serveStdio(() => {
  const server = new McpServer({ name: "empty", version: "1.0.0" }, { capabilities: { tools: {} } });
  server.registerTool("nothing", { inputSchema: z.strictObject({}) }, async () => ({ content: [] }));
  return server;
});
process.stdin.once("end", () => process.exit(0));
