/** `npm run lexicon`: makes the files of lexicon/ from WordNet's database. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { LEXICON_FILE } from "../../src/expand/lexicon.js";
import { buildLexicon } from "./build.js";
import { readWordNet } from "./wordnet.js";

const root = resolve(import.meta.dirname, "..", "..", "..");
const wordnet = readWordNet();
const lexicon = buildLexicon(wordnet);
mkdirSync(join(root, "lexicon"), { recursive: true });
writeFileSync(join(root, LEXICON_FILE), lexicon);
writeFileSync(join(root, "lexicon", "LICENSE"), wordnet.licence);
process.stdout.write(`${LEXICON_FILE}: ${lexicon.length} bytes, ${wordnet.synsets.length} synsets\n`);
