/** What of Markdown says how a text looks or where it leads: targets of links, images, badges, tags, comments. */
import type { Span } from "../../core/types.js";

const LABEL = String.raw`\[((?:[^[\]\\]|\\.){0,1000})\]`;
/** Of a link or an image: an address, or the name of a definition. */
const TARGET = String.raw`(?:\((?:[^()\n\\]|\\.|\([^()\n]{0,500}\)){0,4000}\)|\[[^[\]\n]{0,300}\])`;
const CODE = String.raw`(\`[^\`\n]{1,1000}\`)`;
const BADGE = String.raw`(\[!${LABEL}${TARGET}\s{0,3}\]${TARGET}?)`;
const IMAGE = `!${LABEL}(${TARGET})`;
const LINK = `${LABEL}${TARGET}`;
const DEFINITION = String.raw`(^[ >]{0,8}\[(?!\^)[^[\]\n]{1,300}\]:[ \t]{0,20}\S[^\n]{0,4000})`;
const TAG = String.raw`(<!--(?:(?!<!--)[^]){0,20000}?-->|<\/?[a-z][\w-]{0,60}(?::[a-z][\w-]{0,60})?(?=[\s/>])[^<>]{0,4000}>)`;
/** Groups: code, definition, tag, badge; then its label, an image's label and target, a link's label. */
const MARKUP = new RegExp([CODE, DEFINITION, TAG, BADGE, IMAGE, LINK].join("|"), "gim");
/** An image that shows the state of something, by its address. */
const STATE = /badge|shields?\b/i;

/** In order, not overlapping. Code in backquotes has none. @param text of Markdown without blocks of code @param from its offset */
export function markupSpans(text: string, from: number): Span[] {
  if (!/[[<]/.test(text)) return [];
  const spans: Span[] = [];
  const add = (start: number, end: number) => spans.push({ start: from + start, end: from + end });
  for (const found of text.matchAll(MARKUP)) {
    const { 0: whole, index, 1: code, 6: image, 7: target = "", 8: link } = found;
    const end = index + whole.length;
    const label = STATE.test(target) ? undefined : (image ?? link);
    if (code !== undefined) continue;
    if (label === undefined) add(index, end);
    else {
      const start = index + (image === undefined ? 1 : 2);
      add(index, start);
      add(start + label.length, end);
    }
  }
  return spans;
}
