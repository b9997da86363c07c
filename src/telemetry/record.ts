/** The end of a call, recorded once: its span line and its metrics are made from the same `Ctx`. */
import type { Ctx } from "../core/context.js";
import type { ErrorCode } from "../core/errors.js";
import type { EmptyReason } from "../core/types.js";
import type { Content } from "./content.js";
import { describeAttrs, describeInput } from "./input.js";
import type { Metrics } from "./metrics.js";
import type { CallStatus, SpanLine, SpanSink } from "./spans.js";

export interface CallRecord {
  readonly ctx: Ctx;
  readonly tool: string;
  readonly client?: { readonly name: string; readonly version: string } | undefined;
  readonly user: string;
  /** `rejected`: the input did not fit the schema, so nothing ran. */
  readonly status: CallStatus;
  readonly errorCode?: ErrorCode | undefined;
  readonly durationMs: number;
  /** The arguments as they came; what a span may not say is taken out here. */
  readonly input: Readonly<Record<string, unknown>>;
  readonly output?: {
    readonly results?: number | undefined;
    readonly topScore?: number | undefined;
    readonly emptyReason?: EmptyReason | undefined;
  };
  readonly flags: Readonly<Record<string, string | number | boolean>>;
  readonly variant?: string | undefined;
  /** The server's version. */
  readonly version: string;
}

export interface Recorders {
  readonly metrics: Pick<Metrics, "add" | "observe">;
  readonly sink: Pick<SpanSink, "write">;
  readonly content: Content;
}

/** Any other name is counted as `other`: a caller's made-up tool names must not become series. */
const TOOLS: ReadonlySet<string> = new Set(["retrieve", "reindex", "health"]);
const MAX_NAME_CHARS = 128;

export function recordCall(call: CallRecord, { metrics, sink, content }: Recorders): void {
  sink.write(spanLine(call, content));
  countCall(call, metrics);
}

function spanLine({ ctx, ...call }: CallRecord, content: Content): SpanLine {
  const { results, topScore } = call.output ?? {};
  return {
    ts: new Date(Date.now() - call.durationMs).toISOString(),
    trace_id: ctx.traceId,
    span_id: ctx.spanId,
    parent_id: ctx.parentId,
    tool: short(call.tool),
    ...(call.client ? { client: { name: short(call.client.name), version: short(call.client.version) } } : {}),
    user: short(call.user),
    status: call.status,
    error_code: call.errorCode,
    duration_ms: roundMs(call.durationMs),
    stages: ctx.stages.map(({ name, ms, status, attrs }) => ({
      name,
      ms: roundMs(ms),
      status,
      attrs: describeAttrs(attrs, content),
    })),
    input: describeInput(call.input, content),
    output: {
      results,
      top_score: topScore,
      degraded: [...ctx.degraded],
    },
    flags: call.flags,
    variant: call.variant,
    version: call.version,
  };
}

function countCall({ ctx, tool, status, durationMs, output }: CallRecord, metrics: Recorders["metrics"]): void {
  metrics.add("retrieval_requests_total", { tool: TOOLS.has(tool) ? tool : "other", status });
  for (const { stage, reason } of ctx.degraded) metrics.add("retrieval_degraded_total", { stage, reason });
  if (output?.emptyReason !== undefined) metrics.add("retrieval_empty_total", { reason: output.emptyReason });
  // A re-index embeds too, in minutes; a rejected call did nothing. Neither is the latency of retrieval.
  if (tool !== "retrieve" || status === "rejected") return;
  for (const { name, ms } of ctx.stages) metrics.observe("retrieval_latency_seconds", { stage: name }, ms / 1000);
  metrics.observe("retrieval_latency_seconds", { stage: "total" }, durationMs / 1000);
}

function short(text: string): string {
  return text.slice(0, MAX_NAME_CHARS);
}

function roundMs(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}
