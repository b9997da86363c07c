/** What `aura-retrieval eval` is made of. */

export { dropEvaluationIndexes } from "./collection.js";
export { readDataset } from "./dataset.js";
export { type EvalHost, type EvalKind, evaluate, isMeasured } from "./evaluate.js";
export { judge, readBaseline, writeBaseline } from "./gate.js";
export { OFF_TOPIC } from "./off-topic.js";
export { present } from "./present.js";
export { renderEvaluation, renderGate } from "./render-text.js";
export { openRunFolder, writeRunFiles } from "./run-files.js";
