/** Bounds on what an answer may hold. */

/** Characters of an answer unless the caller asks for more: hosts cut at 25,000 tokens or 50,000 characters. */
export const CHARS_PER_TOKEN = 4;
export const DEFAULT_MAX_TOKENS = 6_000;
export const LARGEST_MAX_TOKENS = 100_000;
/** Characters of a document's path, or of a source's name or place. */
export const LONGEST_PATH = 8_192;
/** Of an address or a cursor: a character of a path takes up to nine there. */
export const LONGEST_ADDRESS = 80_000;
/** Characters of the first passage's text, however small an answer was asked for. */
export const LEAST_CHARS = 200;
/** A result over 10 MiB ends a stdio connection. */
export const MAX_RESOURCE_CHARS = 2_000_000;
