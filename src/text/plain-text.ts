/** A text as every reader of it gets it, analyser and models alike: its visible signs, each in its plain form. */
import { visibleOnly } from "../core/sanitize.js";

/** Most texts have nothing else. */
const UNUSUAL = /[^\t\n\r -~]/;
/**
 * Signs that a model knows as they are, and whose plain form says something else: 10⁵ is not 105, nor 1½ 11⁄2. The
 * spacing accents would become a blank and a mark.
 */
const OWN_MEANING =
  /[\u00a8\u00aa\u00af\u00b2-\u00b4\u00b8-\u00ba\u00bc-\u00be\u02d8-\u02dd\u2026\u2070-\u208e\u2120\u2122\u2150-\u215f\u2189]/;
const ALL_OTHERS =
  /[^\u00a8\u00aa\u00af\u00b2-\u00b4\u00b8-\u00ba\u00bc-\u00be\u02d8-\u02dd\u2026\u2070-\u208e\u2120\u2122\u2150-\u215f\u2189]+/gu;
/** No letter needs so many marks (UAX #15, Stream-Safe Text), and sorting them takes quadratic time. */
const MOST_MARKS = /(\p{M}{30})\p{M}+/gu;

/** Without signs that nobody sees, ligatures, full-width, circled and mathematical letters as those that are meant. */
export function plainText(text: string): string {
  if (!UNUSUAL.test(text)) return text;
  const visible = visibleOnly(text).replace(MOST_MARKS, "$1");
  if (!OWN_MEANING.test(visible)) return visible.normalize("NFKC");
  return visible.replace(ALL_OTHERS, (others) => others.normalize("NFKC"));
}
