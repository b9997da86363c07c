import { execFile } from "node:child_process";
import { chmodSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { completeOperation } from "#src/api/complete/operation.js";
import { healthOperation } from "#src/api/health/operation.js";
import { reindexOperation } from "#src/api/reindex/operation.js";
import { createContent } from "#src/telemetry/content.js";
import { createMetrics } from "#src/telemetry/metrics.js";
import { type CallRecord, recordCall } from "#src/telemetry/record.js";
import type { SpanLine } from "#src/telemetry/spans.js";
import { callRecord, newFolder, QUERY } from "./fixtures.js";

async function record(call: CallRecord, show = false): Promise<{ line: SpanLine; body: string }> {
  const metrics = createMetrics({ defaultMetrics: false });
  const lines: SpanLine[] = [];
  const sink = { write: (line: SpanLine) => void lines.push(line) };
  recordCall(call, { metrics, sink, content: createContent({ dataDir: newFolder(), show }) });
  expect(lines).toHaveLength(1);
  return { line: lines[0] as SpanLine, body: (await metrics.expose()).body };
}

describe("a span", () => {
  it("has exactly the contract's keys", async () => {
    const { line } = await record(callRecord({ errorCode: "timeout", status: "error" }));
    expect(Object.keys(line)).toEqual([
      ...["ts", "trace_id", "span_id", "parent_id", "tool", "client", "user", "status", "error_code", "duration_ms"],
      ...["stages", "input", "output", "flags", "version"],
    ]);
    for (const stage of line.stages) expect(Object.keys(stage)).toEqual(["name", "ms", "status", "attrs"]);
    expect(line.output).toEqual({
      results: 3,
      top_score: 0.7,
      degraded: [{ stage: "embed", reason: "pseudo_embeddings" }],
    });
    expect(line.trace_id).toBe("0af7651916cd43dd8448eb211c80319c");
    expect(line.parent_id).toBe("b7ad6b7169203331");
  });

  it("says why an answer was degraded by the closed lists only", async () => {
    const call = callRecord();
    call.call.degraded.push({ stage: "search", reason: "lexical_only", detail: 'Collection "zebra" was built with …' });
    const { line } = await record(call);
    expect(line.output.degraded).toContainEqual({ stage: "search", reason: "lexical_only" });
    expect(JSON.stringify(line)).not.toContain("zebra");
  });

  it("holds the query as keyed hash and length, and fields of filters by their names when they are the server's own", async () => {
    const { line } = await record(
      callRecord({ input: { query: QUERY, top_k: 5, filter: { extension: "md", zebra: 1 } } }),
    );
    expect(JSON.stringify(line)).not.toContain("zebra");
    expect(line.input).toEqual({
      query_sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
      query_chars: QUERY.length,
      top_k: 5,
      filters: ["extension", expect.stringMatching(/^[0-9a-f]{64}$/)],
    });
  });

  it("holds of an operation's input what that operation names, whatever came with it", async () => {
    const input = { query: "zebra", mode: "dense", collection: "docs" };
    expect((await record(callRecord({ operation: healthOperation, input }))).line.input).toEqual({});
    const completing = callRecord({ operation: completeOperation, input: { part: "path", value: "zeb" } });
    expect((await record(completing)).line).toMatchObject({
      tool: "complete",
      input: { part: "path", value_sha256: expect.stringMatching(/^[0-9a-f]{64}$/), value_chars: 3 },
    });
  });

  it("holds a name only where it is one that the server knows", async () => {
    const names = new Set(["docs", "collection:docs"]);
    const input = { source: "collection:docs", collection: "docs", mode: "full" };
    const operation = reindexOperation();
    expect((await record(callRecord({ operation, names, input }))).line.input).toEqual(input);
    const planted = { source: "collection:zebra", collection: "zebra", mode: "zebra" };
    const { line } = await record(callRecord({ operation, names, input: planted }));
    expect(JSON.stringify(line)).not.toContain("zebra");
    expect(line.input).toMatchObject({ collection_sha256: expect.any(String), mode_chars: 5, source_chars: 16 });
  });

  it("holds nothing of what a rejected call carried under other names or in place of settings", async () => {
    const input = { question: QUERY, query: [QUERY], mode: QUERY, top_k: { text: QUERY }, source: "/home/zebra/notes" };
    const { line } = await record(callRecord({ status: "rejected", input }));
    expect(JSON.stringify(line)).not.toContain("zebra");
  });

  it("holds the variants of a query by leg, weight, hash and length, their words only when SPAN_CONTENT is set", async () => {
    const recorded = callRecord();
    const variants = [
      { text: QUERY, leg: "both", weight: 1 },
      { text: "striped animals", leg: "lexical", weight: 0.5 },
    ] as const;
    recorded.call.stages.push({ name: "expand", ms: 1, status: "ok", attrs: { variants } });
    const { line } = await record(recorded);
    expect(JSON.stringify(line)).not.toMatch(/zebra|striped/);
    expect(line.stages.at(-1)?.attrs.variants).toEqual([
      { leg: "both", weight: 1, text_sha256: line.input.query_sha256, text_chars: QUERY.length },
      { leg: "lexical", weight: 0.5, text_sha256: expect.stringMatching(/^[0-9a-f]{64}$/), text_chars: 15 },
    ]);
    const shown = await record(recorded, true);
    expect(shown.line.stages.at(-1)?.attrs.variants).toMatchObject(variants);
  });

  it("holds the words when SPAN_CONTENT is set", async () => {
    const { line } = await record(callRecord(), true);
    expect(line.input).toMatchObject({ query: QUERY, filter: { team: "zebra" } });
  });
});

describe("a call's metrics", () => {
  it("come from the same stages as its span, and from its total", async () => {
    const { body } = await record(callRecord({ output: { results: 0, emptyReason: "filtered_out" } }));
    expect(body).toContain('retrieval_latency_seconds_sum{stage="embed"} 0.012\n');
    expect(body).toContain('retrieval_latency_seconds_sum{stage="search"} 0.03\n');
    expect(body).toContain('retrieval_latency_seconds_sum{stage="total"} 0.045\n');
    expect(body).toContain('retrieval_requests_total{tool="retrieve",status="ok"} 1\n');
    expect(body).toContain('retrieval_degraded_total{stage="embed",reason="pseudo_embeddings"} 1\n');
    expect(body).toContain('retrieval_empty_total{reason="filtered_out"} 1\n');
  });

  it("count other tools and rejected calls without calling them latency of retrieval", async () => {
    for (const call of [callRecord({ operation: reindexOperation() }), callRecord({ status: "rejected" })]) {
      const { body } = await record(call);
      expect(body).toContain(`retrieval_requests_total{tool="${call.operation.name}",status="${call.status}"} 1\n`);
      expect(body).not.toContain("retrieval_latency_seconds_sum{");
    }
  });
});

describe("the key of the hashes", () => {
  const SCRIPT = `
    const { createContent } = await import("#src/telemetry/content.js");
    console.log(createContent({ dataDir: process.env.DIR, show: false }).hash("text"));
  `;

  it("is the same for processes that start at once, and theirs only", async () => {
    const dataDir = join(newFolder(), "data");
    const args = ["--input-type=module", "-e", SCRIPT];
    const run = () => promisify(execFile)(process.execPath, args, { env: { ...process.env, DIR: dataDir } });
    const hashes = (await Promise.all(Array.from({ length: 8 }, run))).map(({ stdout }) => stdout.trim());
    expect(new Set(hashes).size).toBe(1);
    expect(readdirSync(dataDir)).toEqual(["span-key"]);
    expect(readFileSync(join(dataDir, "span-key"))).toHaveLength(32);
    if (process.platform !== "win32") expect(statSync(join(dataDir, "span-key")).mode & 0o777).toBe(0o600);
    expect(createContent({ dataDir: newFolder(), show: false }).hash("text")).not.toBe(hashes[0]);
  }, 30_000);

  it("is made anew when the file is damaged", () => {
    const dataDir = newFolder();
    writeFileSync(join(dataDir, "span-key"), "");
    chmodSync(join(dataDir, "span-key"), 0o600);
    const hash = () => createContent({ dataDir, show: false }).hash("text");
    expect(hash()).toBe(hash());
    expect(readFileSync(join(dataDir, "span-key"))).toHaveLength(32);
  });

  it("lives in memory when the data folder cannot be written", () => {
    const file = join(newFolder(), "file");
    writeFileSync(file, "");
    const content = createContent({ dataDir: file, show: false });
    expect(content.hash("text")).toBe(content.hash("text"));
  });
});
