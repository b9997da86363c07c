/** Progress of a long job on stderr: a bar on a terminal, a line every few seconds elsewhere and where the end is not known. */
import { Presets, SingleBar } from "cli-progress";
import type { Progress } from "../core/call.js";
import { tell } from "./terminal.js";

const LINE_EVERY_MS = 5_000;

export interface ProgressView {
  update(progress: Progress): void;
  stop(): void;
}

export function createProgressView(): ProgressView {
  return process.stderr.isTTY ? barView() : lineView();
}

function barView(): ProgressView {
  const bar = new SingleBar(
    { format: "{bar} {percentage}% | {message}", stream: process.stderr, clearOnComplete: false, hideCursor: true },
    Presets.shades_classic,
  );
  const lines = lineView();
  let started = false;
  return {
    update({ done, total, message }) {
      if (total === undefined) {
        if (!started) lines.update({ done, message });
        return;
      }
      if (!started) bar.start(total, 0, { message });
      started = true;
      bar.update(Math.min(done, total), { message });
    },
    stop: () => bar.stop(),
  };
}

function lineView(): ProgressView {
  let lastAt = 0;
  return {
    update({ message }) {
      if (Date.now() - lastAt < LINE_EVERY_MS) return;
      lastAt = Date.now();
      tell(message);
    },
    stop: () => undefined,
  };
}
