/** Completion of a document's address: collections that the caller may name, and their documents. */
import type { McpServer } from "@modelcontextprotocol/server";
import { completeOperation } from "../api/complete/operation.js";
import type { App } from "../app/app.js";
import { ask } from "./ask.js";
import { callerOf } from "./caller.js";
import { DOCUMENT_TEMPLATE } from "./resources.js";
import { protocolError } from "./result.js";

export function bindCompletions(server: McpServer, open: () => Promise<App>): void {
  server.server.setRequestHandler("completion/complete", async ({ params }, context) => {
    const { ref, argument, context: chosen } = params;
    if (ref.type !== "ref/resource" || ref.uri !== DOCUMENT_TEMPLATE) return { completion: { values: [] } };
    const input = { part: argument.name, value: argument.value, collection: chosen?.arguments?.collection };
    const { outcome, error } = await ask(open, completeOperation, input, callerOf(server, context));
    if (error !== undefined) throw protocolError(error);
    return { completion: { values: [...outcome.value.values], hasMore: false } };
  });
}
