/**
 * The lexicon's file, written by tools/lexicon and read here. Three lines: what it is, the sha256 of all that follows, a
 * JSON header. Then sections of little-endian 32-bit numbers or bytes, each padded to a multiple of 4.
 */
import { createHash } from "node:crypto";

export const MAGIC = "aura lexicon 1\n";
/** Hexadecimal digits. */
const SHA256_LENGTH = 64;
/** Parts of speech in the order of their synsets. */
export const PARTS_OF_SPEECH = ["noun", "verb", "adjective", "adverb"] as const;
export type PartOfSpeech = (typeof PARTS_OF_SPEECH)[number];

/** Words between two that are written in full; the others only as what differs from the word before. */
export const WORDS_PER_BLOCK = 16;
/** A sense is one number: the synset in the low bits, how often the sense was tagged above. */
export const SYNSET_BITS = 17;
/** Marks a member of a synset that is a name: written with a capital, or an instance (a person, a place). */
export const NAME_FLAG = 0x8000_0000;

export const SECTIONS = [
  /** Sorted words, each as: bytes shared with the word before, bytes that follow, those bytes (ASCII). */
  "words",
  /** Where each block of words begins in `words`. */
  "wordBlocks",
  /** Where each word's senses begin in `senses`; one more at the end. */
  "wordSenses",
  /** By part of speech, then most frequent first. */
  "senses",
  /** Where each synset's members begin in `members`; one more at the end. */
  "synsetMembers",
  /** Numbers of words, perhaps with NAME_FLAG. */
  "members",
  /** Irregular forms, a line each: form, part of speech, lemma. */
  "exceptions",
] as const;
export type SectionName = (typeof SECTIONS)[number];

export interface LexiconHeader {
  readonly wordnet: string;
  readonly words: number;
  readonly synsets: number;
  /** Number of the first synset of each part of speech. */
  readonly firstSynset: Readonly<Record<PartOfSpeech, number>>;
  /** Bytes of each section, in order, without its padding. */
  readonly bytes: Readonly<Record<SectionName, number>>;
}

export interface LexiconFile {
  readonly header: LexiconHeader;
  /** Bytes of a section, at an address that fits 32-bit numbers. */
  readonly section: (name: SectionName) => Uint8Array<ArrayBuffer>;
}

/** @throws Error when the bytes are no such file, or damaged */
export function openLexiconFile(file: Buffer): LexiconFile {
  if (file.toString("latin1", 0, MAGIC.length) !== MAGIC) throw new Error("it is no lexicon of this version");
  const checked = MAGIC.length + SHA256_LENGTH + 1;
  if (file.toString("latin1", MAGIC.length, checked - 1) !== sha256Of(file.subarray(checked))) {
    throw new Error("its checksum is wrong");
  }
  const end = file.indexOf("\n", checked);
  const header = JSON.parse(file.toString("latin1", checked, end)) as LexiconHeader;
  // A copy begins at an aligned address, whatever the header's length.
  const body = new Uint8Array(file.subarray(end + 1));
  return {
    header,
    section(name) {
      const before = SECTIONS.slice(0, SECTIONS.indexOf(name));
      const start = before.reduce((sum, each) => sum + padded(header.bytes[each]), 0);
      return body.subarray(start, start + header.bytes[name]);
    },
  };
}

export function sha256Of(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

export function padded(bytes: number): number {
  return Math.ceil(bytes / 4) * 4;
}
