/** Protocol requests to answers. Loaded by the first of them: the handshake waits for none of this. */
import type { CallToolResult, McpServer, ServerContext } from "@modelcontextprotocol/server";
import { completeOperation } from "../api/complete/operation.js";
import { documentOperation } from "../api/document/operation.js";
import type { Tool } from "../api/operation.js";
import type { App } from "../app/app.js";
import { ask } from "./ask.js";
import { callerOf } from "./caller.js";
import { errorResult, okResult, protocolError } from "./result.js";

/** What a request came by. */
export interface Received {
  readonly server: McpServer;
  readonly context: ServerContext;
  readonly open: () => Promise<App>;
}

export async function callTool(
  { server, context, open }: Received,
  tool: Tool<App>,
  args: unknown,
): Promise<CallToolResult> {
  const { outcome, error, trace } = await ask(open, tool, args, callerOf(server, context));
  return error === undefined ? okResult(outcome) : errorResult(error, trace);
}

export async function readDocument({ server, context, open }: Received, uri: URL, variables: Record<string, unknown>) {
  const input = { collection: String(variables.collection), document: decode(String(variables.document)) };
  const { outcome, error, trace } = await ask(open, documentOperation, input, callerOf(server, context));
  if (error !== undefined) throw protocolError(error, trace, uri.href);
  return { contents: [{ uri: uri.href, mimeType: "text/plain", text: outcome.text }] };
}

/** @param chosen the parts of the address that stand already */
export async function complete(
  { server, context, open }: Received,
  { name, value }: { readonly name: string; readonly value: string },
  chosen: Readonly<Record<string, string>> = {},
) {
  const input = { part: name, value, collection: chosen.collection };
  const { outcome, error, trace } = await ask(open, completeOperation, input, callerOf(server, context));
  if (error !== undefined) throw protocolError(error, trace);
  return { completion: { values: [...outcome.value.values], hasMore: false } };
}

function decode(document: string): string {
  try {
    return decodeURIComponent(document);
  } catch {
    return document; // a stray "%": the name is taken as it is
  }
}
