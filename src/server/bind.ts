/** Tool → MCP: what is listed, and the way of a call to its answer. */
import type { McpServer, ServerContext } from "@modelcontextprotocol/server";
import type { Tool } from "../api/operation.js";
import type { App } from "../app/app.js";
import { ask } from "./ask.js";
import { callerOf } from "./caller.js";
import { errorResult, okResult } from "./result.js";
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
      const { outcome, error, trace } = await ask(open, tool, args, callerOf(server, context));
      return error === undefined ? okResult(outcome) : errorResult(error, trace);
    },
  );
}
