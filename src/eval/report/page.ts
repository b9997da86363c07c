import type { Evaluation } from "../evaluate.js";
import type { GateResult } from "../gate.js";
export function renderReport(_e: Evaluation, _g: readonly GateResult[] | undefined): string {
  return "";
}
