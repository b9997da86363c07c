/** Words of a query, and the reasons to leave a query as it is. */
import type { ExpansionSkipped } from "../core/types.js";
import { STOP_WORDS } from "../text/stop-words.js";

export interface QueryWord {
  /** Lower case, without the punctuation around it. */
  readonly text: string;
  /** A function word without a topic. */
  readonly stop: boolean;
  /** Not to be replaced: an identifier, a name, an acronym, a part of a quotation, another language's word. */
  readonly fixed: boolean;
  /** Whether nothing but a blank stands between it and the next word. */
  readonly joined: boolean;
}

/** The whole query in quotation marks, one pair or several, with what ends a sentence. */
const QUOTED = /^(?:(?:"[^"]+"|'[^']+'|`[^`]+`|“[^”]+”|„[^“”]+[“”]|‘[^’]+’|«[^»]+»)[\s,]*)+[?!.…]*$/u;
const QUOTATION = /"[^"]*"|`[^`]*`|“[^”]*”|„[^“”]*[“”]|«[^»]*»/gu;
/** Joined by `_ . / \ :: ( ) # = @ $ +`, camel case, letters with digits (a hyphen between them or not), or an option. */
const IDENTIFIER = /\w[._/\\:#=@$]+\w|_|\p{Ll}\p{Lu}|\p{L}-?\p{N}|\p{N}\p{L}|[()[\]{}<>=$@#\\|+]|^--?\p{L}|^[./~]/u;
const PLAIN_WORD = /^[a-z]+(?:[-'’][a-z]+)*$/;
const EDGES = /^[^\p{L}\p{N}]+|[^\p{L}\p{N}]+$/gu;
/** What may stand around a word without making it anything else. */
const PUNCTUATION = /^[("'“„‘«]+|[)"'“”’»?!.,;:…]+$/gu;

/** Why the query is to be searched as it is, if so. */
export function mustStay(query: string): Extract<ExpansionSkipped, "identifier" | "quoted_phrase"> | undefined {
  const text = query.trim();
  if (QUOTED.test(text)) return "quoted_phrase";
  const tokens = text.split(/\s+/).map((token) => token.replace(PUNCTUATION, ""));
  return text !== "" && tokens.every((token) => IDENTIFIER.test(token) || /^\p{N}+$/u.test(token))
    ? "identifier"
    : undefined;
}

export function readQuery(query: string): QueryWord[] {
  // What is quoted is blanked out letter by letter, so that its words are seen but not known.
  const text = query.replace(QUOTATION, (quotation) => quotation.replace(/[\p{L}\p{N}]/gu, "\u00b7"));
  const tokens = text.split(/\s+/).filter((token) => token !== "");
  return tokens.map((token, i) => {
    const bare = token.replace(EDGES, "");
    const lower = bare.toLowerCase();
    const capital = /^\p{Lu}/u.test(bare) && (i > 0 || /\p{Lu}/u.test(bare.slice(1)));
    const inner = token.replace(PUNCTUATION, "");
    return {
      text: lower,
      stop: STOP_WORDS.has(lower.replace(/['’].*$/, "")),
      fixed: capital || !PLAIN_WORD.test(lower) || IDENTIFIER.test(inner),
      joined: /[\p{L}\p{N}]$/u.test(token) && /^[\p{L}\p{N}]/u.test(tokens[i + 1] ?? ""),
    };
  });
}
