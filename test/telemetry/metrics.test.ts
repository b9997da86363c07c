import { execFileSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { createMetrics, METRICS, type MetricSpec } from "#src/telemetry/metrics.js";

const HELP = /^# HELP [a-zA-Z_:][\w:]* \S.*$/;
const TYPE = /^# TYPE ([a-zA-Z_:][\w:]*) (counter|gauge|histogram)$/;
const LABEL = `[a-zA-Z_]\\w*="(?:[^"\\\\\\n]|\\\\["\\\\n])*"`;
const SAMPLE = new RegExp(
  `^([a-zA-Z_:][\\w:]*)(?:\\{(${LABEL}(?:,${LABEL})*)\\})? (?:[+-]?Inf|NaN|-?\\d+(?:\\.\\d+)?(?:e[+-]?\\d+)?)$`,
);

/** The type of each metric family. @throws for a line that is not Prometheus text format 0.0.4 */
function parse(body: string): Map<string, string> {
  const families = new Map<string, string>();
  expect(body.endsWith("\n")).toBe(true);
  for (const line of body.split("\n")) {
    if (line === "" || HELP.test(line)) continue;
    const type = TYPE.exec(line);
    if (type !== null) {
      expect(families.has(type[1] as string), `${type[1]} declared twice`).toBe(false);
      families.set(type[1] as string, type[2] as string);
      continue;
    }
    const sample = SAMPLE.exec(line);
    if (sample === null) throw new Error(`not a line of the text format: ${line}`);
    const family = (sample[1] as string).replace(/_(?:bucket|sum|count)$/, "");
    expect(families.has(family) || families.has(sample[1] as string), `${sample[1]} has no TYPE`).toBe(true);
  }
  return families;
}

describe("the metrics", () => {
  const table: Record<string, MetricSpec> = METRICS;

  it("are exactly those of the table, with its types and help", async () => {
    const { body } = await createMetrics({ defaultMetrics: false }).expose();
    const types = Object.fromEntries(Object.entries(table).map(([name, { type }]) => [name, type]));
    expect(Object.fromEntries(parse(body))).toEqual(types);
    for (const [name, { help }] of Object.entries(table)) expect(body).toContain(`# HELP ${name} ${help}\n`);
  });

  it("are Prometheus text format with the process's own metrics among them", async () => {
    const metrics = createMetrics();
    metrics.add("retrieval_requests_total", { tool: "retrieve", status: "ok" });
    metrics.observe("embedding_latency_seconds", { role: "query" }, 0.012);
    metrics.read("retrieval_feature_enabled", () => [{ labels: { feature: 'a "quoted"\nname' }, value: 1 }]);
    const { contentType, body } = await metrics.expose();
    expect(contentType).toBe("text/plain; version=0.0.4; charset=utf-8");
    const families = parse(body);
    expect(families.get("process_resident_memory_bytes")).toBe("gauge");
    expect(families.get("nodejs_eventloop_lag_seconds")).toBe("gauge");
    expect(body).toContain('retrieval_requests_total{tool="retrieve",status="ok"} 1\n');
  });

  it("keep one registry each: two never share a count", async () => {
    const [one, other] = [createMetrics({ defaultMetrics: false }), createMetrics({ defaultMetrics: false })];
    one.add("reindex_chunks_total", {}, 7);
    expect((await one.expose()).body).toContain("reindex_chunks_total 7\n");
    expect((await other.expose()).body).toContain("reindex_chunks_total 0\n");
  });

  it("refuse a label that the table does not declare", () => {
    const metrics = createMetrics({ defaultMetrics: false });
    const wrong = { role: "query", user: "u" } as { role: string };
    expect(() => metrics.observe("embedding_latency_seconds", wrong, 1)).toThrow(/user/);
    expect(() => metrics.add("rate_limited_total", { user: "u" } as never)).toThrow(/user/);
  });

  it("have buckets at the bounds that alerts and dashboards ask for", async () => {
    const metrics = createMetrics({ defaultMetrics: false });
    metrics.observe("embedding_latency_seconds", { role: "query" }, 0.02);
    const { body } = await metrics.expose();
    for (const bound of [0.01, 0.05, 0.1])
      expect(body).toMatch(new RegExp(`embedding_latency_seconds_bucket{le="${bound}",role="query"} `));
    for (const [name, { buckets }] of Object.entries(table)) {
      expect(buckets, name).toEqual(buckets && [...buckets].sort((a, b) => a - b));
    }
  });

  it("read gauges at scrape, forget series that are gone and serve the rest when a reader fails", async () => {
    const metrics = createMetrics({ defaultMetrics: false });
    let state = "running";
    metrics.read("reindex_jobs", async () => [{ labels: { state }, value: 2 }]);
    metrics.read("retrieval_feature_enabled", () => {
      throw new Error("not now");
    });
    expect((await metrics.expose()).body).toContain('reindex_jobs{state="running"} 2\n');
    state = "done";
    const { body } = await metrics.expose();
    expect(body).toContain('reindex_jobs{state="done"} 2\n');
    expect(body).not.toContain('state="running"');
    expect(body).not.toContain("retrieval_feature_enabled{");
  });

  it("cost nothing until used and never keep the process alive", () => {
    const script = `
      const { createRequire } = await import("node:module");
      const { createMetrics } = await import("#src/telemetry/metrics.js");
      const loaded = () => Object.keys(createRequire(import.meta.url).cache).some((file) => file.includes("prom-client"));
      const metrics = createMetrics();
      const before = loaded();
      metrics.add("rate_limited_total", {});
      await metrics.expose();
      console.log(before, loaded());
    `;
    const options = { encoding: "utf8", timeout: 10_000 } as const;
    expect(execFileSync(process.execPath, ["--input-type=module", "-e", script], options)).toBe("false true\n");
  });
});
