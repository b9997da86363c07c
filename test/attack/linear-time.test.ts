/** No text that an author can write makes a parser slow. */
import { expect, it } from "vitest";
import { DEFINITIONS } from "#src/source/formats/definitions.js";
import { formatOf, type TextFormat } from "#src/source/formats/index.js";
import { unreadSpans } from "#src/source/unread.js";
import { TOKENS } from "./tokens.js";

/** Of the languages that share their definitions one. */
const LANGUAGES = new Map([...DEFINITIONS].map(([extension, { source }]) => [source, extension])).values();
const NAMES = [
  "a.md",
  "a.rst",
  "a.adoc",
  "a.org",
  "a.tex",
  "a.txt",
  "a.html",
  "a.json",
  "a.dart",
  "a.odd",
  ...Array.from(LANGUAGES, (extension) => `a.${extension}`),
];
const SHORT = 100_000;
/** Twice as long twice: each time at most three times the cost, where a quadratic parser takes four. */
const LONG = 4 * SHORT;
const MOST_GROWTH = 3 * 3;
/** Below it, a collection of garbage counts more than what is measured. */
const MEASURABLE_MS = 10;
const TRIES = 8;

it.each(NAMES)(
  "%s is read in linear time, whatever it repeats",
  (name) => {
    const { parse } = formatOf(name) as TextFormat;
    const isLinear = (token: string) => {
      const of = (length: number) => `x\n\n${token.repeat(Math.ceil(length / token.length))}x`;
      const short = of(SHORT);
      const long = of(LONG);
      let least = { short: Number.POSITIVE_INFINITY, long: Number.POSITIVE_INFINITY };
      for (let i = 0; i < TRIES; i++) {
        least = { short: Math.min(least.short, cost(parse, short)), long: Math.min(least.long, cost(parse, long)) };
        if (least.long <= MOST_GROWTH * Math.max(least.short, MEASURABLE_MS)) return true;
      }
      return false;
    };
    expect(TOKENS.filter((token) => !isLinear(token))).toEqual([]);
  },
  240_000,
);

/** Processor time in milliseconds: a busy machine changes little of it. */
function cost(parse: TextFormat["parse"], text: string): number {
  const before = process.cpuUsage();
  const parsed = parse(text);
  unreadSpans(parsed.text, parsed.unread);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
}
