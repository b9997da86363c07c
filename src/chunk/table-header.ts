/** What stands in front of a piece of a table: the row that names its columns. */
import type { Block, Span } from "../core/types.js";
import type { CountTokens } from "./count.js";
import { characterBoundary } from "./spans.js";

export interface TableHeader {
  /** Offset in the document's text: what begins behind it does not hold it. */
  readonly end: number;
  /** Possibly shortened. */
  readonly text: string;
  readonly tokens: number;
}

const MAX_LENGTH = 800;
const CUT = " …";

/** A header while it is made to fit. */
interface Draft {
  readonly span: Span;
  readonly maxTokens: number;
  /** Characters of it that are left. */
  length: number;
  made?: TableHeader;
}

/** Of each block; undefined for one without, and where nothing fits. None takes more than a quarter of its block's budget. */
export async function tableHeadersOf(
  text: string,
  blocks: readonly Block[],
  budgets: readonly number[],
  count: CountTokens,
): Promise<(TableHeader | undefined)[]> {
  const drafts = new Map<string, Draft>();
  const ofBlock = blocks.map(({ header: span }, i) => {
    if (span === undefined) return undefined;
    const maxTokens = Math.floor((budgets[i] as number) / 4);
    const key = `${span.start} ${span.end} ${maxTokens}`;
    const draft = drafts.get(key) ?? { span, maxTokens, length: Math.min(span.end - span.start, MAX_LENGTH) };
    drafts.set(key, draft);
    return draft;
  });
  for (let open = [...drafts.values()]; open.length > 0; ) {
    const texts = open.map((draft) => shown(text, draft));
    const counts = await count(texts);
    open.forEach((draft, i) => {
      const tokens = counts[i] as number;
      if (tokens <= draft.maxTokens) draft.made = { end: draft.span.end, text: texts[i] as string, tokens };
      else draft.length = Math.floor(draft.length * 0.75);
    });
    open = open.filter(({ made, length }) => made === undefined && length > 0);
  }
  return ofBlock.map((draft) => draft?.made);
}

/** Cut behind a cell or a word, with a sign that it is. */
function shown(text: string, { span, length }: Draft): string {
  const { start, end } = span;
  if (start + length >= end) return text.slice(start, end);
  const head = text.slice(start, characterBoundary(text, start + length));
  return `${head.replace(/[\s,;|]+[^\s,;|]*$/, "")}${CUT}`;
}
