/** The evaluation as one HTML page that needs nothing else: plots are inline, nothing is fetched, no script runs. */
import { type Evaluation, isMeasured, type Row } from "../evaluate.js";
import { judgeExpansion } from "../expansion.js";
import type { GateResult } from "../gate.js";
import { METRICS } from "../metrics.js";
import { escapeHtml } from "./escape-html.js";
import { calibrationPlot, latencyPlot, type Numbered, nameOf, qualityPlot, tradeOffPlot } from "./plots.js";
import { STYLE } from "./style.js";
import { comparisonSection, expansionTable, gateTable, numbersTable, settingsTable } from "./tables.js";

export function renderReport(evaluation: Evaluation, gate: readonly GateResult[] | undefined): string {
  const { request, version, rows, warnings } = evaluation;
  const { dataset, seed, offTopic, kind } = request;
  const numbered = rows.map((row, i) => ({ ...row, number: i + 1 }));
  const measured = numbered.filter((row): row is Row & Numbered => isMeasured(row));
  const title = `Evaluation of ${dataset.name}`;
  const sections = [
    `<h1>${escapeHtml(title)}</h1>`,
    `<p class="muted">${dataset.questions.length} questions (sha256 ${dataset.sha256.slice(0, 12)}), aura-retrieval ${escapeHtml(version)}, ` +
      `seed ${seed}. Intervals are 95 %, by bootstrap over the questions.</p>`,
    ...warnings.map((warning) => `<p class="warning">${escapeHtml(warning)}</p>`),
    `<div class="wide">${numbersTable(numbered)}</div>`,
    gate === undefined ? [] : [`<h2>Gate</h2>`, gateTable(gate)],
    measured.length === 0 ? [] : plots(measured, offTopic.length),
    kind === "grid" ? [`<h2>Does expansion do harm?</h2>`, expansionTable(judgeExpansion(rows))] : [],
    measured.some(({ comparison }) => comparison !== undefined) ? [`<h2>Compared</h2>`, COMPARED] : [],
    ...measured.map(comparisonSection),
    `<h2>Settings</h2>`,
    ...measured.map((row) => `<details><summary>${escapeHtml(nameOf(row))}</summary>${settingsTable(row)}</details>`),
  ];
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${escapeHtml(title)}</title>
<style>${STYLE}</style>
</head>
<body>
${sections.flat().join("\n")}
</body>
</html>
`;
}

const COMPARED = `<p class="muted">Each configuration against the one it is built on, question by question: the mean difference with its paired
bootstrap interval, and the p-value of a two-sided randomisation test. Better and worse are by nDCG@10.</p>`;

function plots(rows: readonly Numbered[], offTopic: number): string[] {
  const metrics = rows.length === 1 ? METRICS.slice(0, 1) : METRICS;
  return [
    `<h2>Quality</h2>`,
    ...metrics.map((metric) => qualityPlot(rows, metric)),
    `<h2>Time</h2>`,
    `<p class="muted">Of one question, one caller. Box: quartiles and median; line: p5 to p95. The time to read passages is not part of the
total: a hundred documents are read here.</p>`,
    latencyPlot(rows),
    `<h2>Quality against time</h2>`,
    tradeOffPlot(rows),
    `<h2>What a score means</h2>`,
    `<p class="muted">Share of relevant passages among the ten best of every question, by score; on the diagonal the score is that share.
Passages without a judgement count as not relevant. AUC: how often an answerable question has a higher top score than one of ${offTopic}
off-topic questions.</p>`,
    ...rows.map(
      (row) =>
        `<details${rows.length === 1 ? " open" : ""}><summary>${escapeHtml(nameOf(row))}: calibration error ${row.numbers.calibration.error.toFixed(3)}` +
        `${row.numbers.auc === undefined ? "" : `, AUC ${row.numbers.auc.toFixed(3)}`}</summary>${calibrationPlot(row)}</details>`,
    ),
  ];
}
