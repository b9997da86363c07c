/** WordNet → the bytes of the lexicon's file: the same bytes from the same data, on every machine. */
import {
  type LexiconHeader,
  MAGIC,
  NAME_FLAG,
  PARTS_OF_SPEECH,
  type PartOfSpeech,
  padded,
  SECTIONS,
  type SectionName,
  SYNSET_BITS,
  sha256Of,
  WORDS_PER_BLOCK,
} from "../../src/text/lexicon-file.js";
import type { WordNet } from "./wordnet.js";

export function buildLexicon(wordnet: WordNet): Buffer {
  const words = [...new Set(wordnet.senses.map(({ word }) => word))].sort();
  const numberOf = new Map(words.map((word, number) => [word, number]));
  const { text, blocks } = frontCoded(words);
  const senses = sensesOf(wordnet, words);
  const members = wordnet.synsets.map((synset) =>
    synset.members.map((word) => {
      const number = numberOf.get(word.toLowerCase());
      if (number === undefined) throw new Error(`"${word}" has no sense`);
      return (number | (synset.instance || /[A-Z]/.test(word) ? NAME_FLAG : 0)) >>> 0;
    }),
  );
  const sections: Record<SectionName, Buffer> = {
    words: text,
    wordBlocks: numbers(blocks),
    wordSenses: numbers(starts(senses)),
    senses: numbers(senses.flat()),
    synsetMembers: numbers(starts(members)),
    members: numbers(members.flat()),
    exceptions: Buffer.from(
      wordnet.exceptions.map(({ form, partOfSpeech, lemma }) => `${form} ${partOfSpeech} ${lemma}\n`).join(""),
      "latin1",
    ),
  };
  const body = Buffer.concat(
    SECTIONS.flatMap((name) => [sections[name], Buffer.alloc(padded(sections[name].length) - sections[name].length)]),
  );
  const header: LexiconHeader = {
    wordnet: wordnet.version,
    words: words.length,
    synsets: wordnet.synsets.length,
    firstSynset: Object.fromEntries(
      PARTS_OF_SPEECH.map((name) => [name, wordnet.synsets.findIndex(({ partOfSpeech }) => partOfSpeech === name)]),
    ) as Record<PartOfSpeech, number>,
    bytes: Object.fromEntries(SECTIONS.map((name) => [name, sections[name].length])) as Record<SectionName, number>,
  };
  const checked = Buffer.concat([Buffer.from(`${JSON.stringify(header)}\n`, "latin1"), body]);
  return Buffer.concat([Buffer.from(`${MAGIC}${sha256Of(checked)}\n`, "latin1"), checked]);
}

/** Packed senses of each word, by part of speech, then most frequent first. */
function sensesOf({ senses }: WordNet, words: readonly string[]): number[][] {
  const byWord = new Map<string, typeof senses>();
  for (const sense of senses) byWord.set(sense.word, [...(byWord.get(sense.word) ?? []), sense]);
  return words.map((word) =>
    [...(byWord.get(word) ?? [])]
      .sort(
        (a, b) =>
          PARTS_OF_SPEECH.indexOf(a.partOfSpeech) - PARTS_OF_SPEECH.indexOf(b.partOfSpeech) ||
          a.rank - b.rank ||
          a.synset - b.synset,
      )
      .map(({ synset, tagged }) => (synset | (tagged << SYNSET_BITS)) >>> 0),
  );
}

function frontCoded(words: readonly string[]): { text: Buffer; blocks: number[] } {
  const bytes: number[] = [];
  const blocks: number[] = [];
  words.forEach((word, i) => {
    const first = i % WORDS_PER_BLOCK === 0;
    if (first) blocks.push(bytes.length);
    const shared = first ? 0 : sharedPrefix(word, words[i - 1] as string);
    bytes.push(shared, word.length - shared, ...Buffer.from(word.slice(shared), "latin1"));
  });
  return { text: Buffer.from(bytes), blocks };
}

function sharedPrefix(a: string, b: string): number {
  let length = 0;
  while (length < a.length && a[length] === b[length]) length++;
  return length;
}

function starts(lists: readonly (readonly number[])[]): number[] {
  const at = [0];
  for (const list of lists) at.push((at.at(-1) as number) + list.length);
  return at;
}

function numbers(values: readonly number[]): Buffer {
  const buffer = Buffer.alloc(values.length * 4);
  values.forEach((value, i) => {
    buffer.writeUInt32LE(value, i * 4);
  });
  return buffer;
}
