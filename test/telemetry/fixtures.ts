import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { retrieveOperation } from "#src/api/retrieve/operation.js";
import type { CallRecord } from "#src/telemetry/record.js";
import type { SpanLine } from "#src/telemetry/spans.js";
import { testCall } from "../support/call.js";

export const QUERY = "who approves the zebra budget";

export function newFolder(): string {
  return mkdtempSync(join(tmpdir(), "aura-telemetry-"));
}

export function callRecord(overrides: Partial<CallRecord> = {}): CallRecord {
  const call = testCall({
    principal: { id: "local" },
    traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
  });
  call.stages.push(
    { name: "embed", ms: 12, status: "ok", attrs: { texts: 1 } },
    { name: "search", ms: 30, status: "ok", attrs: {} },
  );
  call.degraded.push({ stage: "embed", reason: "pseudo_embeddings" });
  return {
    call,
    operation: retrieveOperation({ queryMaxChars: 2_000, profileChoice: false }),
    client: { name: "host", version: "1.0" },
    status: "ok",
    durationMs: 45,
    input: { query: QUERY, top_k: 5, filter: { team: "zebra" } },
    output: { results: 3, topScore: 0.7 },
    flags: { hybrid: true },
    names: new Set(["docs"]),
    version: "0.1.0",
    ...overrides,
  };
}

export function spanLine(user: string): SpanLine {
  return {
    ts: new Date(0).toISOString(),
    trace_id: "0".repeat(32),
    span_id: "0".repeat(16),
    tool: "retrieve",
    user,
    status: "ok",
    duration_ms: 1,
    stages: [],
    input: {},
    output: { degraded: [] },
    flags: {},
    version: "0.1.0",
  };
}
