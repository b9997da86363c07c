/** A protocol request and what it arrived by → who calls, and how the caller is told of progress. */
import {
  CLIENT_INFO_META_KEY,
  type Server,
  type ServerContext,
  TRACEPARENT_META_KEY,
} from "@modelcontextprotocol/server";
import type { Caller } from "../api/answer.js";
import type { Principal, Progress } from "../core/call.js";
import { oneLine } from "../core/sanitize.js";

/** What the transport knows of its requests, beside what each says itself. */
export interface Arrival {
  readonly principal: Principal;
  /** What the caller's token allows; absent: everything. */
  readonly scopes?: Caller["scopes"];
  /** Waits for a place to work in; absent: there is always one. */
  readonly turn?: Caller["turn"];
  /** Named where the protocol's own message names none. */
  readonly client?: Caller["client"];
  readonly traceparent?: string | undefined;
}

/** stdio has one user: whoever started the server. */
export const STDIO: Arrival = { principal: { id: "stdio" } };

/** What a request came by. */
export interface Received {
  readonly server: Server;
  readonly context: ServerContext;
  readonly arrival: Arrival;
}

export function callerOf({ server, context, arrival }: Received): Caller {
  const meta = context.mcpReq._meta as Record<string, unknown> | undefined;
  const traceparent = meta?.[TRACEPARENT_META_KEY];
  return {
    principal: arrival.principal,
    scopes: arrival.scopes,
    turn: arrival.turn,
    signal: context.mcpReq.signal,
    client: clientOf(server, context) ?? arrival.client,
    traceparent: typeof traceparent === "string" ? traceparent : arrival.traceparent,
    onProgress: progressSender(context, meta?.progressToken),
  };
}

/** Progress must increase from one notification to the next, and need not be more frequent than a person reads. */
const PROGRESS_EVERY_MS = 200;

function progressSender(context: ServerContext, token: unknown): ((progress: Progress) => void) | undefined {
  if (typeof token !== "string" && typeof token !== "number") return undefined;
  let last = -1;
  let lastAt = 0;
  return ({ done, total, message }) => {
    const now = Date.now();
    if (done <= last || (now - lastAt < PROGRESS_EVERY_MS && done !== total)) return;
    last = done;
    lastAt = now;
    const params = { progressToken: token, progress: done, message: oneLine(message), total };
    context.mcpReq.notify({ method: "notifications/progress", params }).catch(() => undefined);
  };
}

function clientOf(server: Server, context: ServerContext): Caller["client"] {
  const envelope = context.mcpReq.envelope as Record<string, unknown> | undefined;
  const info = (envelope?.[CLIENT_INFO_META_KEY] ?? server.getClientVersion()) as
    | { name?: unknown; version?: unknown }
    | undefined;
  return typeof info?.name === "string" ? { name: info.name, version: String(info.version ?? "") } : undefined;
}
