/** Two runs side by side. Ratios are what compares: milliseconds also depend on the machine and its load. */
import type { Run } from "./report.js";

export function compareRuns(before: Run, after: Run): string {
  const lines = [
    `Against ${before.date} (load ${before.before.load[0]} before, ${before.after.load[0]} after)`,
    "",
    "| what | value then | value now | ratio then | ratio now | change of ratio |",
    "|---|---|---|---|---|---|",
  ];
  for (const now of after.results) {
    if ("notMeasured" in now) continue;
    const then = before.results.find(({ name }) => name === now.name);
    if (then === undefined || "notMeasured" in then) {
      lines.push(`| ${now.name} | not measured | ${now.value.toPrecision(3)} ${now.unit} | – | – | – |`);
      continue;
    }
    const values = [then.value, now.value].map((value) => `${value.toPrecision(3)} ${now.unit}`);
    const ratios = [then, now].map(({ value, floor }) => value / floor) as [number, number];
    // A count that must be zero has no ratio.
    const shown =
      then.floor === 0 || now.floor === 0 ? ["–", "–", "–"] : [...ratios.map((r) => r.toFixed(2)), change(ratios)];
    lines.push(`| ${[now.name, ...values, ...shown].join(" | ")} |`);
  }
  return `${lines.join("\n")}\n`;
}

function change([then, now]: readonly [number, number]): string {
  const percent = Math.round((now / then - 1) * 100);
  return `${percent > 0 ? "+" : ""}${percent} %`;
}
