/** Operation → MCP tool: checks the input, bounds the call, and ends it with one span. */
import type { McpServer, ServerContext } from "@modelcontextprotocol/server";
import { CLIENT_INFO_META_KEY, TRACEPARENT_META_KEY } from "@modelcontextprotocol/server";
import type { z } from "zod";
import type { Operation, Outcome } from "../api/operation.js";
import type { App } from "../app/app.js";
import { type Ctx, createCtx, type Progress } from "../core/context.js";
import { AppError, abortReason, raceAbort, toAppError } from "../core/errors.js";
import { errorResult, okResult } from "./result.js";
import { advertised, advertisedOutput } from "./schemas.js";

/** stdio has one user: whoever started the server. */
const USER = "stdio";

export function bindOperation(server: McpServer, operation: Operation, open: () => Promise<App>): void {
  server.registerTool(
    operation.name,
    {
      title: operation.title,
      description: operation.description,
      inputSchema: advertised(operation.input),
      outputSchema: advertisedOutput(operation.output),
      annotations: {
        title: operation.title,
        readOnlyHint: operation.readOnly,
        destructiveHint: false,
        idempotentHint: true,
        openWorldHint: false,
      },
    },
    (args: unknown, context: ServerContext) => call(server, operation, open, args, context),
  );
}

async function call(
  server: McpServer,
  operation: Operation,
  open: () => Promise<App>,
  args: unknown,
  context: ServerContext,
) {
  const started = performance.now();
  const app = await open().catch(toAppError);
  if (app instanceof AppError) return errorResult(app, createCtx({ signal: context.mcpReq.signal }).traceId);
  const ctx = contextOf(operation, app, context);
  let outcome: Outcome<object> | undefined;
  let error: AppError | undefined;
  let rejected = false;
  try {
    app.admit(USER);
    const input = operation.input.safeParse(args ?? {});
    rejected = !input.success;
    if (!input.success) throw badInput(operation.name, input.error);
    outcome = await raceAbort(operation.run(app, input.data, ctx), operation.deadline ? ctx.signal : undefined);
  } catch (thrown) {
    error = ctx.signal.aborted ? abortReason(ctx.signal) : toAppError(thrown);
  }
  app.record({
    ctx,
    tool: operation.name,
    client: clientOf(server, context),
    user: USER,
    status: error === undefined ? "ok" : rejected ? "rejected" : error.code === "cancelled" ? "cancelled" : "error",
    errorCode: error?.code,
    durationMs: performance.now() - started,
    input: (typeof args === "object" && args !== null ? args : {}) as Record<string, unknown>,
    ...(outcome?.summary ? { output: outcome.summary } : {}),
  });
  if (error?.code === "bug")
    app.log.error(error.message, { trace_id: ctx.traceId, cause: String((error.cause as Error)?.stack) });
  return error === undefined ? okResult(outcome as Outcome<object>) : errorResult(error, ctx.traceId);
}

function contextOf(operation: Operation, app: App, context: ServerContext): Ctx {
  const { signal } = context.mcpReq;
  const meta = context.mcpReq._meta as Record<string, unknown> | undefined;
  const traceparent = meta?.[TRACEPARENT_META_KEY];
  const onProgress = progressSender(context, meta?.progressToken);
  return createCtx({
    signal: operation.deadline
      ? AbortSignal.any([signal, AbortSignal.timeout(app.config.values.CALL_TIMEOUT_MS)])
      : signal,
    ...(typeof traceparent === "string" ? { traceparent } : {}),
    onProgress,
  });
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
    const params = { progressToken: token, progress: done, message, total };
    context.mcpReq.notify({ method: "notifications/progress", params }).catch(() => undefined);
  };
}

function clientOf(server: McpServer, context: ServerContext): { name: string; version: string } | undefined {
  const envelope = context.mcpReq.envelope as Record<string, unknown> | undefined;
  const info = (envelope?.[CLIENT_INFO_META_KEY] ?? server.server.getClientVersion()) as
    | { name?: unknown; version?: unknown }
    | undefined;
  return typeof info?.name === "string" ? { name: info.name, version: String(info.version ?? "") } : undefined;
}

function badInput(tool: string, error: z.ZodError): AppError {
  const problems = error.issues.slice(0, 5).map(({ path, message }) => `${path.join(".") || "input"}: ${message}`);
  return new AppError("bad_request", `Invalid input for ${tool}: ${problems.join("; ").slice(0, 1_000)}.`, {
    remedy: "Correct the input and call again; the tool's input schema lists what is allowed.",
  });
}
