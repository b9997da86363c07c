/** The plots of the report. A configuration is a row or a point, and has the number it has in the tables. */
import { MAIN } from "../compare.js";
import type { Measured } from "../evaluate.js";
import { METRICS, type Metric } from "../metrics.js";
import type { Estimate } from "../statistics.js";
import type { Latency } from "../summary.js";
import { box, circle, figure, label, line, linear, logarithmic, type Place, type Scale } from "./svg.js";

/** Number in the tables, and what it stands for. */
export interface Numbered extends Measured {
  readonly number: number;
}

const WIDTH = 720;
const ROW = 26;
/** Of a letter of a row's label, widest case. */
const LETTER = 7.2;
const RIGHT = 24;
const TOP = 8;
const AXIS = 40;

/** One metric over all configurations, or all metrics of one. */
export function qualityPlot(rows: readonly Numbered[], metric: Metric): string {
  return rows.length === 1
    ? intervals(
        METRICS.map((each) => ({ name: each, estimate: (rows[0] as Numbered).numbers.metrics[each] })),
        "value of the metric",
      )
    : intervals(
        rows.map((row) => ({ name: nameOf(row), estimate: row.numbers.metrics[metric] })),
        metric,
      );
}

function intervals(rows: readonly { name: string; estimate: Estimate }[], axis: string): string {
  const ends = rows.flatMap(({ estimate }) => [estimate.low, estimate.high]);
  const left = leftOf(rows.map(({ name }) => name));
  const scale = linear(ends, [left, WIDTH - RIGHT]);
  const marks = rows.flatMap(({ name, estimate: { mean, low, high } }, i) => {
    const y = rowAt(i);
    const title = `${name}: ${mean.toFixed(4)}, 95 % interval ${low.toFixed(4)} to ${high.toFixed(4)}`;
    return [
      rowLabel(name, left, y),
      line([scale.at(low), y], [scale.at(high), y], "whisker"),
      circle([scale.at(mean), y], 5, "mark", title),
    ];
  });
  return rowFigure({ rows: rows.length, left }, { scale, name: axis }, `${axis} with 95 % intervals`, marks);
}

/** Boxes from quartile to quartile with the median, whiskers from p5 to p95; stages where there is one configuration. */
export function latencyPlot(rows: readonly Numbered[]): string {
  const [only] = rows;
  const boxes: (readonly [string, Latency])[] =
    rows.length === 1 && only !== undefined
      ? Object.entries(only.numbers.latency)
      : rows.map((row) => [nameOf(row), row.numbers.latency.total as Latency]);
  const left = leftOf(boxes.map(([name]) => name));
  const scale = logarithmic(
    boxes.flatMap(([, { p5, p95 }]) => [p5, p95]),
    [left, WIDTH - RIGHT],
  );
  const marks = boxes.flatMap(([name, { p5, p25, p50, p75, p95 }], i) => {
    const y = rowAt(i);
    const title = `${name}: p5 ${p5.toFixed(2)}, p25 ${p25.toFixed(2)}, p50 ${p50.toFixed(2)}, p75 ${p75.toFixed(2)}, p95 ${p95.toFixed(2)} ms`;
    return [
      rowLabel(name, left, y),
      line([scale.at(p5), y], [scale.at(p95), y], "whisker"),
      box([scale.at(p25), y - 7], [scale.at(p75), y + 7], "box", title),
      line([scale.at(p50), y - 8], [scale.at(p50), y + 8], "median"),
    ];
  });
  return rowFigure({ rows: boxes.length, left }, { scale, name: "ms, logarithmic" }, "time of a question", marks);
}

/** Median time across, quality with its interval up. */
export function tradeOffPlot(rows: readonly Numbered[]): string {
  const height = 340;
  const [left, right] = [64, WIDTH - RIGHT];
  const time = ({ numbers }: Numbered) => numbers.latency.total?.p50 ?? 0;
  const x = logarithmic(rows.map(time), [left, right]);
  const ends = rows.flatMap(({ numbers }) => [numbers.metrics[MAIN].low, numbers.metrics[MAIN].high]);
  const y = linear(ends, [height - AXIS, TOP + 20]);
  const points = rows.map((row): Place => [x.at(time(row)), y.at(row.numbers.metrics[MAIN].mean)]);
  const places = besides(points);
  const marks = [
    ...rows.map((row, i) => {
      const { low, high } = row.numbers.metrics[MAIN];
      const [at] = points[i] as Place;
      return line([at, y.at(low)], [at, y.at(high)], "whisker faint");
    }),
    ...rows.map((row, i) => {
      const { mean } = row.numbers.metrics[MAIN];
      const title = `${nameOf(row)}: ${MAIN} ${mean.toFixed(4)}, p50 ${time(row).toFixed(1)} ms`;
      return circle(points[i] as Place, 5, "mark", title);
    }),
    // Above all circles, and where one stands away from its own, with a line to it.
    ...rows.flatMap(({ number }, i) => {
      const [at, text] = [points[i] as Place, places[i] as Place];
      const written = label(text, String(number), "start");
      const isAway = Math.abs(text[1] - 4 - at[1]) > 12 || text[0] - at[0] > 12;
      return isAway ? [line(at, [text[0] - 2, text[1] - 4], "whisker faint"), written] : [written];
    }),
  ];
  return figure(WIDTH, height, `${MAIN} against median time`, [
    ...x.ticks.map((tick) => line([x.at(tick), TOP + 12], [x.at(tick), height - AXIS], "grid")),
    ...y.ticks.map((tick) => line([left, y.at(tick)], [right, y.at(tick)], "grid")),
    ...x.ticks.map((tick) => label([x.at(tick), height - AXIS + 16], String(tick), "middle", "tick")),
    ...y.ticks.map((tick) => label([left - 8, y.at(tick) + 4], String(tick), "end", "tick")),
    label([(left + right) / 2, height - 4], "median time of a question, ms, logarithmic", "middle", "axis"),
    label([left, TOP + 4], MAIN, "start", "axis"),
    ...marks,
  ]);
}

