/** `npm run lexicon [-- <folder>]`: makes the files of lexicon/ from WordNet's database. */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { LEXICON_FILE } from "../../src/text/lexicon.js";
import { buildLexicon } from "./build.js";
import { readWordNet } from "./wordnet.js";

const file = join(process.argv[2] ?? resolve(import.meta.dirname, "..", "..", ".."), LEXICON_FILE);
const wordnet = readWordNet();
const lexicon = buildLexicon(wordnet);
mkdirSync(dirname(file), { recursive: true });
writeFileSync(file, lexicon);
writeFileSync(join(dirname(file), "LICENSE"), wordnet.licence);
process.stdout.write(`${file}: ${lexicon.length} bytes, ${wordnet.synsets.length} synsets\n`);
