/** A tool as clients see it listed. */
import type { McpServer, ServerContext } from "@modelcontextprotocol/server";
import type { Tool } from "../api/operation.js";
import type { App } from "../app/app.js";
import type { PendingRequests } from "./pending-requests.js";
import { advertised, advertisedOutput } from "./schemas.js";

export function bindTool(server: McpServer, tool: Tool<App>, requests: PendingRequests): void {
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
    (args: unknown, context: ServerContext) =>
      requests.answer(({ callTool }, open) => callTool({ server, context, open }, tool, args)),
  );
}
