/** A run as a table for people. */
import { isMet, type Machine, type NotMeasured, type Result } from "./measure.js";

export interface Run {
  readonly date: string;
  readonly quick: boolean;
  readonly before: Machine;
  readonly after: Machine;
  readonly results: readonly (Result | NotMeasured)[];
}

export function report(run: Run): string {
  const { cpu, cores, node, freeGb, load } = run.before;
  const lines = [
    `${cpu}, ${cores} cores, ${freeGb} GB free, Node ${node}; load ${load.join(" ")} before, ${run.after.load.join(" ")} after`,
    "",
    "| what | measured | floor | ratio | bar | |",
    "|---|---|---|---|---|---|",
    ...run.results.map((result) => ("notMeasured" in result ? missing(result) : line(result))),
  ];
  return `${lines.join("\n")}\n`;
}

function line(result: Result): string {
  const { name, value, floor, unit, floorIs, bar, note } = result;
  const cells = [
    note === undefined ? name : `${name} (${note})`,
    `${number(value)} ${unit}`,
    `${number(floor)} ${unit}: ${floorIs}`,
    floor === 0 ? "–" : (value / floor).toFixed(2),
    `${bar.sign} ${bar.factor}`,
    isMet(result) ? "ok" : "MISSED",
  ];
  return `| ${cells.join(" | ")} |`;
}

function missing({ name, notMeasured }: NotMeasured): string {
  return `| ${name} | not measured: ${notMeasured} | – | – | – | – |`;
}

function number(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toFixed(2);
}
