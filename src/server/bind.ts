/** A tool as clients see it listed. */
import type { McpServer, ServerContext } from "@modelcontextprotocol/server";
import type { Tool } from "../api/operation.js";
import type { App } from "../app/app.js";
import { advertised, advertisedOutput } from "./schemas.js";

export function bindTool(server: McpServer, tool: Tool<App>, open: () => Promise<App>): void {
  server.registerTool(
    tool.name,
    {
      title: tool.title,
      description: tool.description,
      inputSchema: advertised(tool.input),
      outputSchema: advertisedOutput(tool.output),
      annotations: {
        title: tool.title,
        readOnlyHint: tool.readOnly,
        destructiveHint: false,
        idempotentHint: true,
        openWorldHint: false,
      },
    },
    async (args: unknown, context: ServerContext) => {
      const { callTool } = await import("./requests.js");
      return callTool({ server, context, open }, tool, args);
    },
  );
}
