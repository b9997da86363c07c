/** Scales and marks for small plots, as SVG text. Colours are classes of the page, so that dark mode reaches them. */
import { escapeHtml } from "./escape-html.js";

/** In pixels, from the left and from above. */
export type Place = readonly [x: number, y: number];

export interface Scale {
  /** Value → pixels. */
  at(value: number): number;
  readonly ticks: readonly number[];
}

const TICKS_WANTED = 5;

/** An axis for shares, which never goes beyond 0 or 1. @param range pixels of the lowest and the highest value */
export function linear(values: readonly number[], range: readonly [number, number]): Scale {
  const [lowest, highest] = [Math.min(...values), Math.max(...values)];
  const step = niceStep((highest - lowest || 1) / TICKS_WANTED);
  const end = Math.ceil(highest / step - 1e-9) * step;
  // Where all values are equal: from a step below them, or to a step above 0.
  const low = Math.floor(Math.min(lowest, end - (end > 0 ? step : 0)) / step + 1e-9) * step;
  const top = end > low ? end : low + step;
  const count = Math.round((top - low) / step);
  return {
    at: (value) => range[0] + ((value - low) / (top - low)) * (range[1] - range[0]),
    ticks: Array.from({ length: count + 1 }, (_, i) => Number((low + i * step).toPrecision(12))),
  };
}

/** Ticks at 1, 2 and 5 times the powers of ten, more of them over a short range; values below a hundredth are drawn at it. */
export function logarithmic(values: readonly number[], range: readonly [number, number]): Scale {
  const positive = values.map((value) => Math.max(value, 0.01));
  const [low, high] = [Math.min(...positive) / 1.5, Math.max(...positive) * 1.5];
  const [from, to] = [Math.log(low), Math.log(high)];
  const ticks = (factors: readonly number[]) =>
    Array.from({ length: 12 }, (_, i) => 10 ** (i - 3))
      .flatMap((power) => factors.map((factor) => Number((factor * power).toPrecision(3))))
      .filter((tick) => tick >= low && tick <= high);
  const coarse = ticks([1, 2, 5]);
  return {
    at: (value) => range[0] + ((Math.log(Math.max(value, 0.01)) - from) / (to - from)) * (range[1] - range[0]),
    ticks: coarse.length > 2 ? coarse : ticks([1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8]),
  };
}

/** 1, 2 or 5 times a power of ten, at least `step`. */
function niceStep(step: number): number {
  const power = 10 ** Math.floor(Math.log10(step));
  return ([1, 2, 5, 10].find((factor) => factor * power >= step * (1 - 1e-9)) as number) * power;
}

export function line([x1, y1]: Place, [x2, y2]: Place, name: string): string {
  return `<line class="${name}" x1="${px(x1)}" y1="${px(y1)}" x2="${px(x2)}" y2="${px(y2)}"/>`;
}

export function circle([x, y]: Place, radius: number, name: string, title: string): string {
  return `<circle class="${name}" cx="${px(x)}" cy="${px(y)}" r="${px(radius)}">${tooltip(title)}</circle>`;
}

/** From one corner to the opposite one. */
export function box([left, top]: Place, [right, bottom]: Place, name: string, title: string): string {
  const size = `width="${px(Math.max(right - left, 1))}" height="${px(bottom - top)}"`;
  return `<rect class="${name}" x="${px(left)}" y="${px(top)}" ${size}>${tooltip(title)}</rect>`;
}

export function label([x, y]: Place, text: string, anchor: "start" | "middle" | "end", name = ""): string {
  return `<text class="${name}" x="${px(x)}" y="${px(y)}" text-anchor="${anchor}">${escapeHtml(text)}</text>`;
}

/** @param description what a reader who cannot see the plot is told */
export function figure(width: number, height: number, description: string, parts: readonly string[]): string {
  const size = `viewBox="0 0 ${width} ${px(height)}" width="${width}" height="${px(height)}"`;
  return `<svg ${size} role="img" aria-label="${escapeHtml(description)}">${parts.join("")}</svg>`;
}

function tooltip(text: string): string {
  return `<title>${escapeHtml(text)}</title>`;
}

function px(value: number): string {
  return String(Number(value.toFixed(1)));
}
