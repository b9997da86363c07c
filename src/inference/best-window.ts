/** Best window of a passage that is too long for the cross-encoder. */

/** Tokens without special tokens. */
export interface TooLong {
  readonly query: readonly number[];
  readonly passage: readonly number[];
  /** How many of the passage's first tokens are its first line: title and headings, where it has them. */
  readonly lead: number;
  /** How many tokens there is room for, fewer than the passage has. */
  readonly room: number;
}

/** A first line that takes more of the room than this is text like any other. */
const MAX_LEAD = 1 / 4;
/** Weights are whole numbers, so that equal windows have equal sums. */
const ONE = 2 ** 20;

/**
 * `room` tokens of the passage in their order: its lead, and the run of others with the most of the query's tokens. Each
 * occurrence of such a token weighs 1 / its occurrences in the passage, so that common words hardly count. Of equal
 * windows next to each other the middle one, so that what was found has text around it; the first tokens when the
 * query's occur nowhere.
 */
export function bestWindow({ query, passage, lead, room }: TooLong): readonly number[] {
  const kept = lead <= room * MAX_LEAD ? lead : 0;
  const size = room - kept;
  const start = bestStart(weights(query, passage, kept), size) + kept;
  return [...passage.slice(0, kept), ...passage.slice(start, start + size)];
}

/** One for each token behind the lead. */
function weights(query: readonly number[], passage: readonly number[], lead: number): number[] {
  const body = passage.slice(lead);
  const occurrences = new Map<number, number>(query.map((token) => [token, 0]));
  for (const token of body) {
    const count = occurrences.get(token);
    if (count !== undefined) occurrences.set(token, count + 1);
  }
  return body.map((token) => Math.round(ONE / (occurrences.get(token) ?? Number.POSITIVE_INFINITY)));
}

function bestStart(weight: readonly number[], size: number): number {
  let sum = 0;
  for (let i = 0; i < size; i++) sum += weight[i] as number;
  let best = { sum, first: 0, last: 0 };
  for (let start = 1; start + size <= weight.length; start++) {
    sum += (weight[start + size - 1] as number) - (weight[start - 1] as number);
    if (sum > best.sum) best = { sum, first: start, last: start };
    else if (sum === best.sum && best.last === start - 1) best.last = start;
  }
  return best.sum === 0 ? 0 : Math.floor((best.first + best.last) / 2);
}
