/**
 * URI of a whole document, `aura://{collection}/{source}/{+path}`, and back. Parsers of URLs fold segments that are empty, `.`
 * or `..`, percent-encoded or not: those get a `~` in front, and so do segments that would read as one of them with it.
 */

const FOLDED = /^~*\.{0,2}$/;
const MARKED = /^~+\.{0,2}$/;

/** @param source the source's name, which holds no `/` */
export function documentUri(collection: string, source: string, document: string): string {
  return `aura://${encodeURIComponent(collection)}/${documentPath(`${source}/${document}`)}`;
}

/** The document's part of the address: ASCII without anything that a parser, or a reader, takes for something else. */
export function documentPath(document: string): string {
  return document
    .toWellFormed()
    .split("/")
    .map((segment) => encodeURIComponent(FOLDED.test(segment) ? `~${segment}` : segment))
    .join("/");
}

/** The parts of an address as `resources/read` and tools get it; undefined for what is none. */
export function addressOf(uri: string): { readonly collection: string; readonly document: string } | undefined {
  const [, collection = "", path = ""] = /^aura:\/\/([^/?#]+)\/(.+)$/is.exec(uri) ?? [];
  return path === "" ? undefined : { collection: decode(collection), document: documentOf(path) };
}

/** `<source>/<path>` of an address; of an address of an earlier version the path alone. */
export function documentOf(path: string): string {
  return path
    .split("/")
    .map(decode)
    .map((segment) => (MARKED.test(segment) ? segment.slice(1) : segment))
    .join("/");
}

export function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part; // a stray "%": it is taken as it is
  }
}
