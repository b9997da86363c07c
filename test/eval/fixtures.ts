/** Measurements made by hand: no pipeline behind them. */
import type { Dataset, Question } from "#src/eval/dataset.js";
import type { Measured } from "#src/eval/evaluate.js";
import type { Answer, Measurement } from "#src/eval/measure.js";
import { METRICS, type Scores } from "#src/eval/metrics.js";
import { summarise } from "#src/eval/summary.js";

export const SEED = 1;

export const dataset = (questions: readonly Question[]): Dataset => ({
  name: "by hand",
  questions,
  extensionOptional: false,
  sha256: "0".repeat(64),
  warnings: [],
});

export const question = (id: string, text = `What is ${id}?`): Question => ({ id, text, grades: new Map([["a", 1]]) });

/** Every metric has the same value. */
export function answer(asked: Question, value: number): Answer {
  return {
    question: asked,
    ranking: new Map([["a", 0.5]]),
    scores: Object.fromEntries(METRICS.map((metric) => [metric, value])) as Scores,
    top: [{ score: 0.5, grade: 1 }],
    timings: { embed: 1, search: 2, total: 3 },
    candidates: 10,
  };
}

export function measurement(answers: readonly Answer[]): Measurement {
  return { answers, offTopic: [0.1], degraded: {}, collection: { name: "by-hand_1", points: 10 } };
}

export function measured(name: string, answers: readonly Answer[]): Measured {
  const made = measurement(answers);
  return {
    configuration: { name, fields: {}, against: [] },
    settings: { EMBEDDING_MODEL: "all-MiniLM-L6-v2" },
    measurement: made,
    numbers: summarise(made, SEED),
  };
}
