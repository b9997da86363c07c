/** Protocol requests to answers. Loaded by the first of them. */
import {
  type CallToolRequestParams,
  type CallToolResult,
  type ListToolsResult,
  ProtocolError,
  ProtocolErrorCode,
} from "@modelcontextprotocol/server";
import { mayCall } from "../api/answer.js";
import { completeOperation } from "../api/complete/operation.js";
import { documentOperation } from "../api/document/operation.js";
import { decode, documentOf } from "../api/document/uri.js";
import type { Tool } from "../api/operation.js";
import { createTools } from "../api/operations.js";
import type { App } from "../app/app.js";
import { ask } from "./ask.js";
import { type Arrival, callerOf, type Received } from "./caller.js";
import { fedTo } from "./hosts.js";
import { errorResult, okResult, protocolError } from "./result.js";
import { listed } from "./tool-list.js";

/** What answers. */
export interface Served {
  readonly boot: Pick<App["boot"], "queryMaxChars" | "profileChoice" | "isReadOnly">;
  /** The pipeline, the same one each time. */
  open(): Promise<App>;
  /** Whether a call may last as long as its caller likes; absent: it may. */
  readonly mayWait?: boolean;
}

export class Requests {
  readonly #open: () => Promise<App>;
  readonly #tools: ReadonlyMap<string, Tool<App>>;
  readonly #listed: readonly { readonly tool: Tool<App>; readonly listed: ListToolsResult["tools"][number] }[];

  constructor({ boot, open, mayWait }: Served) {
    const tools = createTools(boot, mayWait);
    this.#open = open;
    this.#tools = new Map(tools.map((tool) => [tool.name, tool]));
    this.#listed = tools.map((tool) => ({ tool, listed: listed(tool) }));
  }

  /** Those that the caller may call. */
  async listTools(arrival: Arrival): Promise<ListToolsResult> {
    return { tools: this.#listed.filter(({ tool }) => mayCall(arrival, tool)).map(({ listed }) => listed) };
  }

  /** Any input: the operation checks it, so that a refused call is counted, spanned and answered with our own error. */
  async callTool(received: Received, { name, arguments: input = {} }: CallToolRequestParams): Promise<CallToolResult> {
    const tool = this.#tools.get(name);
    if (tool === undefined) {
      const known = [...this.#tools.keys()].join(", ");
      throw new ProtocolError(ProtocolErrorCode.InvalidParams, `There is no tool of this name; there are ${known}.`);
    }
    const caller = callerOf(received);
    const { outcome, error, trace } = await ask(this.#open, tool, input, caller);
    if (error !== undefined) return errorResult(error, trace);
    const { live } = await this.#open();
    return okResult(outcome, fedTo(caller.client, live.passagesIn));
  }

  async readDocument(received: Received, uri: URL, variables: Record<string, unknown>) {
    const input = {
      collection: decode(String(variables.collection)),
      document: documentOf(String(variables.document)),
    };
    const { outcome, error, trace } = await ask(this.#open, documentOperation, input, callerOf(received));
    if (error !== undefined) throw protocolError(error, trace, uri.href);
    return { contents: [{ uri: uri.href, mimeType: "text/plain", text: outcome.text }] };
  }

  /** @param chosen the parts of the address that stand already */
  async complete(
    received: Received,
    { name, value }: { readonly name: string; readonly value: string },
    chosen: Readonly<Record<string, string>> = {},
  ) {
    const input = { part: name, value, collection: chosen.collection, source: chosen.source };
    const { outcome, error, trace } = await ask(this.#open, completeOperation, input, callerOf(received));
    if (error !== undefined) throw protocolError(error, trace);
    return { completion: { values: [...outcome.value.values], hasMore: outcome.value.hasMore } };
  }
}
