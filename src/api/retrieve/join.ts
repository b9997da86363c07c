/** Passages of one text that overlap, as the parts of a long section do, made one: nothing is sent twice. */
import type { Passage } from "../../app/app.js";
import type { Range } from "../../core/types.js";

/** Best first; a joined one stands where its best part stood, with that part's id and scores. */
export function joinOverlapping(passages: readonly Passage[]): Passage[] {
  let kept: Passage[] = [];
  for (const passage of passages) {
    const [best, ...others] = kept.filter((better) => overlap(better, passage));
    if (best === undefined) {
      kept.push(passage);
      continue;
    }
    const whole = [passage, ...others].reduce(joined, best);
    kept = kept.filter((each) => !others.includes(each)).map((each) => (each === best ? whole : each));
  }
  return kept;
}

/** A longer one would be sent whole for the sake of its best part. */
const LONGEST = 2_400;

/** Rows of a table stay with the names of their columns. */
function overlap({ point: a }: Passage, { point: b }: Passage): boolean {
  if (a.record.source !== b.record.source || a.record.document !== b.record.document) return false;
  const length = Math.max(a.end, b.end) - Math.min(a.start, b.start);
  const isTable = a.tableHeader !== undefined || b.tableHeader !== undefined;
  return a.start < b.end && b.start < a.end && length <= LONGEST && !isTable;
}

function joined(better: Passage, other: Passage): Passage {
  const [first, second] = better.point.start <= other.point.start ? [better, other] : [other, better];
  const { start, end, text } = first.point;
  const rest = second.point.text.slice(Math.max(0, end - second.point.start));
  const lines = span(better.point.lines, other.point.lines);
  const pages = span(better.point.pages, other.point.pages);
  return {
    ...better,
    point: {
      ...better.point,
      start,
      end: Math.max(end, second.point.end),
      text: text + rest,
      ...(lines && { lines }),
      ...(pages && { pages }),
    },
  };
}

function span(a: Range | undefined, b: Range | undefined): Range | undefined {
  return a && b && { first: Math.min(a.first, b.first), last: Math.max(a.last, b.last) };
}
