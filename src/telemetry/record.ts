/** The end of a call, recorded once: its span line and its metrics are made from the same `Call`. */
import type { Call } from "../core/call.js";
import type { ErrorCode } from "../core/errors.js";
import { sanitizeAll } from "../core/sanitize.js";
import type { SpanFields } from "../core/span-fields.js";
import type { EmptyReason } from "../core/types.js";
import type { Content } from "./content.js";
import { describeAttrs, describeInput } from "./input.js";
import type { Metrics } from "./metrics.js";
import type { CallStatus, SpanLine, SpanSink } from "./spans.js";

export interface CallRecord {
  readonly call: Call;
  /** The operation: its name must come from a closed list, because it becomes a metric's label. */
  readonly operation: { readonly name: string; readonly span: SpanFields };
  readonly client?: { readonly name: string; readonly version: string } | undefined;
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
  /** Of collections and profiles that the server knows. */
  readonly names: ReadonlySet<string>;
  /** The server's version. */
  readonly version: string;
}

export interface Recorders {
  readonly metrics: Pick<Metrics, "add" | "observe">;
  readonly sink: Pick<SpanSink, "write">;
  readonly content: Content;
}

const MAX_NAME_CHARS = 128;

export function recordCall(record: CallRecord, { metrics, sink, content }: Recorders): void {
  sink.write(sanitizeAll(spanLine(record, content)));
  countCall(record, metrics);
}

function spanLine(record: CallRecord, content: Content): SpanLine {
  const { call, operation, client, output } = record;
  return {
    ts: new Date(Date.now() - record.durationMs).toISOString(),
    trace_id: call.trace.traceId,
    span_id: call.trace.spanId,
    parent_id: call.trace.parentId,
    tool: operation.name,
    client: client && { name: short(client.name), version: short(client.version) },
    user: short(call.principal.id),
    status: record.status,
    error_code: record.errorCode,
    duration_ms: roundMs(record.durationMs),
    stages: call.stages.map(({ name, ms, status, attrs }) => ({
      name,
      ms: roundMs(ms),
      status,
      attrs: describeAttrs(attrs, content),
    })),
    input: describeInput(record.input, { ...operation.span, names: record.names }, content),
    output: {
      results: output?.results,
      top_score: output?.topScore,
      // Details name paths and collections; the closed lists are enough here.
      degraded: call.degraded.map(({ stage, reason }) => ({ stage, reason })),
    },
    flags: record.flags,
    version: record.version,
  };
}

function countCall({ call, operation, ...record }: CallRecord, metrics: Recorders["metrics"]): void {
  const { status, durationMs, output } = record;
  metrics.add("retrieval_requests_total", { tool: operation.name, status });
  for (const { stage, reason } of call.degraded) metrics.add("retrieval_degraded_total", { stage, reason });
  if (output?.emptyReason !== undefined) metrics.add("retrieval_empty_total", { reason: output.emptyReason });
  // A re-index embeds too, in minutes; a rejected call did nothing. Neither is the latency of retrieval.
  if (operation.name !== "retrieve" || status === "rejected") return;
  for (const { name, ms } of call.stages) metrics.observe("retrieval_latency_seconds", { stage: name }, ms / 1000);
  metrics.observe("retrieval_latency_seconds", { stage: "total" }, durationMs / 1000);
}

function short(text: string): string {
  return text.slice(0, MAX_NAME_CHARS);
}

function roundMs(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}
