/** How cost grows, as an SVG: logarithmic, so that proportional growth is a straight line; memory does not grow so. */
import * as vega from "vega";
import { compile, type TopLevelSpec } from "vega-lite";

export interface GrowthRow {
  readonly chunks: number;
  readonly indexSeconds: number;
  readonly p50: number;
  readonly p99: number;
  readonly memoryMb: number;
  readonly diskMb: number;
}

/** Panel → its lines, each a field of a row. */
const PANELS = {
  "index time, s": { "": "indexSeconds" },
  "query, ms": { p50: "p50", p99: "p99" },
  "memory of all processes, MB": { "": "memoryMb" },
  "disk, MB": { "": "diskMb" },
} as const satisfies Record<string, Record<string, keyof GrowthRow>>;

export function plotGrowth(rows: readonly GrowthRow[]): Promise<string> {
  const spec: TopLevelSpec = {
    background: "white",
    columns: 2,
    concat: Object.entries(PANELS).map(([title, lines]) => panel(title, lines, rows)),
  };
  return new vega.View(vega.parse(compile(spec).spec), { renderer: "none" }).toSVG();
}

function panel(title: string, lines: Readonly<Record<string, keyof GrowthRow>>, rows: readonly GrowthRow[]) {
  const values = Object.entries(lines).flatMap(([line, field]) =>
    rows.map((row, i) => ({ chunks: row.chunks, value: row[field], line, name: i === rows.length - 1 ? line : "" })),
  );
  return {
    title,
    width: 270,
    height: 160,
    data: { values },
    encoding: {
      x: {
        field: "chunks",
        type: "quantitative" as const,
        scale: { type: "log" as const, domain: [800, 160_000] },
        axis: { title: "chunks", format: "~s", values: [1_000, 3_000, 10_000, 30_000, 100_000], labelOverlap: false },
      },
      y: {
        field: "value",
        type: "quantitative" as const,
        scale: title.startsWith("memory") ? { zero: true } : { type: "log" as const, nice: false, padding: 12 },
        axis: { title: null, format: "~s", tickCount: 4 },
      },
    },
    layer: [
      { mark: { type: "line" as const, point: true }, encoding: { detail: { field: "line" } } },
      { mark: { type: "text" as const, align: "left" as const, dx: 8 }, encoding: { text: { field: "name" } } },
    ],
  };
}
