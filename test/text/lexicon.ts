/** The lexicon that is shipped, read once. */
import { readFileSync } from "node:fs";
import { LEXICON_FILE, Lexicon } from "#src/text/lexicon.js";

export const LEXICON_BYTES = readFileSync(LEXICON_FILE);
export const lexicon = new Lexicon(LEXICON_BYTES);