/** What passages of a score are worth: on the diagonal, `score` is the share of relevant ones. Area: how many. */
export function calibrationPlot({ numbers }: Measured): string {
  const size = 340;
  const [low, high] = [48, size - 16];
  const x = linear([0, 1], [low, high]);
  const y = linear([0, 1], [size - AXIS, TOP]);
  const { bins, passages } = numbers.calibration;
  return figure(size, size, "share of relevant passages by score", [
    ...x.ticks.map((tick) => line([x.at(tick), TOP], [x.at(tick), size - AXIS], "grid")),
    ...y.ticks.map((tick) => line([low, y.at(tick)], [high, y.at(tick)], "grid")),
    ...x.ticks.map((tick) => label([x.at(tick), size - AXIS + 16], String(tick), "middle", "tick")),
    ...y.ticks.map((tick) => label([low - 6, y.at(tick) + 4], String(tick), "end", "tick")),
    line([x.at(0), y.at(0)], [x.at(1), y.at(1)], "whisker faint"),
    ...bins.map((bin) =>
      circle(
        [x.at(bin.score), y.at(bin.relevant)],
        3 + 12 * Math.sqrt(bin.passages / passages),
        "mark translucent",
        `${bin.passages} passages of score ${bin.score.toFixed(2)}: ${(bin.relevant * 100).toFixed(1)} % relevant`,
      ),
    ),
    label([(low + high) / 2, size - 4], "score; up: share that is relevant", "middle", "axis"),
  ]);
}

/** For each point the nearest place beside it where a number of two digits covers neither a point nor another number. */
function besides(points: readonly Place[]): Place[] {
  const taken: Place[] = [];
  const isFree = ([textX, textY]: Place) =>
    points.every(([x, y]) => x < textX - 6 || x > textX + 20 || Math.abs(y - (textY - 4)) > 10) &&
    taken.every(([x, y]) => Math.abs(x - textX) >= 18 || Math.abs(y - textY) >= 12);
  const steps = Array.from({ length: 20 }, (_, i) => i).flatMap((i) => [-i, i]);
  for (const [x, y] of points) {
    const around = [9, 24, 39].flatMap((right) => steps.map((step): Place => [x + right, y + 4 + step * 6]));
    const distance = ([textX, textY]: Place) => Math.hypot(textX - x, textY - 4 - y);
    const nearest = around.filter(isFree).sort((a, b) => distance(a) - distance(b))[0];
    taken.push(nearest ?? [x + 9, y + 4]);
  }
  return taken;
}

export function nameOf({ number, configuration }: Numbered): string {
  return `${number}  ${configuration.name}`;
}

function rowAt(i: number): number {
  return TOP + ROW * (i + 0.5);
}

/** Where the rows begin, right of the longest label. */
function leftOf(names: readonly string[]): number {
  return 12 + LETTER * Math.max(...names.map(({ length }) => length));
}

function rowLabel(name: string, left: number, y: number): string {
  return label([left - 12, y + 4], name, "end");
}

interface Area {
  readonly rows: number;
  /** Where the rows begin. */
  readonly left: number;
}

interface Axis {
  readonly scale: Scale;
  readonly name: string;
}

function rowFigure({ rows, left }: Area, { scale, name }: Axis, description: string, marks: readonly string[]): string {
  const bottom = TOP + rows * ROW;
  return figure(WIDTH, bottom + AXIS, description, [
    ...scale.ticks.map((tick) => line([scale.at(tick), TOP], [scale.at(tick), bottom], "grid")),
    ...scale.ticks.map((tick) => label([scale.at(tick), bottom + 16], String(tick), "middle", "tick")),
    label([(left + WIDTH - RIGHT) / 2, bottom + 34], name, "middle", "axis"),
    ...marks,
  ]);
}
